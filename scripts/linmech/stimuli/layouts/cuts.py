"""`cuts`: videos of two scenes with a cut between them; it is asked which of the scenes comes first (method 1.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from linmech.errors import LinmechError
from linmech.seeds import integer, rng
from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Stimulus, as_many_pairs, queries

LEAST = 2  # frames of a scene, where the video has twice as many


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], items: int,
    frames: int = 8,
) -> Iterator[Stimulus]:  # fmt: skip
    """`items` videos of so many frames: two things side by side over one background, then two others over another.

    The subject's scene is the first one in every second video; the frame of the cut is drawn. A question about scenes
    calls them by their two nouns, one about things is about the left ones. Raises LinmechError for fewer than 4 nouns.
    """
    if len(nouns) < 4:
        raise LinmechError(f"stimuli.{name}: two scenes of two things need 4 objects, there are {len(nouns)}; add some")
    names, least = as_many_pairs(nouns, items, seed), min(LEAST, frames // 2)
    for number in range(items):
        image, lefts = f"{number:05d}", names[number % len(names)]
        draw = rng(seed, name, image)
        rights = draw.choice(sorted(set(nouns) - set(lefts)), 2, replace=False).tolist()
        cut = int(draw.integers(least, frames - least + 1))
        spells = [tuple(range(cut)), tuple(range(cut, frames))][:: 1 if number % 2 == 0 else -1]
        drawn = [
            _beside(noun, column, views, side, spell, draw)
            for column, beside in enumerate((lefts, rights))
            for noun, spell in zip(beside, spells, strict=True)
        ]
        called = tuple(f"{left} and {right}" for left, right in zip(lefts, rights, strict=True))
        asked = [
            replace(query, called=called) if query.kind == "scene-order" else query
            for query in queries(asks, drawn, side, draw, nouns)
        ]
        yield Stimulus(image, integer(seed, name, image), tuple(drawn), tuple(asked), frames, {"cut": cut})


def _beside(
    noun: str, column: int, views: int, side: int, spell: tuple[int, ...], draw: np.random.Generator
) -> Placement:
    """A thing somewhere in the left (0) or right (1) half of the picture."""
    x, y = (0.25 + 0.5 * column + draw.uniform(-0.04, 0.04)) * side, draw.uniform(0.35, 0.65) * side
    size = float(draw.uniform(0.3, 0.4) * side)
    return Placement(noun, float(x), float(y), size, int(draw.integers(views)), frames=spell)
