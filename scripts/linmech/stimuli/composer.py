"""Compose an image from sprites: a pure function of the placements, the sprites and the background's seed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from linmech.errors import LinmechError
from linmech.stimuli.backgrounds import background

Sprites = Mapping[tuple[str, int], np.ndarray]
Box = Sequence[float]  # [x0, y0, x1, y1] in pixels
COLOURS = {
    "red": (214, 40, 40),
    "green": (40, 160, 60),
    "blue": (45, 85, 220),
    "yellow": (240, 205, 40),
    "purple": (140, 60, 175),
    "white": (240, 240, 240),
}


@dataclass(frozen=True)
class Placement:
    """One object in an image. `x, y` = centre and `size` = long side, in pixels; `tint` = a key of COLOURS or "".

    `column, row` = grid cell or -1; `depth` = distance from the camera (metres in scenes, NaN in composed images);
    `frames` = those of a video in which it is seen, () = all.
    """

    noun: str
    x: float
    y: float
    size: float
    view: int = 0
    tint: str = ""
    column: int = -1
    row: int = -1
    depth: float = float("nan")
    frames: tuple[int, ...] = ()


def to_json(placements: Sequence[Placement], boxes: Sequence[Box]) -> str:
    """The placements with their boxes, as a manifest stores them."""
    return json.dumps([{**asdict(p), "box": list(b)} for p, b in zip(placements, boxes, strict=True)])


def from_json(text: str) -> list[Placement]:
    """Inverse of `to_json`; boxes are left out."""
    fields = Placement.__dataclass_fields__
    known = [{key: value for key, value in entry.items() if key in fields} for entry in json.loads(text)]
    return [Placement(**entry | {"frames": tuple(entry.get("frames", ()))}) for entry in known]


def box(placement: Placement, sprites: Sprites) -> list[float]:
    """Tight box [x0, y0, x1, y1] of a placement in pixels (sprites are tight crops)."""
    width, height = _extent(sprites[placement.noun, placement.view], placement.size)
    left, top = round(placement.x - width / 2), round(placement.y - height / 2)
    return [float(left), float(top), float(left + width), float(top + height)]


def compose(
    placements: Sequence[Placement], sprites: Sprites, background_seed: int, size_px: int
) -> UInt8[np.ndarray, "height width rgb=3"]:
    """Draw the placements, first to last, over the background of `background_seed`.

    Raises LinmechError for a noun or view without a sprite.
    """
    return _drawn(placements, sprites, background(background_seed, size_px))


def compose_frames(
    placements: Sequence[Placement], sprites: Sprites, background_seed: int, size_px: int, frames: int
) -> UInt8[np.ndarray, "frame height width rgb=3"]:
    """A video of `frames` over one background; each placement is drawn in those that it is seen in. See `compose`."""
    behind = background(background_seed, size_px)
    seen = ([placed for placed in placements if not placed.frames or frame in placed.frames] for frame in range(frames))
    return np.stack([_drawn(some, sprites, behind) for some in seen])


def _drawn(
    placements: Sequence[Placement], sprites: Sprites, behind: UInt8[np.ndarray, "height width rgb=3"]
) -> UInt8[np.ndarray, "height width rgb=3"]:
    canvas = Image.fromarray(behind)
    for placement in placements:
        if (placement.noun, placement.view) not in sprites:
            raise LinmechError(
                f"sprites: no sprite of '{placement.noun}' view {placement.view}: render the sprites again "
                "(results/sprites) with the objects that the manifest names"
            )
        pixels = tint(sprites[placement.noun, placement.view], placement.tint)
        left, top, right, bottom = (int(edge) for edge in box(placement, sprites))
        drawn = Image.fromarray(pixels).resize((right - left, bottom - top), Image.Resampling.BOX)
        canvas.paste(drawn, (left, top), drawn)
    return np.asarray(canvas)


def tint(sprite: UInt8[np.ndarray, "height width rgba=4"], colour: str) -> UInt8[np.ndarray, "height width rgba=4"]:
    """Recolour a sprite to one of COLOURS, keeping its shading and alpha; "" leaves it as it is."""
    if not colour:
        return sprite
    grey = sprite[..., :3].astype(np.float32).mean(-1, keepdims=True) / 255
    opaque = sprite[..., 3] > 127
    low, high = np.percentile(grey[opaque], [5, 95]) if opaque.any() else (0.0, 1.0)
    shade = 0.45 + 0.55 * ((grey - low) / max(high - low, 0.15)).clip(0, 1)
    rgb = shade * np.array(COLOURS[colour], np.float32)
    return np.dstack([rgb.astype(np.uint8), sprite[..., 3]])


def _extent(sprite: np.ndarray, size: float) -> tuple[int, int]:
    height, width = sprite.shape[:2]
    scale = size / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))
