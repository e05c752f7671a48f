"""`near-far`: two objects in a row, near or far from one another (Fig 6C)."""

from collections.abc import Iterator, Sequence

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import FAR, NEAR, Query, Stimulus, ordered_pairs


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
