"""What a layout yields: images, each with what stands where and what is asked about it.

A layout is a function of nouns, counts and a seed that yields `Stimulus` objects. Each draw depends on the seed and on
the image's own name, so a longer dataset begins with the images of a shorter one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linmech.errors import LinmechError
from linmech.seeds import rng
from linmech.stimuli.composer import Placement

GRID = 4
NEAR, FAR = 0.36, 0.56  # distance between centres, as a share of the image's side: near < NEAR, far > FAR
CLEAR = 0.16  # a relation is asked only where the centres differ by this share of the side


@dataclass(frozen=True)
class Query:
    """A question about a stimulus: indices into its placements (-1 = none), the true and the false option."""

    kind: str
    subject: int
    reference: int = -1
    third: int = -1
    answer: str = ""
    other: str = ""


@dataclass(frozen=True)
class Stimulus:
    """One image (`image` is its id, unique in the dataset; `background` a seed) and the questions asked about it."""

    image: str
    background: int
    placements: tuple[Placement, ...]
    queries: tuple[Query, ...]


def ordered_pairs(nouns: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """`count` ordered pairs in which every noun is subject and reference equally often (up to one).

    Pairs run along shifts of a shuffled circle of nouns. Raises LinmechError if `count` exceeds n·(n−1).
    """
    limit = len(nouns) * (len(nouns) - 1)
    if len(nouns) < 2 or count > limit:
        raise LinmechError(
            f"config: stimuli asks for {count} ordered pairs but {len(nouns)} objects give only {limit}: "
            "lower the number of pairs or add objects"
        )
    circle = list(rng(seed, "pairs").permutation(sorted(nouns)))
    n = len(circle)
    shifts = rng(seed, "shifts").permutation(np.arange(1, n))
    pairs = [(str(circle[i]), str(circle[(i + s) % n])) for s in shifts for i in range(n)]
    return pairs[:count]


def _horizontal(drawn: Sequence[Placement], a: int, b: int, side: float) -> Query:
    return _relation("left-right", ("left", "right"), drawn[a].x - drawn[b].x, a, b, side)


def _vertical(drawn: Sequence[Placement], a: int, b: int, side: float) -> Query:
    return _relation("above-below", ("above", "below"), drawn[a].y - drawn[b].y, a, b, side)


def _relation(kind: str, options: tuple[str, str], gap: float, a: int, b: int, side: float) -> Query:
    """A relation that holds by the sign of `gap`; no answer ("") where the centres hardly differ."""
    if abs(gap) < CLEAR * side:
        return Query(kind, a, b)
    first, second = options if gap < 0 else options[::-1]
    return Query(kind, a, b, -1, first, second)
