"""How much of a picture a model is shown: all of it, the square in its middle, or all of it in a square of padding.

Processors that cut out the centre (LLaVA-1.5's) hide what lies near the ends of a wide or a tall picture, and say
nothing. `pad_to_square` of a model's stanza puts a border of the mean colour around pictures before they see them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageOps

from linmech.errors import LinmechError
from linmech.models.processing import Pinned, entry
from linmech.models.vlm import VLM
from linmech.stimuli.items import Item, Thing
from linmech.stimuli.visuals import Video, Visual

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the picture
WHOLE = (0.0, 0.0, 1.0, 1.0)


def shown(processor: object, size: tuple[int, int], kind: str = "image") -> Box:
    """The part of a picture of `size` (height, width; pixels) that the model sees; below 0 and above 1 is padding.

    `kind`: "image" or "video".
    """
    images = getattr(processor, f"{kind}_processor", None)
    if not getattr(images, "do_center_crop", False):
        return WHOLE
    canvas = (max(size),) * 2 if Pinned.of(processor).fill else size
    scaled = _scaled(images, canvas)
    cut = [entry(images.crop_size, name) for name in ("height", "width")]
    y, x = (0.5 * cut[n] / scaled[n] * canvas[n] / size[n] for n in range(2))
    return 0.5 - x, 0.5 - y, 0.5 + x, 0.5 + y


def _scaled(images: object, size: tuple[int, int]) -> tuple[float, float]:
    """The height and width of a picture before its centre is cut out."""
    if not getattr(images, "do_resize", False):
        return size
    if shortest := entry(images.size, "shortest_edge"):
        return size[0] * shortest / min(size), size[1] * shortest / min(size)
    return entry(images.size, "height") or size[0], entry(images.size, "width") or size[1]


def squared(visual: Visual, fill: Sequence[int]) -> Visual:
    """The visual in the middle of a square, a border of the colour `fill` around it."""
    if isinstance(visual, Video):
        frames = [np.asarray(squared(Image.fromarray(frame), fill)) for frame in visual.frames]
        return replace(visual, frames=np.stack(frames))
    side = max(visual.size)
    left, top = (side - visual.width) // 2, (side - visual.height) // 2
    border = left, top, side - visual.width - left, side - visual.height - top
    return ImageOps.expand(visual.convert("RGB"), border, tuple(fill))


def unseen(vlm: VLM, item: Item) -> list[str]:
    """The nouns of an item whose centre is known and lies outside what the model sees of the picture."""
    if not item.height or not item.width:
        return []
    kind = "video" if any(thing.frames for thing in item.things.values()) else "image"
    part = shown(vlm.processor, (item.height, item.width), kind)
    return [thing.noun for thing in item.things.values() if not _within(thing, item, part)]


def _within(thing: Thing, item: Item, part: Box) -> bool:
    x, y = thing.x / item.width, thing.y / item.height
    return not (np.isfinite([x, y]).all() and not (part[0] <= x <= part[2] and part[1] <= y <= part[3]))


def cut_off(vlm: VLM, items: Sequence[Item], where: str) -> str:
    """A line that counts the items about something that the model does not see; "" where there are none."""
    return _line(vlm, sum(bool(unseen(vlm, item)) for item in items), len(items), where)


def in_view(vlm: VLM, items: Sequence[Item], where: str) -> list[Item]:
    """The items of which the model sees every noun; a line counts those that are left out.

    Raises LinmechError where none is left.
    """
    kept = [item for item in items if not unseen(vlm, item)]
    line = _line(vlm, len(items) - len(kept), len(items), where)
    if items and not kept:
        raise LinmechError(line)
    if line:
        print(f"{line}; they are left out", flush=True)
    return kept


def _line(vlm: VLM, hidden: int, asked: int, where: str) -> str:
    if not hidden:
        return ""
    return (
        f"{where}: in {hidden} of {asked} questions the centre of a noun lies outside the square in the middle of "
        f"the picture, which is all that {vlm.name}'s processor shows it; models.{vlm.name}.pad_to_square: true shows "
        "whole pictures"
    )
