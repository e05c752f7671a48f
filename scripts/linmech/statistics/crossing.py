"""Where a curve crosses zero, and how well crossings follow what they should."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from linmech.statistics.bootstrap import Column, Interval, interval_of


def crossing(x: Float[np.ndarray, " step"], y: Float[np.ndarray, " step"]) -> float:
    """The place nearest to x = 0 where y changes its sign, between two steps by a line; NaN where it never does."""
    order = np.argsort(x)
    x, y = x[order], y[order]
    turns = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    places = [x[n] - y[n] * (x[n + 1] - x[n]) / (y[n + 1] - y[n]) for n in turns] + list(x[y == 0])
    return float(min(places, key=abs)) if places else float("nan")


def mean_crossing(
    x: Float[np.ndarray, " step"], curves: Float[np.ndarray, "curve step"], clusters: Column, *, seed: int = 0
) -> Interval:
    """Where the mean of some curves crosses zero first, seen from x = 0 (`crossing`), resampling whole clusters.

    NaN where it never does, with no interval where the mean of some resample never does.
    """
    codes = np.unique(np.asarray(clusters), return_inverse=True)[1]
    sums = np.stack([np.bincount(codes, step) for step in curves.T], axis=1)

    def crossed(weights: Int[np.ndarray, "replicate cluster"]) -> Float[np.ndarray, " replicate"]:
        return np.array([crossing(x, mean) for mean in weights @ sums])

    return interval_of(crossed, clusters, seed=seed)


@dataclass(frozen=True)
class Calibration:
    """How crossings follow the true values: slope and correlation of a line through them, median absolute error, and
    the share of the curves that cross at all. NaN where fewer than three do.
    """

    slope: float
    r: float
    error: float
    share: float


def calibrated(true: Float[np.ndarray, " curve"], found: Float[np.ndarray, " curve"]) -> Calibration:
    """Crossings `found` (NaN = none) against the `true` ones."""
    known = np.isfinite(found)
    share = float(known.mean()) if len(known) else float("nan")
    if known.sum() < 3 or np.ptp(true[known]) == 0:
        return Calibration(float("nan"), float("nan"), float("nan"), share)
    slope = np.polyfit(true[known], found[known], 1)[0]
    r = np.corrcoef(true[known], found[known])[0, 1] if np.ptp(found[known]) > 0 else 0.0
    return Calibration(float(slope), float(r), float(np.median(np.abs(found - true)[known])), share)
