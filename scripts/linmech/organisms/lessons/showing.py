"""Phase 1 sees its images moved and in other colours, drawn anew at every step: shape must say what a thing is.

Without that the encoder learned images by heart (patches of tinted objects right: 87 % in training, 45 % held out).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from linmech.organisms.lessons.pool import BACKGROUND, Pool, patch_labels
from linmech.stimuli.composer import PALETTE, Placement, painted

SHIFT = 0.1  # share of the side by which images are moved at most


@dataclass(frozen=True)
class Shown:
    """The images of a step, and what is in their patches as `Pool` has it."""

    images: UInt8[np.ndarray, "image height width rgb=3"]
    nouns: Int[np.ndarray, "image patch"]
    targets: Float[np.ndarray, "image patch target=3"]
    tints: Int[np.ndarray, "image patch"]


def shown(
    pool: Pool, nouns: Sequence[str], batch: Int[np.ndarray, " image"], draw: np.random.Generator, repainted: float
) -> Shown:
    """The images of a batch, every second one mirrored, all shifted by up to SHIFT of the side (their border is drawn
    out), and about a share `repainted` of the objects in a new colour.
    """
    side, patch = pool.images.shape[1], pool.images.shape[1] // int(pool.patch_nouns.shape[1] ** 0.5)
    parts = []
    for number in batch:
        image, labels, things = pool.images[number].copy(), pool.labels[number], pool.placements[number]
        things = [repaint(image, labels == index, thing, draw, repainted) for index, thing in enumerate(things)]
        down, right = draw.integers(-round(SHIFT * side), round(SHIFT * side) + 1, 2).tolist()
        if draw.random() < 0.5:
            image, labels = image[:, ::-1], labels[:, ::-1]
            things = [replace(thing, x=side - thing.x) for thing in things]
        image, labels = shifted(image, down, right), shifted(labels, down, right, BACKGROUND)
        things = [replace(thing, x=thing.x + right, y=thing.y + down) for thing in things]
        parts.append((image, *patch_labels(things, labels, list(nouns), side, patch)))
    return Shown(*map(np.stack, zip(*parts, strict=True)))


def repaint(
    image: UInt8[np.ndarray, "height width rgb=3"], seen: Bool[np.ndarray, "height width"], thing: Placement,
    draw: np.random.Generator, share: float,
) -> Placement:  # fmt: skip
    """With probability `share`, paint a thing in a colour drawn anew, in place; the thing as it is then."""
    if draw.random() >= share:
        return thing
    colour = str(draw.choice(list(PALETTE)))
    image[seen] = painted(image[seen], np.ones(seen.sum(), bool), colour)
    return replace(thing, tint=colour)


def shifted(pixels: np.ndarray, down: int, right: int, beyond: int | None = None) -> np.ndarray:
    """Pixels moved down and right; what comes in is the border drawn out, or the value `beyond`."""
    rows, columns = (np.arange(pixels.shape[axis]) - by for axis, by in ((0, down), (1, right)))
    moved = pixels[rows.clip(0, len(rows) - 1)[:, None], columns.clip(0, len(columns) - 1)]
    if beyond is not None:
        inside = [(index >= 0) & (index < len(index)) for index in (rows, columns)]
        moved[~(inside[0][:, None] & inside[1])] = beyond
    return moved


def recolour(
    images: UInt8[np.ndarray, "image height width rgb=3"], draw: np.random.Generator, share: float
) -> tuple[UInt8[np.ndarray, "image height width rgb=3"], Bool[np.ndarray, " image"]]:
    """About `share` of the images with their channels mixed at random, and which."""
    chosen = draw.random(len(images)) < share
    mix = draw.dirichlet([0.4] * 3, (len(images), 3)) * draw.uniform(0.5, 1.15, (len(images), 3, 1))
    mixed = images[chosen].astype(np.float32) @ mix[chosen, None].astype(np.float32).swapaxes(-1, -2)
    result = images.copy()
    result[chosen] = mixed.clip(0, 255).astype(np.uint8)
    return result, chosen
