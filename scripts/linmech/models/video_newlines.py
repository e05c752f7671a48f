"""LLaVA-Video's layout of frames in LLaVA-OneVision's class: a newline after every row of every frame.

transformers has no class of LLaVA-Video's own. OneVision has all its parts, but puts one newline after the last frame;
a converted LLaVA-Video checkpoint needs `frame_newlines: rows` in its stanza.
"""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor
from torch.nn import Module

from linmech.errors import LinmechError


def newline_after_rows(model: Module, processor: object) -> None:
    """Change a loaded OneVision and its processor to the layout of rows. Raises LinmechError for any other class."""
    core = getattr(model, "model", None)
    if not all(hasattr(part, name) for part, name in ((core, "image_newline"), (processor, "num_image_tokens"))):
        raise LinmechError(f"frame_newlines: {type(model).__name__} has no newline embedding; remove the key")
    core.get_video_features = partial(_features, core, core.get_video_features)
    processor.replace_video_token = partial(_placeholders, processor)


def _features(core: Module, usual, pixel_values_videos: Tensor, **options) -> object:
    """OneVision's output with the frames' rows taken apart and a newline put after each."""
    output = usual(pixel_values_videos, **options)
    videos, frames = pixel_values_videos.shape[:2]
    states = output.pooler_output[:, :-1]
    side = int((states.shape[1] // frames) ** 0.5)
    rows = states.reshape(videos, frames, side, side, -1)
    newline = core.image_newline.to(rows).expand(videos, frames, side, 1, -1)
    output.pooler_output = torch.cat([rows, newline], 3).flatten(1, 3)
    return output


def _placeholders(processor: object, video_inputs: Mapping, video_idx: int = 0, **options) -> str:
    frames = len(video_inputs["pixel_values_videos"][video_idx])
    side = -(-int(processor.num_image_tokens**0.5) // 2)
    return processor.video_token * (frames * side * (side + 1))
