"""Break one part of a model for as long as a block of code runs (`models.faults`)."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor
from torch.nn import Parameter

from linmech.engine.beliefs import readout
from linmech.engine.prefix import cross_attention_layers
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions
from linmech.models.vlm import VLM


@contextlib.contextmanager
def unbound(vlm: VLM, prompt: Encoded, blocks: Iterable[int]) -> Iterator[VLM]:
    """The model with its nouns' attention to visual tokens knocked out in `blocks` (counted from 1).

    For prompts of the same tokens as `prompt` (a batch of one), by plain forward passes. Raises LinmechError for a
    model whose picture is not among its tokens.
    """
    if cross_attention_layers(vlm):
        raise LinmechError(
            f"model {vlm.name}: fault binding needs a picture among the tokens, and it has cross-attention; plant "
            "vision or readout"
        )
    rows, columns = (positions(prompt, 0, selector, vlm, pieces="all") for selector in ("nouns", "image"))
    with contextlib.ExitStack() as stack:
        for block in blocks:
            act = partial(_without, rows, columns)
            handle = vlm.layers[block - 1].self_attn.register_forward_pre_hook(act, with_kwargs=True)
            stack.callback(handle.remove)
        yield replace(vlm, plain=True)


def _without(rows: list[int], columns: list[int], attention, args: tuple, kwargs: dict) -> tuple:
    """A block's attention, called so that the tokens `rows` do not see the tokens `columns`."""
    states: Tensor = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
    mask, length, least = kwargs.get("attention_mask"), states.shape[1], torch.finfo(states.dtype).min
    if mask is None:
        allowed = torch.ones(length, length, dtype=torch.bool, device=states.device).tril()[None, None]
    else:
        allowed = mask.clone() if mask.dtype == torch.bool else mask > least / 2
    allowed[..., torch.tensor(rows)[:, None], torch.tensor(columns)] = False
    known = torch.zeros(allowed.shape, dtype=states.dtype, device=states.device).masked_fill(~allowed, least)
    return args, kwargs | {"attention_mask": known}


@contextlib.contextmanager
def flipped(vlm: VLM, prompt: Encoded) -> Iterator[VLM]:
    """The model with the unembedding's rows of the two answers to `prompt` exchanged, form by form (left, Left, ...).

    Raises LinmechError where the answers' first pieces do not pair up.
    """
    asked, head = readout(vlm, prompt, 0), vlm.head
    ones, others = ([form[0] for form in forms] for forms in (asked.first, asked.second))
    if len(ones) != len(others) or len({*ones, *others}) != 2 * len(ones):
        raise LinmechError(f"model {vlm.name}: fault readout cannot pair the forms of {prompt.questions[0].options}")
    healthy = head.weight
    order = torch.arange(len(healthy), device=healthy.device)
    order[ones + others] = torch.tensor(others + ones, device=healthy.device)
    head.weight = Parameter(healthy[order], requires_grad=False)  # a copy: embeddings that are tied to it stay healthy
    try:
        yield vlm
    finally:
        head.weight = healthy
