"""Which part of the image, and which frame of the video, each visual token stands for.

Nothing here knows a family by name. The layout is read off what the processor hands over: a grid of patches (Qwen's
kin, VideoLLaMA3), tiles of a canvas with a thumbnail (InternVL), a whole image followed by its unpadded rows
(LLaVA-OneVision), frames of a square of tokens with or without newlines, or one square (LLaVA, Gemma-3). A layout
that none of them explains is an error that names the counts; it is never guessed.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from linmech.errors import LinmechError
from linmech.models.framing import Box, shown
from linmech.models.vlm import VLM

NOWHERE = (np.nan,) * 4


@dataclass(frozen=True)
class VisualTokens:
    """One row per visual token of a prompt, in order.

    `boxes`: x0, y0, x1, y1 as shares of the image's width and height; NaN for tokens that stand for no place (newlines)
    and for thumbnails. `frames`: the first and the last frame that the token shows (0, 0 in an image; -1, -1 = none).
    """

    boxes: Float[np.ndarray, "token edge=4"]
    frames: Int[np.ndarray, "token end=2"]

    def at(self, x: float, y: float) -> list[int]:
        """The tokens whose box holds the point (x, y), each from 0 (left, top) up to but not including 1."""
        left, top, right, bottom = self.boxes.T
        return np.flatnonzero((left <= x) & (x < right) & (top <= y) & (y < bottom)).tolist()

    def of_frame(self, number: int) -> list[int]:
        """The tokens that show frame `number`; two neighbouring frames may share theirs (Qwen)."""
        first, last = self.frames.T
        return np.flatnonzero((first <= number) & (number <= last)).tolist()


def visual_tokens(
    vlm: VLM, inputs: dict[str, Tensor], row: int, size: tuple[int, int, int], count: int
) -> VisualTokens:
    """The visual tokens of one prompt: `size` = frames (1 for an image), height, width in pixels; `count` of them.

    Raises LinmechError where the layout cannot be told.
    """
    frames, height, width = size
    found = _from_grid(vlm, inputs, row, frames) or _from_shape(vlm, inputs, frames, (height, width), count)
    if found is None or len(found.boxes) != count:
        explained = "no layout" if found is None else f"a layout of {len(found.boxes)} tokens"
        raise LinmechError(
            f"model {vlm.name}: {explained} explains its {count} visual tokens of {frames} x {height} x {width}; "
            "image_patch and frame cannot be used with it"
        )
    return found


def grid(rows: int, columns: int, within: Sequence[float] = (0.0, 0.0, 1.0, 1.0), newline: bool = False) -> np.ndarray:
    """Boxes (token edge) of a grid, row by row, that fills the box `within`; `newline` adds a token to each row."""
    x = np.linspace(within[0], within[2], columns + 1)
    y = np.linspace(within[1], within[3], rows + 1)
    lines = [[(x[c], y[r], x[c + 1], y[r + 1]) for c in range(columns)] + [NOWHERE] * newline for r in range(rows)]
    return np.array(lines).reshape(-1, 4)


def _from_grid(vlm: VLM, inputs: dict[str, Tensor], row: int, frames: int) -> VisualTokens | None:
    """Where the processor tells the grid of patches (time, height, width); merged patches are one token."""
    kind = next((kind for kind in ("image", "video") if f"{kind}_grid_thw" in inputs), None)
    if kind is None:
        return None
    shapes = inputs[f"{kind}_grid_thw"].tolist()
    merges = inputs.get(f"{kind}_merge_sizes")
    usual = getattr(vlm.model.config.vision_config, "spatial_merge_size", 1)
    merge = [int(m) for m in merges] if merges is not None else [usual] * len(shapes)
    cells = [t * h * w // m**2 for (t, h, w), m in zip(shapes, merge, strict=True)]
    times, rows, columns = shapes[row][0], shapes[row][1] // merge[row], shapes[row][2] // merge[row]
    boxes = np.tile(grid(rows, columns), (times, 1))
    first = np.repeat(np.arange(times), rows * columns) * max(frames // times, 1)
    ends = np.stack([first, first + max(frames // times, 1) - 1], 1)
    kept = inputs.get(f"{kind}_compression_mask")
    if kept is not None:
        own = kept[sum(cells[:row]) : sum(cells[: row + 1])].bool().cpu().numpy()
        boxes, ends = boxes[own], ends[own]
    return VisualTokens(boxes, ends)


def _from_shape(
    vlm: VLM, inputs: dict[str, Tensor], frames: int, size: tuple[int, int], count: int
) -> VisualTokens | None:
    """Where only counts tell: one square, a square per frame, tiles with a thumbnail, or rows that end in newlines."""
    per_tile = getattr(vlm.processor, "image_seq_length", None)
    if frames > 1:
        return _frames(frames, count, shown(vlm.processor, size, "video"))
    if per_tile and count % per_tile == 0 and count > per_tile:
        return _tiles(vlm, size, per_tile, count // per_tile)
    if "image_sizes" in inputs:
        return _unpadded(vlm, size)
    if count > 1 and isqrt(count) ** 2 == count:
        return _image(grid(isqrt(count), isqrt(count), shown(vlm.processor, size)))
    return None


def _image(boxes: np.ndarray) -> VisualTokens:
    return VisualTokens(boxes, np.zeros((len(boxes), 2), int))


def _frames(frames: int, count: int, part: Box) -> VisualTokens | None:
    """A square of tokens per frame: as it is, with one newline after all frames, or with one after every row."""
    for each, newline, extra in ((count // frames, False, count % frames), (count // frames, True, count % frames)):
        side = next((s for s in range(1, isqrt(each) + 1) if s * (s + newline) == each), None)
        if side and extra <= 1:
            boxes = [grid(side, side, part, newline)] * frames + [np.array([NOWHERE])] * extra
            numbers = np.repeat([*range(frames), -1], [each] * frames + [extra])
            return VisualTokens(np.concatenate(boxes), np.stack([numbers, numbers], 1))
    return None


def _tiles(vlm: VLM, size: tuple[int, int], per_tile: int, count: int) -> VisualTokens | None:
    """A canvas of `count` - 1 square tiles, each a square of tokens, and a thumbnail of the whole at the end."""
    images, side = vlm.processor.image_processor, isqrt(per_tile)
    canvas = getattr(sys.modules[type(images).__module__], "get_optimal_tiled_canvas", None)
    if canvas is None or side**2 != per_tile:
        return None
    tile = (images.size["height"], images.size["width"])
    columns, rows = canvas(size, tile, images.min_patches, images.max_patches)
    if columns * rows != count - 1:
        return None
    boxes = [
        grid(side, side, (c / columns, r / rows, (c + 1) / columns, (r + 1) / rows))
        for r in range(rows)
        for c in range(columns)
    ]
    return _image(np.concatenate([*boxes, np.full((per_tile, 4), np.nan)]))


def _unpadded(vlm: VLM, size: tuple[int, int]) -> VisualTokens | None:
    """The whole image as a square (a thumbnail), then the rows of the image at full size, a newline after each.

    Tiles and rows are counted by the library's own functions, by which the processor counts its placeholders.
    """
    vision, processor = vlm.model.config.vision_config, vlm.processor
    if not hasattr(processor, "_get_unpadded_features"):
        return None
    side = vision.image_size // vision.patch_size
    # here, because the import takes most of a second, of every job
    from transformers.models.llava_next.modeling_llava_next import get_anyres_image_grid_shape

    tiles = get_anyres_image_grid_shape(size, processor.image_processor.image_grid_pinpoints, vision.image_size)
    cells, rows = processor._get_unpadded_features(*size, side, side, *tiles)
    return _image(np.concatenate([np.full((side**2, 4), np.nan), grid(rows, cells // rows, newline=True)]))
