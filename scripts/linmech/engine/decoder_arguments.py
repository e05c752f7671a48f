"""What a decoder was called with for a batch of prompts, cut for one prompt of it, for its suffix, or made longer.

Every argument that has an axis of tokens, or of prompts in a batch, must be known here by name; one that is not is an
error, never passed on.
"""

from typing import Any

import torch
from torch import Tensor

from linmech.errors import LinmechError

DROPPED = {
    "input_ids", "inputs_embeds", "past_key_values", "use_cache", "output_hidden_states", "output_attentions",
    "return_dict", "logits_to_keep", "cache_position", "cross_attention_states",
}  # fmt: skip
PER_QUERY = ("cross_attention_mask", "full_text_row_masked_out_mask")  # (prompt 1 query key), Mllama
Arguments = dict[str, Any]


class UnknownArgumentError(LinmechError):
    """A tensor that the decoder was called with and nobody here knows how to cut."""

    def __init__(self, key: str):
        super().__init__(f"the fan-out does not know the decoder's argument {key}; use sweep_full")


def of_prompt(arguments: Arguments, prompt: int, length: int) -> Arguments:
    """The arguments of one prompt of a right-padded batch, without its padding.

    Raises UnknownArgumentError for an unknown tensor, whichever axis of it may be the batch's.
    """
    own = slice(prompt, prompt + 1)

    def mask(value: Tensor | None) -> Tensor | None:
        if value is None or value.ndim == 2:
            return value if value is None else value[own, :length]
        return value[own, :, :length, :length]

    found: Arguments = {}
    for key, value in kept(arguments).items():
        if key == "attention_mask":
            value = {k: mask(v) for k, v in value.items()} if isinstance(value, dict) else mask(value)
        elif key == "position_ids":
            value = value[..., own if value.shape[-2] > 1 else slice(None), :length]
        elif key in PER_QUERY:
            value = value[own, :, :length]
        elif isinstance(value, Tensor):
            raise UnknownArgumentError(key)
        found[key] = value
    return found


def of_suffix(arguments: Arguments, start: int, length: int) -> Arguments:
    """The arguments of one prompt of `length` tokens for the queries from `start` on.

    Masks and positions are cut, the rest stays. Raises UnknownArgumentError for an unknown tensor with an axis of
    tokens.
    """

    def rows(mask: Tensor | None) -> Tensor | None:
        """A 4-D mask's rows of the suffix; a 2-D padding mask covers prefix and suffix and stays whole."""
        return mask[..., start:, :] if mask is not None and mask.ndim == 4 else mask

    cut: Arguments = {}
    for key, value in kept(arguments).items():
        if key == "attention_mask":
            value = {k: rows(v) for k, v in value.items()} if isinstance(value, dict) else rows(value)
        elif key == "position_ids":
            value = value[..., start:]
        elif key in PER_QUERY:
            value = value[:, :, start:]
        elif isinstance(value, Tensor) and length in value.shape:
            raise UnknownArgumentError(key)
        cut[key] = value
    return cut


def lengthened(arguments: Arguments, count: int) -> Arguments | None:
    """The arguments of one prompt with `count` tokens after it; None where they do not tell how."""
    longer = dict(arguments)
    for key, value in kept(arguments).items():
        if key == "attention_mask" and isinstance(value, Tensor) and value.ndim == 2:
            longer[key] = torch.cat([value, value.new_ones(1, count)], -1)
        elif key == "position_ids":
            steps = torch.arange(1, count + 1, device=value.device)
            longer[key] = torch.cat([value, value[..., -1:] + steps], -1)
        elif isinstance(value, (Tensor, dict)):
            return None
    return longer


def kept(arguments: Arguments) -> Arguments:
    """The arguments that say how the blocks run: no embeddings, cache, wishes about the output, nor anything None."""
    return {key: value for key, value in arguments.items() if key not in DROPPED and value is not None}
