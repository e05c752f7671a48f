"""Training and test images of the organisms, in memory, with what stands in each patch and what is asked of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image
from tqdm import tqdm

from linmech.organisms.lessons.curriculum import (
    COLOURFUL,
    TINTED,
    Lesson,
    is_placing,
    lessons,
    sample_nouns,
    sample_placements,
)
from linmech.seeds import integer, rng
from linmech.stimuli.composer import PALETTE, Placement, Sprites, box, compose

BACKGROUND, UNCLEAR = -1, -2
OBJECT_SHARE, CLEAR_SHARE = 0.15, 0.04  # an object's share of a patch that makes the patch its own; background below


@dataclass(frozen=True)
class Pool:
    """`patch_nouns`: index into nouns, BACKGROUND or UNCLEAR; `patch_targets`: the object's centre x, y in 0..1 (the
    patch's own centre for background) and depth in metres / 10 (NaN unless in a scene); `patch_tints`: index into
    PALETTE or −1; `pixel_nouns`: index into nouns or BACKGROUND; `frames`: which images are shown, an image alone or
    the frames of a video; `lessons`: as many about each that is shown.
    """

    images: UInt8[np.ndarray, "image height width rgb=3"]
    patch_nouns: Int[np.ndarray, "image patch"]
    patch_targets: Float[np.ndarray, "image patch target=3"]
    patch_tints: Int[np.ndarray, "image patch"]
    pixel_nouns: Int[np.ndarray, "image height width"]
    frames: Int[np.ndarray, "visual frame"]
    lessons: list[list[Lesson]]


def make_pool(
    nouns: Sequence[str], sprites: Sprites, count: int, seed: int, name: str, *, side: int, patch: int,
    held_out: bool, per_image: int, scenes: Callable | None = None, scene_share: float = 0.0,
    weights: dict[str, float] | None = None, untied: bool = False, unplaced: Sequence[str] = (),
    about_unplaced: bool = False,
) -> Pool:  # fmt: skip
    """`count` images and `per_image` questions each; image i depends on `seed`, `name` and i alone.

    No question asks for the place of a noun of `unplaced`, or (`about_unplaced`) every image shows one, and all
    questions are about its place. A share `scene_share` of the images comes from `scenes(nouns, generator)`
    (`stage_source`) where one is given. An image of which nothing can be asked is drawn again.
    """

    def keep(lesson: Lesson) -> bool:
        return is_placing(lesson, unplaced) == about_unplaced

    views = 1 + max(view for _, view in sprites)
    known = list(nouns)
    images, owners, targets, tints, seen, asked = [], [], [], [], [], []
    for number in tqdm(range(count), desc=f"{name} images", mininterval=5):
        draw, group = rng(seed, name, number), []
        while not group:
            chosen = sample_nouns(nouns, int(draw.integers(2, 5)), seed, draw, held_out=held_out)
            if about_unplaced and not set(unplaced) & set(chosen):
                chosen[0] = str(draw.choice(list(unplaced)))
            if scenes is not None and draw.random() < scene_share:
                pixels, placements, labels = scenes(chosen, draw)
            else:
                tinted = COLOURFUL if number % 2 and not held_out else TINTED
                placements = sample_placements(chosen, views, side, draw, tinted)
                pixels = compose(placements, sprites, integer(seed, name, number), side)
                labels = label_map(placements, sprites, side)
            absent = [str(noun) for noun in draw.permutation(nouns)[:8] if noun not in chosen][:4]
            group = lessons(placements, absent, side, per_image, draw, weights, untied=untied, keep=keep)
        asked.append(group)
        images.append(pixels)
        owner, target, tint = patch_labels(placements, labels, known, side, patch)
        owners.append(owner), targets.append(target), tints.append(tint)
        seen.append(pixel_nouns(placements, labels, known))
    return Pool(*map(np.stack, (images, owners, targets, tints, seen)), np.arange(count)[:, None], asked)


def join(first: Pool, second: Pool) -> Pool:
    """Both pools as one, the first one's images first."""
    arrays = (np.concatenate([getattr(pool, name) for pool in (first, second)]) for name in list(vars(first))[:-2])
    frames = np.concatenate([first.frames, second.frames + len(first.images)])
    return Pool(*arrays, frames, first.lessons + second.lessons)


def label_map(placements: Sequence[Placement], sprites: Sprites, side: int) -> Int[np.ndarray, "height width"]:
    """Which placement is seen at each pixel; −1 = background."""
    labels = np.full((side, side), -1)
    for index, placement in enumerate(placements):
        left, top, right, bottom = (int(edge) for edge in box(placement, sprites))
        alpha = Image.fromarray(np.ascontiguousarray(sprites[placement.noun, placement.view][..., 3]))
        opaque = np.asarray(alpha.resize((right - left, bottom - top), Image.Resampling.BOX)) > 127
        rows, columns = slice(max(top, 0), min(bottom, side)), slice(max(left, 0), min(right, side))
        seen = opaque[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        labels[rows, columns][seen] = index
    return labels


def pixel_nouns(
    placements: Sequence[Placement], labels: Int[np.ndarray, "height width"], nouns: list[str]
) -> Int[np.ndarray, "height width"]:
    """The noun that is seen at each pixel, as `Pool.pixel_nouns` has it."""
    numbers = [*(nouns.index(placed.noun) for placed in placements), BACKGROUND]  # labels of −1 take the last
    return np.array(numbers, np.min_scalar_type(-len(nouns)))[labels]


def patch_labels(
    placements: Sequence[Placement], labels: Int[np.ndarray, "height width"], nouns: list[str], side: int, patch: int
) -> tuple[Int[np.ndarray, " patch"], Float[np.ndarray, "patch target=3"], Int[np.ndarray, " patch"]]:
    """Per patch: the noun that owns it, where that noun's centre is (and its depth), and its tint."""
    cells = side // patch
    blocks = labels.reshape(cells, patch, cells, patch).transpose(0, 2, 1, 3).reshape(cells * cells, -1)
    shares = np.stack([(blocks == index).mean(-1) for index in range(len(placements))], -1)
    best, share = shares.argmax(-1), shares.max(-1)
    index = np.arange(cells * cells)
    target = np.stack([(index % cells + 0.5) / cells, (index // cells + 0.5) / cells, np.full(cells**2, np.nan)], -1)
    owner = np.where(share < CLEAR_SHARE, BACKGROUND, UNCLEAR)
    tint = np.full(cells**2, -1)
    palette = list(PALETTE)
    for where in np.flatnonzero(share >= OBJECT_SHARE):
        placed = placements[best[where]]
        owner[where] = nouns.index(placed.noun)
        target[where] = placed.x / side, placed.y / side, placed.depth / 10
        tint[where] = palette.index(placed.tint) if placed.tint else -1
    return owner, target.astype(np.float32), tint
