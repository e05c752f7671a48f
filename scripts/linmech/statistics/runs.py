"""A few runs of one thing that differ in their seeds alone: means with intervals, differences run by run, curves."""

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

from linmech.statistics.bootstrap import LEVEL, Interval


def over_runs(values: Float[np.ndarray, " run"]) -> Interval:
    """The mean of some runs with Student's interval, and its p against zero; of fewer than two, no interval.

    Runs are few and drawn anew, so they are neither resampled nor pooled with images.
    """
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Interval(mean, float("nan"), float("nan"))
    error = float(np.std(values, ddof=1)) / count**0.5
    reach = float(stats.t.ppf((1 + LEVEL) / 2, count - 1)) * error
    p = float(2 * stats.t.sf(abs(mean) / error, count - 1)) if error > 0 else float(mean == 0)
    return Interval(mean, mean - reach, mean + reach, p)


@dataclass(frozen=True)
class Paired:
    """The mean difference of two arms, run by run, with its interval and p (Student); `flips`: the share of all ways to
    exchange the arms within runs whose mean difference is as far from zero, exact: no less than 2 / 2^runs.
    """

    estimate: float
    low: float
    high: float
    p: float
    flips: float
    runs: int


def paired(first: Float[np.ndarray, " run"], second: Float[np.ndarray, " run"]) -> Paired:
    """first - second, both of the same runs in the same order."""
    differences = np.asarray(first, float) - np.asarray(second, float)
    found = over_runs(differences)
    signs = np.array(list(itertools.product((-1, 1), repeat=len(differences))))
    beyond = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12
    return Paired(found.estimate, found.low, found.high, found.p, float(beyond.mean()), len(differences))


def area(steps: Float[np.ndarray, " step"], values: Float[np.ndarray, " step"]) -> float:
    """The area under a curve over its steps, by its length: the curve's mean height."""
    return float(np.trapezoid(values, steps) / (steps[-1] - steps[0]))


def steps_to(steps: Float[np.ndarray, " step"], values: Float[np.ndarray, " step"], level: float) -> float:
    """The step at which a curve first reaches a level, between two steps by a line; NaN where it never does."""
    above = np.flatnonzero(values >= level)
    if not len(above):
        return float("nan")
    at = int(above[0])
    if at == 0:
        return float(steps[0])
    share = (level - values[at - 1]) / (values[at] - values[at - 1])
    return float(steps[at - 1] + share * (steps[at] - steps[at - 1]))
