"""`pairs`: two objects off the grid, clearly apart in both directions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from linmech.seeds import integer, rng
from linmech.stimuli.composer import COLOURS, Placement
from linmech.stimuli.layouts.stimulus import CLEAR, Stimulus, as_many_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int,
    tinted: float = 0.0,
) -> Iterator[Stimulus]:  # fmt: skip
    """`items` images of two objects at continuous positions; a share `tinted` of the objects is recoloured."""
    names = as_many_pairs(nouns, items, seed)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
        while True:
            drawn = [_anywhere(noun, views, side, draw) for noun in names[number % len(names)]]
            dx, dy = (abs(getattr(drawn[0], axis) - getattr(drawn[1], axis)) / side for axis in "xy")
            if dx > CLEAR and dy > CLEAR and max(dx, dy) > 0.3:
                break
        drawn = [_perhaps_tinted(placed, tinted, draw) for placed in drawn]
        yield Stimulus(image, integer(seed, name, image), tuple(drawn), queries(asks, drawn, side, draw, nouns))


def _anywhere(noun: str, views: int, side: int, draw: np.random.Generator) -> Placement:
    size = draw.uniform(0.16, 0.28) * side
    x, y = draw.uniform(size / 2, side - size / 2, 2)
    return Placement(noun, float(x), float(y), float(size), int(draw.integers(views)))


def _perhaps_tinted(placed: Placement, share: float, draw: np.random.Generator) -> Placement:
    return replace(placed, tint=str(draw.choice(list(COLOURS)))) if draw.random() < share else placed
