"""`grid`: two objects in two cells of a grid, from which IDs are read (method 1.2; paper A.2)."""

import itertools
from collections.abc import Iterator, Sequence

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, ordered_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], pairs: int,
    placements: int, sizes: Sequence[float], cells: int = 4,
) -> Iterator[Stimulus]:  # fmt: skip
    """Ordered pairs (A, B) in two different cells of a `cells` x `cells` grid.

    `placements` of the arrangements per pair (240 for 4 x 4 cells), `sizes` in px, each size once per arrangement.
    """
    arrangements, cell = list(itertools.permutations(range(cells * cells), 2)), side / cells
    for subject, reference in ordered_pairs(nouns, pairs, seed):
        order = rng(seed, name, subject, reference).permutation(len(arrangements))[:placements]
        for index, size in itertools.product(order, sizes):
            places = arrangements[index]
            image = f"{subject}+{reference}/{places[0]:02d}-{places[1]:02d}/{size:g}"
            draw = rng(seed, name, image)
            drawn = tuple(
                Placement(
                    noun, (place % cells + 0.5) * cell, (place // cells + 0.5) * cell, size, int(draw.integers(views)),
                    column=place % cells, row=place // cells,
                )
                for noun, place in zip((subject, reference), places, strict=True)
            )  # fmt: skip
            yield Stimulus(image, integer(seed, name, image), drawn, queries(asks, drawn, side, draw, nouns))
