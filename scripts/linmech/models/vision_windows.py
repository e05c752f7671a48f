"""Vision towers that see a batch as one long sequence (Qwen's kin): all windows of one length attend in one call.

transformers cuts such a sequence into its images, or windows, and attends in each by a call of its own, unless
flash-attention is installed: Qwen2.5-VL-7B makes 576 calls in each of 28 blocks for 16 images of 672 px. Which patches
see which stays as it is, and so do the numbers, up to the order of sums.
"""

import inspect

import torch
from torch import Tensor
from torch.nn import Module
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

ATTENTION = "windows_at_once"
CUTS = "cu_seqlens"  # the argument that says where images or windows begin
COUNT = "windows_now"


def windows_at_once(module: Module, query: Tensor, key: Tensor, value: Tensor, *arguments: object, **named: object):
    """SDPA on `module.windows_now` windows of equal length, which stand one after the other: (1 head token part)."""
    count = getattr(module, COUNT)
    apart = [x.unflatten(2, (count, -1)).squeeze(0).transpose(0, 1) for x in (query, key, value)]
    found = sdpa_attention_forward(module, *apart, *arguments, **named)[0]
    return found.flatten(0, 1).unsqueeze(0), None


AttentionInterface.register(ATTENTION, windows_at_once)


def attend_in_windows_at_once(model: Module) -> None:
    """Let the vision tower of a loaded model do so, if it has parts that take CUTS and attend by SDPA."""
    takers = [part for part in model.modules() if _takes_cuts(part)]
    innermost = [part for part in takers if sum(map(_takes_cuts, part.modules())) == 1]
    chosen = [part for part in innermost if _attention(part) == "sdpa"]
    for part in chosen:
        part.config._attn_implementation = ATTENTION
        part.register_forward_pre_hook(_join, with_kwargs=True)


def _takes_cuts(part: Module) -> bool:
    return CUTS in inspect.signature(part.forward).parameters


def _attention(part: Module) -> str | None:
    return getattr(getattr(part, "config", None), "_attn_implementation", None)


def _join(part: Module, arguments: tuple, named: dict) -> tuple[tuple, dict]:
    """Where all windows are of one length, tell the part of one, and `windows_at_once` of all."""
    if _attention(part) != ATTENTION:  # another one was set since
        return arguments, named
    lengths = named[CUTS].diff()
    alike = bool((lengths == lengths[0]).all())
    setattr(part, COUNT, len(lengths) if alike else 1)
    return arguments, named | ({CUTS: torch.stack([named[CUTS][0], named[CUTS][-1]])} if alike else {})
