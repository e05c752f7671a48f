"""How two traits of things that come in families go together, at equal values of a third one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from linmech.seeds import rng
from linmech.statistics.bootstrap import LEVEL, REPLICATES

FEWEST = 8  # things, below which no correlation is told
FREE = 4  # things in families of several, more than families and the third trait take


@dataclass(frozen=True)
class Association:
    """Spearman's correlations: `plain`; `partial`, at equal values of the third trait; `within` families as well.

    `p` and `low` to `high` (95 %): of permutations within families. Of fewer than FEWEST things, or where families are
    too small, what cannot be told is NaN. `x` and `y`: the ranks less what the third trait's rank foretells.
    """

    plain: float
    partial: float
    within: float
    low: float
    high: float
    p: float
    x: Float[np.ndarray, " thing"]
    y: Float[np.ndarray, " thing"]


def association(
    x: Float[np.ndarray, " thing"],
    y: Float[np.ndarray, " thing"],
    third: Float[np.ndarray, " thing"],
    families: Sequence[str],
    *,
    seed: int = 0,
    n: int = REPLICATES,
) -> Association:
    """How `x` and `y` go together at equal values of `third` (section 5, Fig 9)."""
    if len(x) < FEWEST:
        none = float("nan")
        return Association(none, none, none, none, none, none, np.full(len(x), none), np.full(len(x), none))
    across, up, other = (rankdata(values) for values in (x, y, third))
    rest = [_residuals(ranks, np.column_stack([np.ones(len(other)), other])) for ranks in (across, up)]
    plain, partial = _cosine(across - across.mean(), up - up.mean()), _cosine(*rest)
    return Association(plain, partial, *_within(across, up, other, np.array(families), seed, n), *rest)


def _within(
    x: np.ndarray, y: np.ndarray, third: np.ndarray, families: np.ndarray, seed: int, n: int
) -> tuple[float, float, float, float]:
    """(r, low, high, p) of what is left of x and y within families of several, by permutations of x's residuals."""
    names, sizes = np.unique(families, return_counts=True)
    names = names[sizes > 1]
    inside = np.isin(families, names)
    if inside.sum() < len(names) + 1 + FREE:
        return (float("nan"),) * 4
    x, y, third, families = x[inside], y[inside], third[inside], families[inside]
    design = np.column_stack([*(families == name for name in names), third]).astype(float)
    left, right = _residuals(x, design), _residuals(y, design)
    found, draw, chance = _cosine(left, right), rng(seed, "within families", n), []
    for _ in range(n):
        order = np.arange(len(left))
        for name in names:
            own = np.flatnonzero(families == name)
            order[own] = draw.permutation(own)
        chance.append(_cosine(_residuals(left[order], design), right))
    low, high = np.quantile(chance, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    p = (np.count_nonzero(np.abs(chance) >= abs(found) - 1e-12) + 1) / (n + 1)
    return found, float(low), float(high), float(p)


def _residuals(values: np.ndarray, design: Float[np.ndarray, "thing column"]) -> np.ndarray:
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    """0 where one of them is nothing but rounding."""
    size = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / size) if size > 1e-9 * len(one) else 0.0
