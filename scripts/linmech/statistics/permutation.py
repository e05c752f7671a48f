"""What is found beside runs in which there is nothing to find."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Chance:
    """Of `runs` runs: 95 % of them give `low` to `high`, and a share `p` is at least as far from 0 as what was found,
    counted among them; with 19 runs it is at least 0.05.
    """

    p: float
    low: float
    high: float
    runs: int


def by_chance(found: float, runs: Float[np.ndarray, " run"]) -> Chance:
    """What was `found` among `runs` of the same, each of which could have been it, were there nothing to find.

    Without runs all but their number is NaN.
    """
    if not len(runs):
        return Chance(float("nan"), float("nan"), float("nan"), 0)
    beyond = np.count_nonzero(np.abs(runs) >= abs(found) - 1e-12)
    low, high = np.quantile(runs, [0.025, 0.975])
    return Chance((beyond + 1) / (len(runs) + 1), float(low), float(high), len(runs))
