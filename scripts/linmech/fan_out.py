"""Many interventions on one prompt in one forward pass of its suffix, with the numbers of one full pass each.

The prompt is run once and the keys and values of its prefix (all tokens before the first edited one) are frozen. The
suffix then runs with a batch of one; at the layer of an edit, a hook appends one row for every run that begins there:
the layers below cost one row, and edits at different layers share the pass. Nothing of the model is reimplemented: a
batch-1 mask and batch-1 rotary embeddings broadcast over the added rows. Later tokens never change the prefix, except
inside an image block with two-way attention (Gemma 3): a cut at or before the last visual token is moved to 0.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import Cache, DynamicLayer

from linmech.beliefs import log_probs
from linmech.errors import LinmechError
from linmech.hooks import edit, record
from linmech.models import VLM

Run = tuple[Any, ...]  # of Intervention; empty for the clean run
NOT_FOR_SUFFIX = {
    "input_ids", "inputs_embeds", "past_key_values", "use_cache", "output_hidden_states", "output_attentions",
    "return_dict", "logits_to_keep", "cache_position",
}  # fmt: skip


class FrozenLayer(DynamicLayer):
    """Keys and values of a prefix (batch 1); `update` puts them before the new ones of any number of rows."""

    def __init__(self, keys: Tensor, values: Tensor):
        super().__init__()
        self.keys, self.values = keys, values
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True

    def update(self, key_states: Tensor, value_states: Tensor, *args, **kwargs) -> tuple[Tensor, Tensor]:
        """The prefix followed by the new states, for the rows of the new states."""
        rows = key_states.shape[0]
        return (
            torch.cat([self.keys.expand(rows, -1, -1, -1), key_states], -2),
            torch.cat([self.values.expand(rows, -1, -1, -1), value_states], -2),
        )


@dataclass(frozen=True)
class Fan:
    """A prompt that was run once: what its decoder was called with, its embeddings, keys and values."""

    vlm: VLM
    arguments: dict[str, Any]
    embeddings: Float[Tensor, "1 token hidden"]
    cache: DynamicCache
    last_visual: int

    @classmethod
    def of(cls, vlm: VLM, inputs: dict[str, Tensor]) -> "Fan":
        """Run the prompt. Raises LinmechError for decoders with cross-attention (use `sweep_full`)."""
        if getattr(vlm.decoder.config, "cross_attention_layers", None):
            raise LinmechError(f"model {vlm.name}: the fan-out does not cover cross-attention; use sweep_full")
        called: dict[str, Any] = {}
        cache = DynamicCache()  # without a config: sliding-window layers then keep every key
        handle = vlm.decoder.register_forward_pre_hook(
            lambda module, args, kwargs: called.update(kwargs), with_kwargs=True
        )
        try:
            with record(vlm, [0]) as seen:
                vlm.model(**inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
        finally:
            handle.remove()
        visual = [i for i, piece in enumerate(inputs["input_ids"][0].tolist()) if piece in vlm.visual_ids]
        return cls(vlm, called, seen[0], cache, max(visual, default=-1))

    def log_probs(
        self, runs: Sequence[Run], pieces: Int[Tensor, "piece"], places: int, max_rows: int
    ) -> Float[Tensor, "run place piece"]:
        """Log-probabilities of `pieces` at the last `places` tokens of every run, at most `max_rows` rows at a time."""
        size = max(1, max_rows - 1)
        order = sorted(range(len(runs)), key=lambda i: min((step.layer for step in runs[i]), default=-1))
        chunks = [[runs[i] for i in order[a : a + size]] for a in range(0, len(runs), size)]
        found = torch.cat([self._chunk(chunk, pieces, places) for chunk in chunks])
        return found[torch.tensor(order).argsort().to(found.device)]

    def _chunk(self, runs: Sequence[Run], pieces: Tensor, places: int) -> Tensor:
        first = [position for run in runs for step in run for position in step.positions]
        start = min([*first, self.embeddings.shape[1] - places])
        start = start if start > self.last_visual else 0
        frozen = [FrozenLayer(one.keys[:, :, :start], one.values[:, :, :start]) for one in self.cache.layers]
        slots = dict.fromkeys((number for number, run in enumerate(runs) if not run), 0)
        layers = sorted({step.layer for run in runs for step in run})
        with contextlib.ExitStack() as stack:
            for layer in layers:
                stack.enter_context(edit(self.vlm, layer, partial(_spread, runs, slots, start, layer)))
            output = self.vlm.decoder(
                inputs_embeds=self.embeddings[:, start:],
                past_key_values=Cache(layers=frozen),
                use_cache=False,
                **self._suffix(start),
            )
        states = output.last_hidden_state[:, -places:]
        return log_probs(self.vlm, states[[slots[number] for number in range(len(runs))]], pieces)

    def _suffix(self, start: int) -> dict[str, Any]:
        """The decoder's arguments for the queries from `start` on: masks and positions are cut, the rest stays."""
        length, kept = self.embeddings.shape[1], {}
        for key, value in self.arguments.items():
            if key in NOT_FOR_SUFFIX or value is None:
                continue
            if key == "attention_mask":
                value = (
                    {k: _rows(v, start) for k, v in value.items()} if isinstance(value, dict) else _rows(value, start)
                )
            elif key == "position_ids":
                value = value[..., start:]
            elif isinstance(value, Tensor) and length in value.shape:
                raise LinmechError(f"model {self.vlm.name}: the fan-out does not know {key}; use sweep_full")
            kept[key] = value
        return kept


def _rows(mask: Tensor | None, start: int) -> Tensor | None:
    """A 4-D mask's rows of the suffix; a 2-D padding mask covers prefix and suffix and stays whole."""
    return mask[..., start:, :] if mask is not None and mask.ndim == 4 else mask


def _spread(runs: Sequence[Run], slots: dict[int, int], start: int, layer: int, residual: Tensor) -> Tensor:
    """Change the rows of runs that have begun, append a changed copy of the clean row for runs that begin here."""
    rows = list(residual.unbind())
    for number, run in enumerate(runs):
        for step in run:
            if step.layer == layer:
                if number not in slots:
                    slots[number] = len(rows)
                    rows.append(rows[0])
                rows[slots[number]] = step.apply(rows[slots[number]], rows[0], start)
    return torch.stack(rows)
