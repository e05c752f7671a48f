"""`near-far`: two objects in a row, near or far from one another (Fig 6C)."""

from collections.abc import Iterator, Sequence

from linmech.questions.relations import FAR, NEAR
from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, as_many_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int
) -> Iterator[Stimulus]:
    """`items` images of two objects, near (< NEAR) or far (> FAR), the subject left or right of the reference."""
    names = as_many_pairs(nouns, items, seed + 1)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
        near, left = number % 2 == 0, number // 2 % 2 == 0
        gap = side * (draw.uniform(0.24, NEAR - 0.02) if near else draw.uniform(FAR + 0.02, 0.72))
        start = draw.uniform(0.13 * side, 0.87 * side - gap)
        xs = (start, start + gap) if left else (start + gap, start)
        y, size = draw.uniform(0.2, 0.8) * side, draw.uniform(0.17, 0.22) * side
        drawn = tuple(
            Placement(noun, x, y + draw.uniform(-0.03, 0.03) * side, size, int(draw.integers(views)))
            for noun, x in zip(names[number % len(names)], xs, strict=True)
        )
        yield Stimulus(image, integer(seed, name, image), drawn, queries(asks, drawn, side, draw, nouns))
