"""`pairs`: two objects off the grid, clearly apart in both directions."""

from collections.abc import Iterator, Sequence

import numpy as np

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import CLEAR, Stimulus, _horizontal, _vertical, ordered_pairs


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


def _anywhere(noun: str, views: int, side: int, draw: np.random.Generator) -> Placement:
    size = draw.uniform(0.16, 0.28) * side
    x, y = draw.uniform(size / 2, side - size / 2, 2)
    return Placement(noun, float(x), float(y), float(size), int(draw.integers(views)))
