"""Changes of a visual as it is shown: for swaps, controls and masks. A change is named by a text, such as "mirror".

mirror: left and right exchanged. reverse: a video's frames in the other order. blank: all of its mean colour.
recolour:7: the hues mixed with a rainbow drawn from seed 7. blur:x0,y0,x1,y1: a box (pixels) blurred until nothing in
it can be told. exchange:x0,y0,x1,y1,x0,y0,x1,y1: the contents of two boxes exchanged, each stretched to the other's
size.
"""

import colorsys
from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from linmech.errors import LinmechError
from linmech.seeds import rng
from linmech.stimuli.visuals import Video, Visual

Frames = UInt8[np.ndarray, "frame height width rgb=3"]
BLUR = 0.25  # radius of a blur, as a share of the box's longer side
RAINBOW = 0.6  # share of the drawn hue in a recoloured pixel's
CHANGES = "mirror, reverse, blank, recolour:SEED, blur:x0,y0,x1,y1 or exchange:x0,y0,x1,y1,x0,y0,x1,y1"


def changed(visual: Visual, change: str) -> Visual:
    """The visual after a change; "" leaves it as it is, and nothing stays nothing.

    Raises LinmechError for an unknown change, a box outside the picture, or an image to be reversed.
    """
    name, _, rest = change.partition(":")
    if name not in ("", *HOW):
        raise LinmechError(f"unknown change {change!r} of a visual; use {CHANGES}")
    if not name or visual is None:
        return visual
    if isinstance(visual, Video):
        return Video(HOW[name](visual.frames, rest), visual.per_second)
    if name == "reverse":
        raise LinmechError("an image has no frames to reverse; use a data set of videos, or another change")
    return Image.fromarray(HOW[name](np.asarray(visual)[None], rest)[0])


def _mirror(frames: Frames, _: str) -> Frames:
    return np.ascontiguousarray(frames[:, :, ::-1])


def _reverse(frames: Frames, _: str) -> Frames:
    return np.ascontiguousarray(frames[::-1])


def _recolour(frames: Frames, seed: str) -> Frames:
    """Hues mixed with a gradient that runs through the rainbow in a drawn direction (method 2)."""
    if not seed.isdecimal():
        raise LinmechError(f"change 'recolour:{seed}': write a seed, an integer >= 0, e.g. recolour:7")
    draw = rng(int(seed), "recolour")
    height, width = frames.shape[1:3]
    angle, start, turns = draw.uniform(0, 2 * np.pi), draw.random(), draw.uniform(0.5, 1.5)
    y, x = np.mgrid[:height, :width] / max(height, width)
    hues = (start + turns * (np.cos(angle) * x + np.sin(angle) * y)) % 1.0
    rainbow = np.array([colorsys.hsv_to_rgb(hue, 1, 1) for hue in np.arange(256) / 256])[(255 * hues).astype(int)]
    grey = frames.astype(np.float32).mean(-1, keepdims=True) / 255
    painted = grey * (0.4 + 0.6 * rainbow) / (0.4 + 0.6 * rainbow.mean(-1, keepdims=True))
    mixed = RAINBOW * painted + (1 - RAINBOW) * frames / 255
    return (255 * mixed.clip(0, 1)).round().astype(np.uint8)


def _blur(frames: Frames, box: str) -> Frames:
    ((left, top, right, bottom),) = _boxes("blur", box, 1, frames)
    soft = ImageFilter.GaussianBlur(BLUR * max(right - left, bottom - top))
    result = frames.copy()
    for frame, blurred in zip(result, (Image.fromarray(frame).filter(soft) for frame in frames), strict=True):
        frame[top:bottom, left:right] = np.asarray(blurred)[top:bottom, left:right]
    return result


def _blank(frames: Frames, _: str) -> Frames:
    return np.broadcast_to(frames.mean((0, 1, 2)).round().astype(np.uint8), frames.shape).copy()


def _exchange(frames: Frames, boxes: str) -> Frames:
    found, result = _boxes("exchange", boxes, 2, frames), frames.copy()
    for (left, top, right, bottom), (x0, y0, x1, y1) in zip(found, found[::-1], strict=True):
        for frame, before in zip(result, frames, strict=True):
            other = Image.fromarray(np.ascontiguousarray(before[y0:y1, x0:x1]))
            frame[top:bottom, left:right] = np.asarray(other.resize((right - left, bottom - top)))
    return result


def _boxes(name: str, text: str, count: int, frames: Frames) -> list[tuple[int, int, int, int]]:
    """`count` boxes written as edges in pixels, cut at the picture's border."""
    height, width = frames.shape[1:3]
    wanted = f"change '{name}:{text}'"
    try:
        edges = [round(float(edge)) for edge in text.split(",")]
    except ValueError:
        edges = []
    if len(edges) != 4 * count:
        raise LinmechError(f"{wanted}: write {name}:{','.join(['x0,y0,x1,y1'] * count)} in pixels")
    boxes = [
        (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
        for left, top, right, bottom in zip(*[iter(edges)] * 4, strict=True)
    ]
    if any(left >= right or top >= bottom for left, top, right, bottom in boxes):
        raise LinmechError(f"{wanted}: the box lies outside the picture of {width} x {height} pixels")
    return boxes


HOW: dict[str, Callable[[Frames, str], Frames]] = {
    "mirror": _mirror, "reverse": _reverse, "recolour": _recolour, "blur": _blur, "blank": _blank,
    "exchange": _exchange,
}  # fmt: skip
