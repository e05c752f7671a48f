"""Which few of many things to look at, so that every level of every factor is seen about equally often."""

import numpy as np
from jaxtyping import Int


def balanced(levels: Int[np.ndarray, "thing factor"], count: int, draw: np.random.Generator) -> list[int]:
    """The numbers of `count` things (all, if there are fewer), in the order in which they are taken.

    Each next one is of the levels that were seen least often so far, summed over the factors; ties fall to `draw`. So
    the first n of them are balanced, too.
    """
    free, ties, taken = np.ones(len(levels), bool), draw.random(len(levels)) / 2, []
    seen = [np.zeros(int(factor.max(initial=0)) + 1) for factor in levels.T]
    for _ in range(min(count, len(levels))):
        often = sum(counts[factor] for counts, factor in zip(seen, levels.T, strict=True)) + ties
        taken.append(int(np.where(free, often, np.inf).argmin()))
        free[taken[-1]] = False
        for counts, level in zip(seen, levels[taken[-1]], strict=True):
            counts[level] += 1
    return taken
