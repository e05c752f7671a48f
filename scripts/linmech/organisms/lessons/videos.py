"""Training and test videos of the organisms: every object is seen in one frame, the others show the background.

Videos are filmed on sets: a background, and five objects that are each seen alone before it. Several videos show the
same set, so that what is rendered, and encoded, is seen more than once.
"""

import dataclasses
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.organisms.lessons.curriculum import Lesson, is_placing, lessons, sample_nouns
from linmech.organisms.lessons.pool import Pool, label_map, patch_labels, pixel_nouns
from linmech.seeds import integer, rng
from linmech.stimuli.backgrounds import background
from linmech.stimuli.composer import Placement, Sprites, drawn

OBJECTS, VIDEOS = 5, 3  # of a set
HELD_OUT = 10  # of the ordered pairs of frames; eight frames have 56
SIZES = (0.35, 0.75)  # of an object, as shares of the side

Moments = frozenset[tuple[int, int]]


def held_out_moments(frames: int, seed: int) -> Moments:
    """The pairs of frames (earlier, later) in which no two objects of a training video are seen: for eight frames
    HELD_OUT, both orders counted, and as large a share of fewer.
    """
    pairs = list(combinations(range(frames), 2))
    chosen = rng(seed, "held-out moments").permutation(len(pairs))[: max(1, len(pairs) * HELD_OUT // 56)]
    return frozenset(pairs[i] for i in chosen)


def make_video_pool(
    nouns: Sequence[str], sprites: Sprites, count: int, seed: int, name: str, *, frames: int, side: int, patch: int,
    held_out: bool, per_video: int, weights: dict[str, float], unplaced: Sequence[str] = (),
    about_unplaced: bool = False, moments: bool = False, within: int = 0,
) -> Pool:  # fmt: skip
    """`count` videos of two or three objects and `per_video` questions each; a set hangs on `seed`, `name` and its
    number alone.

    `held_out` and `unplaced` as for `make_pool`. `moments`: the first two objects are seen in frames of
    `held_out_moments`; else no two are. `within`: all objects are seen in the first so many frames (0 = any).
    Raises LinmechError where three do not fit there.
    """
    apart, views, known = held_out_moments(frames, seed), 1 + max(view for _, view in sprites), list(nouns)

    if not any(_fits(when, apart, moments) for when in permutations(range(within or frames), 3)):
        raise LinmechError(
            f"config key binding_frames: three objects do not fit into the first {within or frames} of {frames} frames "
            "with the pairs of frames that are held out; ask for more"
        )

    def keep(lesson: Lesson) -> bool:
        return is_placing(lesson, unplaced) == about_unplaced

    first_two = held_out or about_unplaced
    images, owners, targets, tints, seen, order, asked = [], [], [], [], [], [], []
    for number in tqdm(range(-(-count // VIDEOS)), desc=f"{name} sets", mininterval=5):
        draw = rng(seed, name, number)
        chosen = sample_nouns(nouns, OBJECTS, seed, draw, held_out=held_out)
        if about_unplaced and not set(unplaced) & set(chosen[:2]):
            chosen[0] = str(draw.choice([noun for noun in unplaced if noun not in chosen]))
        behind, first = background(integer(seed, name, number), side), len(images)
        placed = [_placement(noun, views, side, draw) for noun in chosen]
        for shot in ([], *([each] for each in placed)):
            labels = label_map(shot, sprites, side) if shot else np.full((side, side), -1)
            images.append(drawn(shot, sprites, behind))
            owner, target, tint = patch_labels(shot or placed[:1], labels, known, side, patch)
            owners.append(owner), targets.append(target), tints.append(tint)
            seen.append(pixel_nouns(shot, labels, known))
        for _ in range(min(VIDEOS, count - len(asked))):
            group: list[Lesson] = []
            while not group:
                cast = [0, 1, *(2 + draw.permutation(OBJECTS - 2))] if first_two else draw.permutation(OBJECTS)
                cast = cast[: int(draw.integers(2, 4))]
                when = _when(len(cast), within or frames, apart, moments, draw)
                acted = [dataclasses.replace(placed[i], frames=(t,)) for i, t in zip(cast, when, strict=True)]
                absent = [str(noun) for noun in draw.permutation(nouns)[:8] if noun not in {p.noun for p in acted}][:4]
                group = lessons(acted, absent, side, per_video, draw, weights, keep=keep)
            shows = np.full(frames, first)
            shows[when] = [first + 1 + i for i in cast]
            order.append(shows), asked.append(group)
    arrays = map(np.stack, (images, owners, targets, tints, seen, order))
    return Pool(*arrays, asked)


def _placement(noun: str, views: int, side: int, draw: np.random.Generator) -> Placement:
    size = draw.uniform(*SIZES) * side
    x, y = draw.uniform(size / 2, side - size / 2, 2)
    return Placement(noun, float(x), float(y), float(size), int(draw.integers(views)))


def _when(count: int, frames: int, apart: Moments, moments: bool, draw: np.random.Generator) -> list[int]:
    """Different frames for so many objects: the first two among `apart` (`moments`), or no two."""
    while True:
        when = draw.permutation(frames)[:count].tolist()
        if _fits(when, apart, moments):
            return when


def _fits(when: Sequence[int], apart: Moments, moments: bool) -> bool:
    pairs = [tuple(sorted(pair)) in apart for pair in combinations(when, 2)]
    return pairs[0] if moments else not any(pairs)
