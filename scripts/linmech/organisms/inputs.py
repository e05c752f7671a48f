"""How training hands images and questions to an organism of any family, without its processor and in large batches."""

import contextlib
import functools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from linmech.organisms.families.video_llama_3 import MERGED
from linmech.organisms.recipe import Recipe
from linmech.organisms.start import IMAGE_MEAN, IMAGE_STD

Images = UInt8[np.ndarray, "image height width rgb=3"]


def normalise(images: Images, device: torch.device) -> Float[Tensor, "image rgb=3 height width"]:
    """8-bit images as the processors hand them to the models (no resizing: they have the model's size), on `device`."""
    pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(v, device=device)[None, :, None, None] for v in (IMAGE_MEAN, IMAGE_STD))
    return (pixels - mean) / std


def autocast(model: nn.Module, recipe: Recipe) -> torch.autocast:
    """Products in bfloat16 where the recipe's precision says so, which is decided by now; weights stay float32."""
    assert recipe.precision in ("bfloat16", "float32"), recipe.precision
    return torch.autocast(model.device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16")


def pixel_inputs(model: nn.Module, images: Images) -> dict[str, Tensor]:
    """The images as the model's arguments; Qwen's kin take flat patches, each twice in time, and their grid;
    VideoLLaMA3 takes them once, and how many are pooled; Mllama takes every image as one tile.
    """
    pixels, vision = normalise(images, model.device), model.config.vision_config
    if hasattr(vision, "max_num_tiles"):
        one = torch.ones(len(pixels), 1, dtype=torch.long, device=pixels.device)
        return {"pixel_values": pixels[:, None, None], "aspect_ratio_ids": one, "aspect_ratio_mask": one[..., None]}
    pooled = {}
    if vision.model_type == "video_llama_3_vision":
        times, merge = 1, MERGED
        pooled = {"image_merge_sizes": torch.full((len(pixels),), merge, device=pixels.device)}
    elif hasattr(vision, "temporal_patch_size"):
        times, merge = vision.temporal_patch_size, vision.spatial_merge_size
    else:
        return {"pixel_values": pixels}
    patch = vision.patch_size
    count, channels, height, width = pixels.shape
    rows, columns = height // patch, width // patch
    cut = pixels.view(count, channels, rows // merge, merge, patch, columns // merge, merge, patch)
    flat = cut.permute(0, 2, 5, 3, 6, 1, 4, 7).reshape(count * rows * columns, channels, 1, patch, patch)
    grid = torch.tensor([[1, rows, columns]], device=pixels.device).expand(count, -1)
    return {"pixel_values": flat.expand(-1, -1, times, -1, -1).flatten(1), "image_grid_thw": grid} | pooled


def attends_across(model: nn.Module) -> bool:
    """Whether the decoder reads the image by cross-attention, so that it stands as one token in the prompt."""
    return hasattr(model.config.get_text_config(), "cross_attention_layers")


def image_features(model: nn.Module, images: Images) -> Float[Tensor, "image patch hidden"]:
    """The projected states by which the decoder sees the image; patches come last (Mllama's class token first).

    LLaVA-OneVision sees each as a video of one frame, whose newline is left to `shown`.
    """
    if hasattr(model.model, "image_newline"):
        return model.model.get_video_features(normalise(images, model.device)[:, None]).pooler_output[:, :-1]
    if attends_across(model):
        states = model.model.vision_model(**pixel_inputs(model, images)).last_hidden_state
        return model.model.multi_modal_projector(states).flatten(1, 3)
    with _patches_by_matrix(model):
        features = model.model.get_image_features(**pixel_inputs(model, images), return_dict=True)
    features = getattr(features, "pooler_output", features)
    return features if torch.is_tensor(features) else torch.stack(list(features))


@contextlib.contextmanager
def _patches_by_matrix(model: nn.Module) -> Iterator[None]:
    """Let a convolution over whole patches of video (Qwen's kin) run as the matrix product that it is.

    The same numbers; PyTorch's Conv3d took 80 % of a training step on a CPU, twelve seconds instead of one.
    """
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv3d)]
    for each in convolutions:
        each.forward = functools.partial(_as_matrix, each)
    try:
        yield
    finally:
        for each in convolutions:
            del each.forward


def _as_matrix(convolution: nn.Conv3d, patches: Tensor) -> Tensor:
    return F.linear(patches.flatten(1), convolution.weight.flatten(1), convolution.bias)[..., None, None, None]


@torch.inference_mode()
def encode_images(model: nn.Module, images: Images, batch: int = 256) -> Float[Tensor, "image patch hidden"]:
    """Projected features of all images."""
    chunks = [images[i : i + batch] for i in range(0, len(images), batch)]
    return torch.cat([image_features(model, chunk) for chunk in chunks]).clone()


def shown(
    model: nn.Module,
    features: Float[Tensor, "image patch hidden"],
    frames: Int[np.ndarray, "visual frame"],
    between: Sequence[Sequence[int]] = (),
) -> Float[Tensor, "visual token hidden"]:
    """The states by which the decoder sees images or videos, put together of those of their frames, in their order.

    As the classes themselves do it: LLaVA-OneVision ends a video with a newline. `between`: the tokens that follow each
    frame before the next one (VideoLLaMA3's times); they may be of more frames than are shown.
    """
    states = features[torch.from_numpy(frames)]
    if between:
        embed, count = model.get_input_embeddings(), frames.shape[1]
        told = [embed(torch.tensor(tokens, device=states.device)) for tokens in between[: count - 1]]
        told = [words.expand(len(states), -1, -1) for words in told] + [states[:, 0, :0]]
        pieces = [piece for frame, words in zip(range(count), told, strict=True) for piece in (states[:, frame], words)]
        return torch.cat(pieces, 1)
    states = states.flatten(1, 2)
    newline = getattr(model.model, "image_newline", None)
    return states if newline is None else torch.cat([states, newline.expand(len(states), 1, -1)], 1)


def encode_shown(
    model: nn.Module, images: Images, frames: Int[np.ndarray, "visual frame"], between: Sequence[Sequence[int]] = ()
) -> Float[Tensor, "visual token hidden"]:
    """`shown`, for the images that are among the frames alone: each is encoded once."""
    used, places = np.unique(frames, return_inverse=True)
    return shown(model, image_features(model, images[used]), places.reshape(frames.shape), between)


def vision_parts(model: nn.Module) -> list[nn.Module]:
    """Everything that turns pixels into the decoder's input: vision tower and projector."""
    return [part for name, part in model.model.named_children() if name != "language_model"]


def projector_end(model: nn.Module) -> list[nn.Parameter]:
    """The weights of the projector's last layer, which is linear: the matrix, and the bias where there is one."""
    parts = [part for whole in vision_parts(model) for part in whole.modules()]
    bare = [part.mm_input_projection_weight for part in parts if hasattr(part, "mm_input_projection_weight")]  # Gemma-3
    return bare or list([part for part in parts if isinstance(part, nn.Linear)][-1].parameters())


def decoder_inputs(
    model: nn.Module, features: Float[Tensor, "image patch hidden"], tokens: Int[Tensor, "image token"],
    before: Sequence[int], after: Sequence[int],
) -> dict[str, Tensor]:  # fmt: skip
    """The decoder's arguments for a prompt of the tokens `before`, an image, the tokens `after` and `tokens`."""
    embed, count = model.get_input_embeddings(), len(tokens)
    across = attends_across(model)
    placeholder = [model.config.image_token_index] if across else []
    ends = [*before, *placeholder], after
    head, tail = (torch.tensor(part, dtype=torch.long, device=tokens.device) for part in ends)
    parts = [embed(head).expand(count, -1, -1), *[features] * (not across), embed(tail).expand(count, -1, -1)]
    states = torch.cat([*parts, embed(tokens)], 1)
    if torch.is_autocast_enabled(states.device.type):
        states = states.bfloat16()
    if not across:
        return {"inputs_embeds": states}
    sees = (torch.arange(states.shape[1], device=states.device) >= len(before)).float()[None, None, :, None]
    return {"inputs_embeds": states, "cross_attention_states": features, "full_text_row_masked_out_mask": sees}


def places(
    model: nn.Module, before: int, patches: int, after: int, slots: int, length: int, frames: int = 0
) -> Int[Tensor, "axis 1 token"] | Int[Tensor, "1 token"]:
    """Rotary positions of `before` tokens, an image of `patches`, `after` tokens and `slots` questions of `length`.

    `frames`: of a video in the place of the image, one a second. Every question goes on from the same place. Qwen's kin
    count an image in rows and columns (and seconds), the next word after the longer side.
    """
    if not hasattr(model.model, "get_rope_index"):
        prefix = torch.arange(before + patches + after)[None]
    else:
        side, kind = int((patches // max(frames, 1)) ** 0.5), 2 if frames else 1
        types = torch.tensor([[0] * before + [kind] * patches + [0] * after])
        merge = model.config.vision_config.spatial_merge_size
        shape = {
            f"{'video' if frames else 'image'}_grid_thw": torch.tensor([[max(frames, 1), side * merge, side * merge]])
        }
        prefix = model.model.get_rope_index(types, types, **shape)[0]
    following = prefix[..., -1:] + 1 + torch.arange(length).repeat(slots)
    return torch.cat([prefix, following], -1).to(model.device)
