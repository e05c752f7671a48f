"""`frames`: videos of two objects, each seen in one frame, from which temporal IDs are read (method 1.5; paper A.2)."""

import itertools
from collections.abc import Iterator, Sequence

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, ordered_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], pairs: int,
    arrangements: int, sizes: Sequence[float], frames: int = 8, places: int = 1,
) -> Iterator[Stimulus]:  # fmt: skip
    """Ordered pairs (A, B) in two different frames of a video of so many, over one background.

    `places` of an object in height's middle, side by side (1: the centre; 3: left, centre, right). `arrangements` of
    the ways to choose frame and place of both (56 for 8 frames and 1 place), `sizes` in px, each once per arrangement.
    """
    cells, wide = list(itertools.product(range(places), range(frames))), side / places
    ways = [(one, other) for one, other in itertools.permutations(cells, 2) if one[1] != other[1]]
    for subject, reference in ordered_pairs(nouns, pairs, seed):
        order = rng(seed, name, subject, reference).permutation(len(ways))[:arrangements]
        for index, size in itertools.product(order, sizes):
            told = "-".join(f"{place}.{frame}" for place, frame in ways[index])
            image = f"{subject}+{reference}/{told}/{size:g}"
            draw = rng(seed, name, image)
            drawn = tuple(
                Placement(
                    noun, (place + 0.5) * wide, side / 2, size, int(draw.integers(views)), column=place,
                    frames=(frame,),
                )
                for noun, (place, frame) in zip((subject, reference), ways[index], strict=True)
            )  # fmt: skip
            asked = queries(asks, drawn, side, draw, nouns)
            yield Stimulus(image, integer(seed, name, image), drawn, asked, frames)
