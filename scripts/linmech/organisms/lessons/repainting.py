"""Other colours for the images of phase 1, drawn anew at every step: shape must say what a thing is.

Without them the encoder learned tinted objects by heart (patches right: 87 % in training, 45 % held out).
"""

import numpy as np
from jaxtyping import Bool, Int, UInt8

from linmech.organisms.lessons.pool import BACKGROUND, Pool
from linmech.stimuli.composer import PALETTE, painted


def repaint(
    pool: Pool, batch: Int[np.ndarray, " image"], draw: np.random.Generator, share: float
) -> tuple[UInt8[np.ndarray, "image height width rgb=3"], Int[np.ndarray, "image patch"]]:
    """The images of a batch, about `share` of their objects painted in a colour drawn anew, and the patches' tints."""
    images, tints = pool.images[batch].copy(), pool.patch_tints[batch].copy()
    if not share:
        return images, tints
    for image, pixels, tint, patches in zip(
        images, pool.pixel_nouns[batch], tints, pool.patch_nouns[batch], strict=True
    ):
        for noun in np.unique(pixels[pixels != BACKGROUND]):
            if draw.random() < share:
                colour, seen = int(draw.integers(len(PALETTE))), pixels == noun
                image[seen] = painted(image[seen], np.ones(seen.sum(), bool), list(PALETTE)[colour])
                tint[patches == noun] = colour
    return images, tints


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
