"""Compose an image from sprites: a pure function of the placements, the sprites and the background's seed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image

from linmech.errors import LinmechError
from linmech.stimuli.backgrounds import background

Sprites = Mapping[tuple[str, int], np.ndarray]
Box = Sequence[float]  # [x0, y0, x1, y1] in pixels
COLOURS = {  # what the organisms are trained on; their draws hang on its order
    "red": (214, 40, 40),
    "green": (40, 160, 60),
    "blue": (45, 85, 220),
    "yellow": (240, 205, 40),
    "purple": (140, 60, 175),
    "white": (240, 240, 240),
}
PALETTE = COLOURS | {  # no brown: it is what orange is in the shade
    "orange": (250, 125, 15),
    "pink": (250, 150, 195),
    "black": (28, 28, 32),
    "turquoise": (40, 200, 195),
}


@dataclass(frozen=True)
class Placement:
    """One object in an image. `x, y` = centre and `size` = long side, in pixels; `tint` = a key of PALETTE or "".

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

    @property
    def frame(self) -> int:
        """The first frame in which it is seen (0 where it is seen in all)."""
        return self.frames[0] if self.frames else 0


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


def covered(placements: Sequence[Placement], sprites: Sprites) -> list[float]:
    """Which share of each placement's pixels (those that are more opaque than not) is covered by later ones."""
    edges = np.array([box(placed, sprites) for placed in placements], int)
    edges -= np.tile(edges[:, :2].min(0), 2)
    masks = np.zeros((len(placements), *edges[:, :1:-1].max(0)), bool)
    for mask, placed, (left, top, right, bottom) in zip(masks, placements, edges, strict=True):
        alpha = Image.fromarray(np.ascontiguousarray(sprites[placed.noun, placed.view][..., 3]))
        shown = alpha.resize((int(right - left), int(bottom - top)), Image.Resampling.BOX)
        mask[top:bottom, left:right] = np.asarray(shown) > 127
    later = [masks[number + 1 :].any(0) for number in range(len(masks))]
    return [float((mask & over).sum() / max(mask.sum(), 1)) for mask, over in zip(masks, later, strict=True)]


def compose(
    placements: Sequence[Placement], sprites: Sprites, background_seed: int, size_px: int
) -> UInt8[np.ndarray, "height width rgb=3"]:
    """Draw the placements, first to last, over the background of `background_seed`.

    Raises LinmechError for a noun or view without a sprite.
    """
    return drawn(placements, sprites, background(background_seed, size_px))


def drawn(
    placements: Sequence[Placement], sprites: Sprites, behind: UInt8[np.ndarray, "height width rgb=3"]
) -> UInt8[np.ndarray, "height width rgb=3"]:
    """Draw the placements, first to last, over what is behind them. Raises LinmechError as `compose`."""
    canvas = Image.fromarray(behind)
    for placement in placements:
        if (placement.noun, placement.view) not in sprites:
            raise LinmechError(
                f"sprites: no sprite of '{placement.noun}' view {placement.view}: render the sprites again "
                "(results/sprites) with the objects that the manifest names"
            )
        pixels = tint(sprites[placement.noun, placement.view], placement.tint)
        left, top, right, bottom = (int(edge) for edge in box(placement, sprites))
        shown = Image.fromarray(pixels).resize((right - left, bottom - top), Image.Resampling.BOX)
        canvas.paste(shown, (left, top), shown)
    return np.asarray(canvas)


def tint(sprite: UInt8[np.ndarray, "height width rgba=4"], colour: str) -> UInt8[np.ndarray, "height width rgba=4"]:
    """Recolour a sprite to one of PALETTE, keeping its shading and alpha; "" leaves it as it is."""
    if not colour:
        return sprite
    return np.dstack([painted(sprite[..., :3], sprite[..., 3] > 127, colour), sprite[..., 3]])


def painted(
    pixels: UInt8[np.ndarray, "*place rgb=3"], opaque: Bool[np.ndarray, "*place"], colour: str
) -> UInt8[np.ndarray, "*place rgb=3"]:
    """The pixels in shades of one of PALETTE; what is dark and light is told by those that are `opaque`."""
    grey = pixels.astype(np.float32).mean(-1, keepdims=True) / 255
    low, high = np.percentile(grey[opaque], [5, 95]) if opaque.any() else (0.0, 1.0)
    shade = 0.45 + 0.55 * ((grey - low) / max(high - low, 0.15)).clip(0, 1)
    return (shade * np.array(PALETTE[colour], np.float32)).astype(np.uint8)


def _extent(sprite: np.ndarray, size: float) -> tuple[int, int]:
    height, width = sprite.shape[:2]
    scale = size / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))
