"""`hard`: two objects hardly apart in the direction that is asked about, half covered, among others, in a poor picture.

Every image draws its own difficulty: `gap`, `blur`, `contrast` and `distractors` are columns of the manifest, and
`covered`, which is measured of the pixels. So analyses can match on them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement, Sprites, covered
from linmech.stimuli.layouts.stimulus import Stimulus, as_many_pairs, queries

Range = Sequence[float | int]
SIZES, SMALL = (0.17, 0.27), (0.12, 0.19)  # of the two, and of those that stand by; shares of the side
NEAREST, STEPS = 0.35, 20  # how near the two may come, as a share of the distance at which they surely do not touch
TRIES = 50


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, sprites: Sprites, side: int, asks: Sequence[str],
    items: int, gap: Range = (0.02, 0.15), occlusion: Range = (0, 0.4), blur: Range = (0, 0.01),
    contrast: Range = (0.4, 1), distractors: Sequence[int] = (1, 4),
) -> Iterator[Stimulus]:  # fmt: skip
    """`items` images with one question each: the kinds of `asks` take turns, and its two answers.

    Each range is (least, most). `gap`: how far the centres differ in the direction asked about, a share of the side.
    `occlusion`: how much of the smaller one's pixels the larger one may cover; they come as near as that allows.
    `blur`, `contrast`: as in `Composition`. `distractors`: how many stand by, at most all other nouns; they cover
    nothing.
    """
    names = as_many_pairs(nouns, items, seed)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
        kind, first = asks[number % len(asks)], number // len(asks) % 2 == 0
        drawn = {"gap": gap, "blur": blur, "contrast": contrast, "occlusion": occlusion}
        drawn = {key: float(draw.uniform(*ends)) for key, ends in drawn.items()}
        most, count = drawn.pop("occlusion"), int(draw.integers(*distractors, endpoint=True))
        offset = (-1 if first else 1) * drawn["gap"]
        two = _two(names[number % len(names)], views, side, kind, offset, most, sprites, draw)
        (asked,) = queries([kind], two, side, draw, clear=0)
        if two[0].size > two[1].size:  # the smaller one is drawn first, so that it is the one that is covered
            two, asked = two[::-1], replace(asked, subject=1, reference=0)
        others = sorted(set(nouns) - {thing.noun for thing in two})
        placed = _among(two, [str(noun) for noun in draw.permutation(others)[:count]], views, side, draw)
        traits = drawn | {"distractors": len(placed) - 2}
        yield Stimulus(image, integer(seed, name, image), placed, (asked,), traits=traits)


def _two(
    nouns: Sequence[str], views: int, side: int, kind: str, apart: float, most: float, sprites: Sprites,
    draw: np.random.Generator,
) -> tuple[Placement, Placement]:  # fmt: skip
    """Subject and reference, `apart` (share of the side) in the direction asked about.

    In the other direction they are as near as they can be while no more than `most` of the smaller one is covered.
    """
    sizes, shown = draw.uniform(*SIZES, 2), [int(view) for view in draw.integers(views, size=2)]
    side_by, where = draw.choice([-1, 1]), draw.random(2)

    def at(distance: float) -> tuple[Placement, Placement]:
        across = side_by * distance
        offset = -np.array([apart, across] if kind == "left-right" else [across, apart])  # from subject to reference
        least = np.maximum(sizes[0] / 2, sizes[1] / 2 - offset)
        start = least + where * (np.minimum(1 - sizes[0] / 2, 1 - sizes[1] / 2 - offset) - least)
        one, other = (
            Placement(noun, *map(float, side * place), float(side * size), view)
            for noun, place, size, view in zip(nouns, (start, start + offset), sizes, shown, strict=True)
        )
        return one, other

    apart_for_sure = sizes.mean() + 2 / side
    found = at(apart_for_sure)
    for distance in np.linspace(1, NEAREST, STEPS)[1:] * apart_for_sure:
        closer = at(distance)
        if covered(sorted(closer, key=lambda thing: thing.size), sprites)[0] > most:
            break
        found = closer
    return found


def _among(
    two: tuple[Placement, Placement], nouns: Sequence[str], views: int, side: int, draw: np.random.Generator
) -> tuple[Placement, ...]:
    """The two, and the other nouns where they touch nothing."""
    while True:
        placed = [*two]
        for noun in nouns:
            for _ in range(TRIES):
                size = draw.uniform(*SMALL) * side
                x, y = draw.uniform(size / 2, side - size / 2, 2)
                if all(max(abs(x - thing.x), abs(y - thing.y)) > (size + thing.size) / 2 for thing in placed):
                    placed.append(Placement(noun, float(x), float(y), float(size), int(draw.integers(views))))
                    break
        if len(placed) == len(two) + len(nouns):
            return tuple(placed)
