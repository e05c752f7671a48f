"""Procedural, photo-like backgrounds: a lit gradient under several octaves of coloured noise (method 1.2)."""

import colorsys

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from linmech.seeds import rng

OCTAVES = ((3, 0.30), (6, 0.22), (12, 0.14), (25, 0.10), (50, 0.07))


def background(seed: int, size_px: int) -> UInt8[np.ndarray, "height width rgb=3"]:
    """A square background of `size_px` pixels that depends on `seed` alone, up to resampling."""
    draw = rng(seed, "background")
    top, bottom = (_muted_colour(draw) for _ in range(2))
    ramp = np.linspace(0, 1, size_px)[:, None, None] ** draw.uniform(0.5, 2.0)
    image = np.broadcast_to((1 - ramp) * top + ramp * bottom, (size_px, size_px, 3)).copy()
    strength = draw.uniform(0.25, 0.9)
    for cells, amplitude in OCTAVES:
        grey = draw.standard_normal((cells, cells, 1)) + 0.35 * draw.standard_normal((cells, cells, 3))
        image += strength * amplitude * _upsample(grey, size_px)
    return (255 * image.clip(0.02, 0.98)).astype(np.uint8)


def _muted_colour(draw: np.random.Generator) -> np.ndarray:
    return np.array(colorsys.hsv_to_rgb(draw.random(), draw.uniform(0.05, 0.45), draw.uniform(0.3, 0.85)))


def _upsample(noise: np.ndarray, size_px: int) -> np.ndarray:
    """Bicubic upsampling of float noise (cells cells rgb) to (size_px size_px rgb), through 8-bit images."""
    eight_bit = (127.5 + 42 * noise).clip(0, 255).astype(np.uint8)
    large = Image.fromarray(eight_bit).resize((size_px, size_px), Image.Resampling.BICUBIC)
    return (np.asarray(large, dtype=np.float32) - 127.5) / 127.5
