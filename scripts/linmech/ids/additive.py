"""The additive model behind the IDs (method section 3), solved from its normal equations (`design`).

    residual[row] = object + role + cell + partner cell + size + rest,   effects of the cells summing to zero

by least squares in float64. The paper's estimator (Eqs 2-4), the mean per noun and cell, is the option "mean": as the
partner never stands in the noun's own cell, the partner's effect leaks into that mean.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.ids.design import Sums

ESTIMATORS = ("least-squares", "mean")
ROUNDING = 1e-7


class UndeterminedError(LinmechError):
    """Rows that leave the effect of some cell open."""


def cells(
    sums: Sums, nouns: Iterable[str], estimator: str = "least-squares", role: str = ""
) -> Float[np.ndarray, "*cell hidden"]:
    """Universal IDs over `nouns`, an axis per coordinate; zero where all lie below the rounding of the residuals.

    `role`: from the rows of nouns in that role alone ("" = all). Raises LinmechError where the rows of these nouns do
    not determine the cells.
    """
    if estimator not in ESTIMATORS:
        raise LinmechError(f"config key ids.estimator: {estimator!r} is not one of {', '.join(ESTIMATORS)}")
    chosen = np.isin(sums.nouns, list(nouns))
    fit = _least_squares if estimator == "least-squares" else _means
    roles = [not role or role == held for held in sums.roles]
    products, totals = (part[roles].sum(axis=0)[chosen] for part in (sums.products, sums.sums))
    effects = fit(products, totals, sums.cell)
    effects -= effects.mean(axis=0)
    if relative_norm(sums, effects) <= ROUNDING:
        effects[:] = 0
    return effects.reshape(*sums.shape, -1)


def cells_by_noun(sums: Sums, nouns: Iterable[str]) -> dict[str, Float[np.ndarray, "*cell hidden"]]:
    """Each noun's own IDs, less what role, partner and size explain over all of `nouns`; NaN in cells that it is never
    shown in. Each sums to zero over the others.
    """
    chosen = np.isin(sums.nouns, list(nouns))
    products, totals = (part.sum(axis=0)[chosen] for part in (sums.products, sums.sums))
    others = _effects(products, totals, sums.cell)
    others[sums.cell] = 0
    found = {}
    for noun, counts, total in zip(np.array(sums.nouns)[chosen], products, totals, strict=True):
        shown = np.diag(counts)[sums.cell][:, None]
        rest = np.divide(
            (total - counts @ others)[sums.cell],
            shown,
            out=np.full((len(shown), total.shape[1]), np.nan),
            where=shown > 0,
        )
        found[str(noun)] = (rest - np.nanmean(rest, axis=0)).reshape(*sums.shape, -1)
    return found


def noun_means(sums: Sums) -> Float[np.ndarray, "noun hidden"]:
    """The mean residual of each noun, in the order of `sums.nouns`."""
    counts = np.einsum("rnpp->np", sums.products)[:, sums.cell].sum(axis=1)
    return sums.sums.sum(axis=0)[:, sums.cell].sum(axis=1) / counts[:, None]


def residual_noise(sums: Sums) -> Float[np.ndarray, "sketch hidden"]:
    """Independent draws of noise with the covariance that residuals have within a noun."""
    return (sums.sketch - sums.signs @ noun_means(sums)) / np.sqrt(sums.rows)


def relative_norm(sums: Sums, ids: Float[np.ndarray, "*cell hidden"]) -> float:
    """Mean norm of `ids` over the mean norm of the residuals added."""
    return float(np.linalg.norm(ids, axis=-1).mean() / (sums.norm / sums.rows))


def _least_squares(products: np.ndarray, sums: np.ndarray, cell: slice) -> Float[np.ndarray, "cell hidden"]:
    return _effects(products, sums, cell)[cell]


def _effects(products: np.ndarray, sums: np.ndarray, cell: slice) -> Float[np.ndarray, "p hidden"]:
    """All effects with a free mean per noun, by the normal equations of everything centred within its noun."""
    counts = np.einsum("npp->np", products)
    rows, totals = counts[:, cell].sum(axis=1), sums[:, cell].sum(axis=1)
    normal = products.sum(axis=0) - np.einsum("np,nq->pq", counts / rows[:, None], counts)
    right = sums.sum(axis=0) - np.einsum("np,nh->ph", counts / rows[:, None], totals)
    inverse, vectors = inverted(normal, cell)
    return inverse @ (vectors.T @ right)


def inverted(
    normal: Float[np.ndarray, "p p"], cell: slice
) -> tuple[Float[np.ndarray, "p rank"], Float[np.ndarray, "p rank"]]:
    """Two factors, A and B, of the pseudoinverse A B' of normal equations.

    Raises UndeterminedError where they leave the differences of cells open.
    """
    values, vectors = np.linalg.eigh(normal)
    free = values <= 1e-9 * values.max()
    if np.ptp(vectors[cell, free], axis=0).max(initial=0.0) > 1e-6:
        raise UndeterminedError(
            "the images do not determine the effect of every cell: raise pairs, placements or arrangements of it"
        )
    return vectors[:, ~free] / values[~free], vectors[:, ~free]


def _means(products: np.ndarray, sums: np.ndarray, cell: slice) -> Float[np.ndarray, "cell hidden"]:
    """The paper's Eqs 2-4: the mean per noun and cell, centred within the noun, averaged over the nouns."""
    counts = np.einsum("npp->np", products)[:, cell]
    if (counts == 0).any():
        raise LinmechError(
            f"{int((counts == 0).any(1).sum())} nouns are never shown in some cell: use ids.estimator least-squares"
        )
    means = sums[:, cell] / counts[..., None]
    return (means - means.mean(axis=1, keepdims=True)).mean(axis=0)
