"""`grid`: two objects in two cells of a grid, from which IDs are read (method 1.2; paper A.2)."""

import itertools
from collections.abc import Iterator, Sequence

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import GRID, Stimulus, _horizontal, ordered_pairs


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
