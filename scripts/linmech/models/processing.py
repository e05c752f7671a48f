"""What decides how a processor shows a visual and writes a prompt, made explicit: pixels, tiles, the date.

Files of a processor may say one thing and the defaults of its class another (InternVL's tiles: 256 tokens by the file,
3,328 by the call), or nothing at all. A stanza's keys come first, then the checkpoint's files; what neither tells is
an error or, for the date, a day that never changes. No family is named: what differs is read off the processor.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch.nn import Module

from linmech.errors import LinmechError

DAY = "26 Jul 2024"  # what Llama's template writes where it knows no clock
FILES = ("processor_config.json", "preprocessor_config.json")
LIMITS = ("shortest_edge", "longest_edge")  # by which processors of any size bound an image's area


@dataclass(frozen=True)
class Pinned:
    """What is fixed of a processor: `call`, the options of a call about images; `written`, what its chat template is
    told (the date); `keys`, those of its stanza, which all change a model's numbers; `fill`, the colour (0..255) of the
    border that makes a picture square before it is seen, () = none (`framing`).
    """

    call: Mapping[str, object] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, object] = field(default_factory=dict)
    fill: tuple[int, ...] = ()

    @classmethod
    def of(cls, processor: object) -> "Pinned":
        """What `pin` fixed of this processor; nothing of one that was never pinned."""
        return getattr(processor, "pinned", None) or cls()


def pin(
    processor: object, model: Module, folder: Path, *, name: str = "", pixels: Sequence[int] | None = None,
    tiles: int | None = None, date: str | None = None, frame_newlines: str | None = None,
    pad_to_square: bool | None = None,
) -> None:  # fmt: skip
    """Fix what decides numbers, and fill in what old files leave out; `load_model` says what the keys mean.

    Raises LinmechError for a key that does nothing here, and where neither the stanza nor the files tell.
    """
    _filled(processor, model)
    call = _tiles(processor, model, tiles, f"models.{name}.tiles")
    _pixels(processor, folder, pixels, f"models.{name}.pixels")
    written = _dated(processor, date, f"models.{name}.date")
    fill = _fill(processor, f"models.{name}.pad_to_square") if pad_to_square else ()
    keys = {"pixels": pixels, "tiles": tiles, "date": date, "frame_newlines": frame_newlines}
    processor.pinned = Pinned(call, written, {key: value for key, value in keys.items() if value}, fill)


def _filled(processor: object, model: Module) -> None:
    """Numbers by which placeholders are counted, and which LLaVA's older processors do not have: the model's own."""
    if getattr(processor, "patch_size", 0) is not None:
        return
    tower = model.config.vision_config
    processor.patch_size = tower.patch_size
    if processor.vision_feature_select_strategy is None:
        processor.vision_feature_select_strategy = model.config.vision_feature_select_strategy
    if any("class_embedding" in key for key, _ in model.named_parameters()):
        processor.num_additional_image_tokens = 1


def _dated(processor: object, date: str | None, key: str) -> dict[str, str]:
    """The day that a chat template is told, so that no prompt changes overnight."""
    template = str(processor.chat_template or "")
    if "date_string" in template:
        return {"date_string": date or DAY}
    if "strftime_now" in template:
        raise LinmechError(f"config key {key}: its chat template writes today's date and can be told none; take it out")
    if date:
        raise LinmechError(f"config key {key}: its chat template writes no date; remove it")
    return {}


def _tiles(processor: object, model: Module, tiles: int | None, key: str) -> dict[str, object]:
    """The options of a call by which an image is cut into at most `tiles`, and a processor set to that."""
    images = getattr(processor, "image_processor", None)
    if hasattr(images, "crop_to_patches"):
        if tiles:
            images.max_patches = tiles
        return {"crop_to_patches": tiles > 1 if tiles else bool(images.crop_to_patches)}
    if hasattr(images, "max_image_tiles"):
        known = getattr(model.config.vision_config, "max_num_tiles", images.max_image_tiles)
        if known not in (images.max_image_tiles, None) or tiles not in (known, None):
            raise LinmechError(f"config key {key}: the model was made for {known} tiles at most; write {known}")
        return {}
    if hasattr(images, "do_pan_and_scan"):
        if tiles not in (1, None):
            raise LinmechError(f"config key {key} is {tiles}; pan and scan is not served; write 1, or remove it")
        return {"do_pan_and_scan": False}
    if tiles:
        raise LinmechError(f"config key {key}: its processor cuts no image into tiles; remove it")
    return {}


def _pixels(processor: object, folder: Path, pixels: Sequence[int] | None, key: str) -> None:
    """Set the least and most pixels of an image's area; they must be told where the processor has such limits."""
    images = getattr(processor, "image_processor", None)
    size = getattr(images, "size", None)
    bounded = size is not None and all(entry(size, name) is not None for name in LIMITS)
    if not bounded:
        if pixels:
            raise LinmechError(f"config key {key}: its processor sets no limits to an image's area; remove it")
        return
    if pixels:
        images.size = type(size)(**dict(zip(LIMITS, pixels, strict=True)))
        for name, value in zip(("min_pixels", "max_pixels"), pixels, strict=True):
            if hasattr(images, name):
                setattr(images, name, value)
    elif not any({"size", "max_pixels"} & _settings(folder / file).keys() for file in FILES):
        raise LinmechError(
            f"{folder}/preprocessor_config.json says no limits of an image's pixels; give them: config key {key}"
        )


def _fill(processor: object, key: str) -> tuple[int, ...]:
    """The mean colour of the pictures that the model was trained on, as LLaVA pads with."""
    images = processor.image_processor
    if not getattr(images, "do_center_crop", False):
        raise LinmechError(f"config key {key}: its processor cuts nothing off; remove it")
    return tuple(int(255 * mean) for mean in images.image_mean)


def entry(size: object, name: str) -> int | None:
    """A number of a processor's `size`, a mapping in some versions of transformers; None where it has no such."""
    return size.get(name) if isinstance(size, Mapping) else getattr(size, name, None)


def _settings(path: Path) -> dict:
    """A processor's settings of its images in a file; none where it is absent."""
    if not path.is_file():
        return {}
    known = json.loads(path.read_text())
    return known.get("image_processor", known)
