"""Intervals that respect images, and corrections for many tests.

Two questions on one image are not independent, so every interval resamples images (clusters), never rows.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int

from linmech.errors import LinmechError
from linmech.seeds import rng

REPLICATES = 2000
LEVEL = 0.95
BLOCK = 4_000_000  # counts that are drawn at once
KEPT = 1_000_000  # counts that are kept for the next interval
Column = Sequence | np.ndarray | pd.Series


@dataclass(frozen=True)
class Interval:
    """An estimate with its percentile interval and a two-sided bootstrap p-value against zero.

    With fewer than two clusters nothing is known about the spread: `low`, `high` and `p` are NaN.
    """

    estimate: float
    low: float
    high: float
    p: float = float("nan")


def bootstrap(
    values: Column,
    clusters: Column,
    statistic: str = "mean",
    *,
    n: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """Interval of the "mean" or the "median" of `values`, resampling whole clusters (the image of each value).

    Raises LinmechError for NaN values, unequal lengths, no values, or an unknown statistic.
    """
    values, codes = _checked(values, clusters)
    estimator = _estimator(statistic)
    return _interval(lambda weights: estimator(values, codes, weights), codes, n, level, seed)


def ratio_of_sums(
    numerator: Column,
    denominator: Column,
    clusters: Column,
    *,
    n: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """Interval of sum(numerator) / sum(denominator), resampling clusters.

    Stands in for the mean of ratios, which has no finite variance where single denominators come near zero.
    """
    above, codes = _checked(numerator, clusters)
    below, _ = _checked(denominator, clusters)

    def ratio(weights: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (weights @ np.bincount(codes, above)) / (weights @ np.bincount(codes, below))

    return _interval(ratio, codes, n, level, seed)


def slope(
    x: Column, y: Column, clusters: Column, *, n: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """Interval of the slope of the least-squares line of y on x, resampling clusters."""
    across, codes = _checked(x, clusters)
    across = across - across.mean()
    up, _ = _checked(y, clusters)

    def line(weights: np.ndarray) -> np.ndarray:
        count, sx, sy, sxx, sxy = (
            weights @ np.bincount(codes, part) for part in (np.ones(len(up)), across, up, across * across, across * up)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return (count * sxy - sx * sy) / (count * sxx - sx * sx)

    return _interval(line, codes, n, level, seed)


def interval_of(
    statistic: Callable[[Int[np.ndarray, "replicate cluster"]], np.ndarray], clusters: Column,
    *, n: int = REPLICATES, level: float = LEVEL, seed: int = 0,
) -> Interval:  # fmt: skip
    """Interval of a statistic that maps how often each cluster is drawn, in sorted order, to a value per replicate.

    The interval is NaN where the statistic of any replicate is.
    """
    _, codes = _checked(np.zeros(len(clusters)), clusters)
    return _interval(statistic, codes, n, level, seed)


def paired_difference(
    first: Column,
    second: Column,
    clusters: Column,
    statistic: str = "mean",
    *,
    n: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """Interval of statistic(first) - statistic(second): both arms hold the same items and share each resample."""
    one, codes = _checked(first, clusters)
    two, _ = _checked(second, clusters)
    estimator = _estimator(statistic)
    return _interval(lambda w: estimator(one, codes, w) - estimator(two, codes, w), codes, n, level, seed)


def _checked(values: object, clusters: object) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(values, dtype=np.float64)
    codes = pd.factorize(np.asarray(clusters), sort=True)[0]
    if values.ndim != 1 or values.shape != codes.shape or not len(values):
        raise LinmechError(f"bootstrap needs one cluster per value, got {values.shape} values, {codes.shape} clusters")
    if np.isnan(values).any():
        raise LinmechError(
            f"{int(np.isnan(values).sum())} of {len(values)} values are NaN: decide what they mean first"
        )
    return values, codes


def _resamples(codes: Int[np.ndarray, " row"], n: int, seed: int) -> Iterator[Int[np.ndarray, "replicate cluster"]]:
    """How often each cluster is drawn in each replicate, in blocks that fit in memory."""
    clusters = int(codes.max()) + 1
    if n * clusters > KEPT:
        yield from _drawn(clusters, n, seed)
    else:
        yield _kept(clusters, n, seed)


@functools.lru_cache(maxsize=16)
def _kept(clusters: int, n: int, seed: int) -> Int[np.ndarray, "replicate cluster"]:
    """The resamples that hundreds of a figure's intervals have in common."""
    whole = np.concatenate(list(_drawn(clusters, n, seed)))
    whole.flags.writeable = False
    return whole


def _drawn(clusters: int, n: int, seed: int) -> Iterator[Int[np.ndarray, "replicate cluster"]]:
    generator = rng(seed, "bootstrap", n)
    for left in range(n, 0, -max(BLOCK // clusters, 1)):
        size = min(left, max(BLOCK // clusters, 1))
        yield generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=size)


def _mean(values: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (weights @ np.bincount(codes, values)) / (weights @ np.bincount(codes))


def _median(values: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Median of the values, each repeated as often as its cluster was drawn."""
    order = np.argsort(values, kind="stable")
    ranked, codes = values[order], codes[order]
    medians = []
    for row in weights:
        cumulated = np.cumsum(row[codes])
        middle = cumulated[-1] / 2
        low, high = np.searchsorted(cumulated, middle, "left"), np.searchsorted(cumulated, middle, "right")
        medians.append((ranked[low] + ranked[high]) / 2)
    return np.array(medians)


def _estimator(statistic: str):
    if statistic not in ("mean", "median"):
        raise LinmechError(f"unknown statistic {statistic!r}: use 'mean' or 'median'")
    return _mean if statistic == "mean" else _median


def _interval(
    estimate: Callable[[np.ndarray], np.ndarray], codes: Int[np.ndarray, " row"], n: int, level: float, seed: int
) -> Interval:
    """`estimate` maps (replicate cluster) weights to (replicate) values; weights of one give the estimate itself."""
    point = float(estimate(np.ones((1, int(codes.max()) + 1), dtype=np.int64))[0])
    if codes.max() == 0:
        return Interval(point, float("nan"), float("nan"))
    draws = np.concatenate([estimate(weights) for weights in _resamples(codes, n, seed)])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    tail = min(np.count_nonzero(draws <= 0), np.count_nonzero(draws >= 0))
    return Interval(point, float(low), float(high), min(1.0, 2 * (tail + 1) / (len(draws) + 1)))
