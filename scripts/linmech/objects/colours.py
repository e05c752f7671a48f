"""Colours "#rrggbb" (sRGB) in linear light, as meshes hold them."""

import numpy as np
from jaxtyping import UInt8


def linear(colour: str) -> UInt8[np.ndarray, " rgba=4"]:
    """The colour "#rrggbb" (sRGB) as an opaque 8-bit colour in linear light."""
    return linear_light(np.frombuffer(bytes.fromhex(colour.removeprefix("#")) + b"\xff", np.uint8))


def linear_light(colours: UInt8[np.ndarray, "*shape rgba=4"]) -> UInt8[np.ndarray, "*shape rgba=4"]:
    """sRGB colours in linear light (IEC 61966-2-1); alpha stays."""
    srgb = colours[..., :3] / 255
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.concatenate([np.rint(light * 255).astype(np.uint8), colours[..., 3:]], axis=-1)
