"""Where objects stand in the composed datasets: `grid`, `pairs`, `near-far`, `in-between` (method 1.2, 1.4).

A layout is a function of nouns, counts and a seed that yields `Stimulus` objects. Each draw depends on the seed and on
the image's own name, so a longer dataset begins with the images of a shorter one.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from linmech.composer import Placement
from linmech.errors import LinmechError
from linmech.seeds import integer, rng

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


def grid(
    nouns: Sequence[str], views: int, seed: int, *, pairs: int, placements: int, sizes: Sequence[float], cell: int
) -> Iterator[Stimulus]:
    """Ordered pairs (A, B) in two different cells of a 4×4 grid of `cell` px cells (method 1.2; paper A.2).

    `placements` ≤ 240 of the 16×15 arrangements per pair, `sizes` in px, each size once per arrangement.
    """
    arrangements = list(itertools.permutations(range(GRID * GRID), 2))
    for subject, reference in ordered_pairs(nouns, pairs, seed):
        order = rng(seed, "grid", subject, reference).permutation(len(arrangements))[:placements]
        for index, size in itertools.product(order, sizes):
            cells = arrangements[index]
            image = f"{subject}+{reference}/{cells[0]:02d}-{cells[1]:02d}/{size:g}"
            draw = rng(seed, "grid", image)
            drawn = tuple(
                Placement(noun, (c % GRID + 0.5) * cell, (c // GRID + 0.5) * cell, size, int(draw.integers(views)), "",
                          c % GRID, c // GRID)
                for noun, c in zip((subject, reference), cells, strict=True)
            )  # fmt: skip
            yield Stimulus(image, integer(seed, "grid", image), drawn, (_horizontal(drawn, 0, 1, cell * GRID),))


def pairs(nouns: Sequence[str], views: int, seed: int, *, items: int, side: int) -> Iterator[Stimulus]:
    """Two objects at continuous positions, clearly apart in both directions: left/right and above/below test items."""
    names = ordered_pairs(nouns, min(items, len(nouns) * (len(nouns) - 1)), seed)
    for number in range(items):
        subject, reference = names[number % len(names)]
        image = f"{number:05d}"
        draw = rng(seed, "pairs", image)
        while True:
            drawn = tuple(_anywhere(noun, views, side, draw) for noun in (subject, reference))
            dx, dy = (abs(getattr(drawn[0], axis) - getattr(drawn[1], axis)) / side for axis in "xy")
            if dx > CLEAR and dy > CLEAR and max(dx, dy) > 0.3:
                break
        queries = (_horizontal(drawn, 0, 1, side), _vertical(drawn, 0, 1, side))
        yield Stimulus(image, integer(seed, "pairs", image), drawn, queries)


def near_far(nouns: Sequence[str], views: int, seed: int, *, items: int, side: int) -> Iterator[Stimulus]:
    """Two objects in a row, near (< NEAR) or far (> FAR), the subject left or right of the reference (Fig 6C)."""
    names = ordered_pairs(nouns, min(items, len(nouns) * (len(nouns) - 1)), seed + 1)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, "near-far", image)
        near, left = number % 2 == 0, number // 2 % 2 == 0
        gap = side * (draw.uniform(0.24, NEAR - 0.02) if near else draw.uniform(FAR + 0.02, 0.72))
        start = draw.uniform(0.13 * side, 0.87 * side - gap)
        xs = (start, start + gap) if left else (start + gap, start)
        y, size = draw.uniform(0.2, 0.8) * side, draw.uniform(0.17, 0.22) * side
        drawn = tuple(
            Placement(noun, x, y + draw.uniform(-0.03, 0.03) * side, size, int(draw.integers(views)))
            for noun, x in zip(names[number % len(names)], xs, strict=True)
        )
        answer, other = ("near", "far") if near else ("far", "near")
        yield Stimulus(image, integer(seed, "near-far", image), drawn, (Query("near-far", 0, 1, -1, answer, other),))


def in_between(nouns: Sequence[str], views: int, seed: int, *, items: int, side: int) -> Iterator[Stimulus]:
    """Three objects in a line, horizontal or vertical; is the subject the middle one? (Fig 6D)."""
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, "in-between", image)
        trio = [str(noun) for noun in draw.permutation(sorted(nouns))[:3]]
        places = side * (np.array([0.18, 0.5, 0.82]) + draw.uniform(-0.05, 0.05, 3))
        middle, horizontal = number % 2 == 0, number // 2 % 2 == 0
        subject = 1 if middle else 2 * (number // 4 % 2)
        others = [place for place in range(3) if place != subject]
        along = places[[subject, *draw.permutation(others)]]
        across = side * (draw.uniform(0.2, 0.8) + draw.uniform(-0.03, 0.03, 3))
        size = draw.uniform(0.17, 0.22) * side
        drawn = tuple(
            Placement(noun, *((a, b) if horizontal else (b, a)), size, int(draw.integers(views)))
            for noun, a, b in zip(trio, map(float, along), map(float, across), strict=True)
        )
        answer, other = ("yes", "no") if middle else ("no", "yes")
        yield Stimulus(image, integer(seed, "in-between", image), drawn, (Query("in-between", 0, 1, 2, answer, other),))


def _anywhere(noun: str, views: int, side: int, draw: np.random.Generator) -> Placement:
    size = draw.uniform(0.16, 0.28) * side
    x, y = draw.uniform(size / 2, side - size / 2, 2)
    return Placement(noun, float(x), float(y), float(size), int(draw.integers(views)))


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
