"""`grid`: two objects in two cells of a grid, from which IDs are read (method 1.2; paper A.2)."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Int

from linmech.seeds import integer, rng
from linmech.statistics.designs import balanced
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, ordered_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], pairs: int,
    placements: int, sizes: Sequence[float], cells: int = 4, images: int = 0,
) -> Iterator[Stimulus]:  # fmt: skip
    """Ordered pairs (A, B) in two different cells of a `cells` x `cells` grid.

    `placements` of the arrangements per pair (240 for 4 x 4 cells), `sizes` in px, each size once per arrangement.
    `images` of all these, so chosen that nouns and cells are seen about equally often (`levels_of`); 0 = all.
    """
    arrangements, cell = list(itertools.permutations(range(cells * cells), 2)), side / cells
    drawn = [
        (subject, reference, *arrangements[index], size)
        for subject, reference in ordered_pairs(nouns, pairs, seed)
        for index in rng(seed, name, subject, reference).permutation(len(arrangements))[:placements]
        for size in sizes
    ]
    if images:
        drawn = [drawn[n] for n in sorted(balanced(levels_of(drawn), images, rng(seed, name, "balanced images")))]
    for subject, reference, one, other, size in drawn:
        image = f"{subject}+{reference}/{one:02d}-{other:02d}/{size:g}"
        draw = rng(seed, name, image)
        placed = tuple(
            Placement(
                noun, (place % cells + 0.5) * cell, (place // cells + 0.5) * cell, size, int(draw.integers(views)),
                column=place % cells, row=place // cells,
            )
            for noun, place in ((subject, one), (reference, other))
        )  # fmt: skip
        yield Stimulus(image, integer(seed, name, image), placed, queries(asks, placed, side, draw, nouns))


def levels_of(images: Sequence[tuple[str, str, int, int, float | int]]) -> Int[np.ndarray, "image factor"]:
    """What is to be balanced over images (subject, reference, cell of either, size): each of these, and each noun's
    cells.
    """
    table = pd.DataFrame(images, columns=["subject", "reference", "one", "other", "size"])
    factors = [*table.columns, ["subject", "one"], ["reference", "other"]]
    return np.stack([table.groupby(factor).ngroup().to_numpy(dtype=int) for factor in factors], axis=1)
