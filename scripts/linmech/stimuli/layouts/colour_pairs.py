"""`colour-pairs`: two objects side by side, each of a colour of its own (paper A.4).

The partner of an image is the same one after the change exchange-colours: it turns every answer about colours, and none
about places.
"""

from collections.abc import Iterator, Sequence

from linmech.seeds import integer, rng
from linmech.stimuli.composer import PALETTE, Placement
from linmech.stimuli.layouts.stimulus import Stimulus, as_many_pairs, queries


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int
) -> Iterator[Stimulus]:
    """`items` images of two objects of two colours, the subject left of the reference in every second one.

    The false answer to a question about a colour is the other object's colour.
    """
    names = as_many_pairs(nouns, items, seed)
    for number in range(items):
        image = f"{number:05d}"
        draw = rng(seed, name, image)
        gap = draw.uniform(0.3, 0.66) * side
        start = draw.uniform(0.15 * side, 0.85 * side - gap)
        xs = (start, start + gap) if number % 2 == 0 else (start + gap, start)
        colours = [str(colour) for colour in draw.permutation(list(PALETTE))[:2]]
        drawn = tuple(
            Placement(
                noun, float(x), float(draw.uniform(0.15, 0.85) * side), float(draw.uniform(0.2, 0.29) * side),
                int(draw.integers(views)), colour,
            )
            for noun, x, colour in zip(names[number % len(names)], xs, colours, strict=True)
        )  # fmt: skip
        asked = queries(asks, drawn, side, draw, nouns, colours=colours)
        yield Stimulus(image, integer(seed, name, image), drawn, asked)
