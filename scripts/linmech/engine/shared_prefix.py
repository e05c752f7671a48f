"""Attention of many runs over one prefix (or a few): its keys and values are held once, whatever the number of runs.

Put in place of a decoder's own attention function (which transformers looks up by name in the decoder's configuration)
while a suffix runs. Scores over the prefix are one matrix product for all runs together, so neither memory nor time is
spent on copies of the prefix; softmax in float32 over prefix and suffix together.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import pad
from transformers import AttentionInterface
from transformers.cache_utils import DynamicLayer
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from linmech.errors import LinmechError

NAME = "shared_prefix"
_active: ContextVar["Prefixes"] = ContextVar("prefixes")


class FrozenLayer(DynamicLayer):
    """Keys and values of prefixes, (prefix head token size). `update` keeps nothing and hands back what it is given.

    A layer of cross-attention holds the keys and values of the image; the model reads them as they are.
    """

    def __init__(self, keys: Tensor, values: Tensor):
        super().__init__()
        self.keys, self.values = keys, values
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True

    def update(self, key_states: Tensor, value_states: Tensor, *args, **kwargs) -> tuple[Tensor, Tensor]:
        """The suffix's own states; `shared_prefix` puts the prefix before them."""
        return key_states, value_states


@dataclass
class Prefixes:
    """The frozen layers of a decoder, and which of their prefixes each run of the batch goes on from.

    `places`: how many of the last tokens are read after block number `last`, which attends from no others; 0 means all.
    (Where blocks share keys and values, there are fewer layers than blocks.)
    """

    layers: Sequence[FrozenLayer]
    source: list[int]
    places: int = 0
    last: int = -1


@contextlib.contextmanager
def prefix_shared(decoder: Module, prefixes: Prefixes) -> Iterator[None]:
    """Run the decoder's layers over the prefixes inside the block; its own attention comes back afterwards."""
    config, token = decoder.config, _active.set(prefixes)
    usual, config._attn_implementation = config._attn_implementation, NAME
    try:
        yield
    finally:
        config._attn_implementation = usual
        _active.reset(token)


def shared_prefix(
    module: Module, query: Float[Tensor, "run head token size"], key: Tensor, value: Tensor,
    attention_mask: Tensor | None, scaling: float | None = None, dropout: float = 0.0, softcap: float | None = None,
    **unused,
) -> tuple[Float[Tensor, "run token head size"], None]:  # fmt: skip
    """Attention of the suffix's tokens over the frozen prefix of this layer and over their own run's suffix."""
    if unused.get("s_aux") is not None:
        raise LinmechError(f"{type(module).__name__} has attention sinks, which shared prefixes do not cover")
    prefixes = _active.get()
    frozen = prefixes.layers[module.layer_idx]
    all_tokens, groups = query.shape[2], frozen.keys.shape[1]
    if prefixes.places and module.layer_idx == prefixes.last:
        query = query[:, :, -prefixes.places :]
        attention_mask = None if attention_mask is None else attention_mask[:, :, -prefixes.places :]
    runs, heads, tokens, size = query.shape
    query = (query * (size**-0.5 if scaling is None else scaling)).reshape(runs, groups, -1, size)
    crosses = key is frozen.keys
    held = frozen.keys.shape[2]
    scores = query.new_empty(*query.shape[:3], held + (0 if crosses else key.shape[2]))
    scores[..., :held] = _times(query, frozen.keys.transpose(-1, -2), prefixes.source)
    if not crosses:
        scores[..., held:] = query @ key.transpose(-1, -2)
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    by_head = scores.view(runs, groups, heads // groups, tokens, scores.shape[-1])
    weights = _mask(by_head, attention_mask).softmax(-1, dtype=torch.float32).to(query.dtype).view(scores.shape)
    out = _times(weights[..., :held], frozen.values, prefixes.source)
    if not crosses:
        out = out + weights[..., held:] @ value
    return pad(out.reshape(runs, heads, tokens, size).transpose(1, 2), (0, 0, 0, 0, all_tokens - tokens, 0)), None


def _times(
    left: Float[Tensor, "run group query a"], right: Float[Tensor, "prefix group a b"], source: Sequence[int]
) -> Float[Tensor, "run group query b"]:
    """Each run's matrix times that of its prefix; runs of one prefix are folded into the rows of one product."""
    if len(right) == 1 or not any(source):
        runs, groups, count, _ = left.shape
        folded = left.transpose(0, 1).reshape(groups, runs * count, left.shape[-1]) @ right[0]
        return folded.view(groups, runs, count, right.shape[-1]).transpose(0, 1)
    found = left.new_empty(*left.shape[:3], right.shape[-1])
    owners = torch.tensor(source, device=left.device)
    for number in set(source):
        found[owners == number] = _times(left[owners == number], right[number : number + 1], [0])
    return found


def _mask(
    scores: Float[Tensor, "run group head token key"], mask: Tensor | None
) -> Float[Tensor, "run group head token key"]:
    """The scores themselves, changed in place: they are what takes the memory."""
    if mask is None:
        return scores
    mask = mask[:, :, None, :, : scores.shape[-1]]
    return scores.masked_fill_(~mask, torch.finfo(scores.dtype).min) if mask.dtype == torch.bool else scores.add_(mask)


AttentionInterface.register(NAME, shared_prefix)
AttentionMaskInterface.register(NAME, eager_mask)  # always an explicit mask
