"""`in-between`: three objects in a line (Fig 6D)."""

from collections.abc import Iterator, Sequence

import numpy as np

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int
) -> Iterator[Stimulus]:
    """`items` images of three objects in a line, horizontal or vertical; every second subject is the middle one."""
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
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
        yield Stimulus(image, integer(seed, name, image), drawn, queries(asks, drawn, side, draw, nouns))
