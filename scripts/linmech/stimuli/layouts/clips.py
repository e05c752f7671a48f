"""`clips`: videos of two objects that come and go at any time, about which questions of time are asked."""

from collections.abc import Iterator, Sequence

import numpy as np

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, as_many_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int,
    frames: int = 8, lasting: Sequence[int] = (1, 1), spread: float = 0.0,
) -> Iterator[Stimulus]:  # fmt: skip
    """`items` videos of so many frames: one object is gone before the other comes, the subject is the first one in
    every second video.

    How many frames each is seen in is drawn from `lasting` = (least, most). `spread`: how far a centre may lie from the
    middle of the picture in either direction, as a share of the side.
    """
    names = as_many_pairs(nouns, items, seed)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
        seen = _seen(frames, lasting, draw)[:: 1 if number % 2 == 0 else -1]
        drawn = []
        for noun, when in zip(names[number % len(names)], seen, strict=True):
            x, y = (side * (0.5 + draw.uniform(-spread, spread, 2))).tolist()
            size = float(draw.uniform(0.3, 0.45) * side)
            drawn.append(Placement(noun, x, y, size, int(draw.integers(views)), frames=when))
        asked = queries(asks, drawn, side, draw, nouns)
        yield Stimulus(image, integer(seed, name, image), tuple(drawn), asked, frames)


def _seen(frames: int, lasting: Sequence[int], draw: np.random.Generator) -> list[tuple[int, ...]]:
    """The frames of the first and of the second object; all ways to place their two spells are equally likely."""
    long = draw.integers(lasting[0], lasting[1] + 1, 2).tolist()
    last = frames - long[1]
    starts = [(one, other) for one in range(last) for other in range(one + long[0], last + 1)]
    chosen = starts[int(draw.integers(len(starts)))]
    return [tuple(range(start, start + count)) for start, count in zip(chosen, long, strict=True)]
