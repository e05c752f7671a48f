"""The additive model behind the spatial IDs (method section 3), fitted while the cached rows stream by.

    residual[row] = object + role + cell + partner cell + size + rest,   effects of the cells summing to zero

by least squares in float64. The paper's estimator (Eqs 2-4), the mean per noun and cell, is the option "mean": as the
partner never stands in the noun's own cell, the partner's effect leaks into that mean.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from linmech.errors import LinmechError

ESTIMATORS = ("least-squares", "mean")
ROUNDING = 1e-7
ROLES = ("subject", "reference")
FACTORS = ("role", "cell", "partner", "size")


def describe_rows(index: pd.DataFrame, questions: pd.DataFrame) -> pd.DataFrame:
    """What the model is told about each cached row (item, role): noun, column, row, role, cell, partner and size.

    `cell` and `partner` count column * rows + row; partner is -1 where the question names no second noun.
    Raises LinmechError for an unknown item, a role that is no noun, or a noun off the grid.
    """
    known = questions.set_index("item")
    if lost := sorted(set(index["item"]) - set(known.index)):
        raise LinmechError(
            f"item {lost[0]!r} of the activations is not in questions.parquet: run cache_activations again"
        )
    if odd := sorted(set(index["role"]) - set(ROLES)):
        raise LinmechError(f"role {odd[0]!r} has no cell: spatial IDs are read at subject and reference")
    joined = known.loc[index["item"]].reset_index()
    subject = (index["role"] == "subject").to_numpy()
    table = pd.DataFrame({"role": index["role"].to_numpy()})
    table["noun"] = np.where(subject, joined["subject"], joined["reference"])
    for name in ("column", "row"):
        own, other = joined[f"subject_{name}"].to_numpy(), joined[f"reference_{name}"].to_numpy()
        table[name], table[f"partner_{name}"] = np.where(subject, own, other), np.where(subject, other, own)
    if (off := table[["column", "row"]].min(axis=1) < 0).any():
        raise LinmechError(
            f"item {index['item'][off.to_numpy().argmax()]!r} is off the grid: IDs need the grid's data set"
        )
    rows = int(table["row"].max()) + 1
    table["cell"] = table["column"] * rows + table["row"]
    table["partner"] = np.where(table["partner_column"] < 0, -1, table["partner_column"] * rows + table["partner_row"])
    table["size"] = joined["size"].to_numpy()
    return table


class Sums:
    """Normal equations of the additive model, summed per noun while the rows stream by: X'X (counts) and X'Y.

    `add` every chunk once, then ask `cells` for the IDs of any set of nouns, by either estimator.
    """

    def __init__(self, table: pd.DataFrame, hidden: int):
        self.nouns = sorted(table["noun"].unique())
        self.shape = int(table["column"].max()) + 1, int(table["row"].max()) + 1
        codes = [pd.factorize(table[name], sort=True)[0] for name in FACTORS]
        codes[1] = table["cell"].to_numpy()
        widths = [int(code.max()) + 1 for code in codes]
        widths[1] = self.shape[0] * self.shape[1]
        starts = np.concatenate([[0], np.cumsum(widths)])
        self.cell = slice(int(starts[1]), int(starts[2]))
        self.levels = np.stack(codes, axis=1) + starts[:-1]
        self.noun = np.searchsorted(self.nouns, table["noun"].to_numpy(dtype=str))
        self.p = int(starts[-1])
        self.products = np.zeros((len(self.nouns), self.p, self.p))
        self.sums = np.zeros((len(self.nouns), self.p, hidden))
        self.rows, self.norm = 0, 0.0

    def add(self, rows: slice, residuals: Float[np.ndarray, "row hidden"]) -> None:
        """Add one chunk: the residuals of the table's `rows`. Raises LinmechError where one is not finite."""
        if not np.isfinite(residuals).all():
            raise LinmechError("a residual is not finite: cache the activations as float32 (activations.dtype) again")
        values = residuals.astype(np.float64)
        for noun in np.unique(self.noun[rows]):
            member = np.flatnonzero(self.noun[rows] == noun)
            design = _one_hot(self.levels[rows][member], self.p)
            self.products[noun] += (design.T @ design).toarray()
            self.sums[noun] += design.T @ values[member]
        self.rows += len(values)
        self.norm += float(np.linalg.norm(values, axis=1).sum())

    def cells(self, nouns: Iterable[str], estimator: str = "least-squares") -> Float[np.ndarray, "column row hidden"]:
        """Universal IDs over `nouns`; zero where all of them lie below the rounding of the residuals.

        Raises LinmechError where the rows of these nouns do not determine the cells.
        """
        if estimator not in ESTIMATORS:
            raise LinmechError(f"config key ids.estimator: {estimator!r} is not one of {', '.join(ESTIMATORS)}")
        chosen = np.isin(self.nouns, list(nouns))
        fit = _least_squares if estimator == "least-squares" else _means
        effects = fit(self.products[chosen], self.sums[chosen], self.cell)
        effects -= effects.mean(axis=0)
        if self.relative_norm(effects) <= ROUNDING:
            effects[:] = 0
        return effects.reshape(*self.shape, -1)

    def relative_norm(self, ids: Float[np.ndarray, "*cell hidden"]) -> float:
        """Mean norm of `ids` over the mean norm of the residuals added."""
        return float(np.linalg.norm(ids, axis=-1).mean() / (self.norm / self.rows))


def _one_hot(levels: Int[np.ndarray, "row factor"], p: int) -> csr_array:
    rows = np.repeat(np.arange(len(levels)), levels.shape[1])
    return csr_array((np.ones(levels.size), (rows, levels.ravel())), shape=(len(levels), p))


def _least_squares(products: np.ndarray, sums: np.ndarray, cell: slice) -> Float[np.ndarray, "cell hidden"]:
    """Cell effects with a free mean per noun, by the normal equations of everything centred within its noun."""
    counts = np.einsum("npp->np", products)
    rows, totals = counts[:, cell].sum(axis=1), sums[:, cell].sum(axis=1)
    normal = products.sum(axis=0) - np.einsum("np,nq->pq", counts / rows[:, None], counts)
    right = sums.sum(axis=0) - np.einsum("np,nh->ph", counts / rows[:, None], totals)
    values, vectors = np.linalg.eigh(normal)
    free = values < 1e-9 * values.max()
    if np.ptp(vectors[cell, free], axis=0).max(initial=0.0) > 1e-6:
        raise LinmechError(
            "the images do not determine the effect of every cell: raise stimuli.grid.pairs or stimuli.grid.placements"
        )
    inverse = vectors[:, ~free] / values[~free]
    return (inverse @ (vectors[:, ~free].T @ right))[cell]


def _means(products: np.ndarray, sums: np.ndarray, cell: slice) -> Float[np.ndarray, "cell hidden"]:
    """The paper's Eqs 2-4: the mean per noun and cell, centred within the noun, averaged over the nouns."""
    counts = np.einsum("npp->np", products)[:, cell]
    if (counts == 0).any():
        raise LinmechError(
            f"{int((counts == 0).any(1).sum())} nouns are never shown in some cell: use ids.estimator least-squares"
        )
    means = sums[:, cell] / counts[..., None]
    return (means - means.mean(axis=1, keepdims=True)).mean(axis=0)
