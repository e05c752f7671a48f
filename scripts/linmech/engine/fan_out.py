"""Many interventions on one prompt in one forward pass of its suffix, with the numbers of one full pass each.

The prompt is run once and the keys and values of its prefix (all tokens before the first edited one) are frozen. The
suffix then runs with a batch of one; at the layer of an edit, a hook appends one row for every run that begins there:
the layers below cost one row, and edits at different layers share the pass. The last block attends
from the tokens alone that are read, and computes no others. Nothing of the model is reimplemented but
the attention over the prefix (`shared_prefix`): a batch-1 mask and batch-1 rotary embeddings broadcast over the added
rows. Later tokens never change the prefix, except inside an image block with two-way attention (Gemma 3): a cut at or
before the last visual token is moved to 0.
"""

import contextlib
from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers.cache_utils import Cache

from linmech.engine.beliefs import log_probs
from linmech.engine.groups import Group, grouped
from linmech.engine.hooks import edit, last_tokens_only
from linmech.engine.interventions import Run, moved
from linmech.engine.prefix import Prefill
from linmech.engine.shared_prefix import Prefixes, prefix_shared
from linmech.errors import LinmechError
from linmech.models.memory import give_back, used_up

MEMORY = 1 << 29  # bytes that the rows of one forward pass may take, about
MEMORY_OF_CPU = 1 << 27  # a tenth faster on a CPU, whose caches hold more of it; more where fewer tokens than SHARED
SHARED = 1024  # would go through the weights together


def fanned_log_probs(
    prefill: Prefill, runs: Sequence[Run], pieces: Int[Tensor, " piece"], places: int, max_rows: int | None = None
) -> Float[Tensor, "run place piece"]:
    """Log-probabilities of `pieces` at the last `places` tokens of every run, at most `max_rows` rows at a time, and in
    halves where the device's memory does not hold as many.
    """
    whole = [number for number, run in enumerate(runs) if not _start(prefill, [run], places)]
    late = sorted(set(range(len(runs))) - set(whole))  # they keep their prefix, whatever the others change
    chunks = []
    for part in (whole, late):
        part.sort(key=lambda number: min((step.layer for step in runs[number]), default=-1))
        size = max(1, (max_rows or _affordable(prefill, [runs[number] for number in part], places)) - 1)
        chunks += [part[a : a + size] for a in range(0, len(part), size)]
    found = torch.cat([_fitted(prefill, [runs[number] for number in chunk], pieces, places) for chunk in chunks])
    order = torch.tensor([number for chunk in chunks for number in chunk])
    return found[order.argsort().to(found.device)]


def _affordable(prefill: Prefill, runs: Sequence[Run], places: int) -> int:
    config, length = prefill.vlm.decoder.config, prefill.embeddings.shape[1]
    wide = 8 * config.hidden_size + 3 * config.intermediate_size
    seen = 3 * config.num_attention_heads * length
    token = (wide + seen) * prefill.embeddings.element_size()
    memory = min(MEMORY, max(MEMORY_OF_CPU, SHARED * token)) if prefill.embeddings.device.type == "cpu" else MEMORY
    return max(2, memory // ((length - _start(prefill, runs, places)) * token))


def _start(prefill: Prefill, runs: Sequence[Run], places: int) -> int:
    """The first position of the suffix."""
    edited = [position for run in runs for step in run for position in step.positions]
    start = min([*edited, prefill.embeddings.shape[1] - places])
    return start if start > max(prefill.visual, default=-1) else 0


def _fitted(prefill: Prefill, runs: Sequence[Run], pieces: Tensor, places: int) -> Tensor:
    try:
        return _chunk(prefill, runs, pieces, places)
    except RuntimeError as error:
        if len(runs) == 1 or not used_up(error):
            raise
    give_back()  # outside of the handler, which holds what the pass had made
    half = len(runs) // 2
    print(f"model {prefill.vlm.name}: {len(runs)} runs at once do not fit its memory; they run {half} by {half}")
    return torch.cat([_fitted(prefill, part, pieces, places) for part in (runs[:half], runs[half:])])


def _chunk(prefill: Prefill, runs: Sequence[Run], pieces: Tensor, places: int) -> Tensor:
    start = _start(prefill, runs, places)
    frozen = [prefill.frozen(number, start) for number in range(len(prefill.cache))]
    prefixes = Prefixes(frozen, [0], places, last=prefill.vlm.n_layers - 1)
    slots = dict.fromkeys((number for number, run in enumerate(runs) if not run), 0)
    decoder = prefill.vlm.decoder
    with contextlib.ExitStack() as stack:
        for layer, groups in grouped(runs, start, prefill.embeddings.device).items():
            stack.enter_context(edit(prefill.vlm, layer, partial(_spread, groups, slots, prefixes)))
        stack.enter_context(prefix_shared(decoder, prefixes))
        stack.enter_context(last_tokens_only(prefill.vlm, places))
        output = decoder(
            inputs_embeds=prefill.embeddings[:, start:],
            past_key_values=Cache(layers=list(prefixes.layers)),
            use_cache=False,
            **prefill.suffix(start),
        )
    if len(slots) < len(runs):
        raise LinmechError(f"model {prefill.vlm.name} passes over a layer that is edited; steer at another one")
    states = output.last_hidden_state[:, -places:]
    return log_probs(prefill.vlm, states[[slots[number] for number in range(len(runs))]], pieces)


def _spread(groups: Sequence[Group], slots: dict[int, int], prefixes: Prefixes, residual: Tensor) -> Tensor:
    """Append a copy of the clean row for every run that begins here, and change the rows that the groups name."""
    new = [run for run in dict.fromkeys(run for group in groups for run in group.runs) if run not in slots]
    slots.update({run: len(residual) + i for i, run in enumerate(new)})
    residual = torch.cat([residual, residual[:1].expand(len(new), -1, -1)])
    prefixes.source += [0] * len(new)
    for group in groups:
        if group.mode == "prefix":
            for run in group.runs:
                prefixes.source[slots[run]] = 1
            continue
        index = torch.tensor([slots[run] for run in group.runs], device=residual.device)[:, None]
        places, vectors, strengths = (
            part.to(residual.device) for part in (group.places, group.vectors, group.strengths)
        )  # a model may be spread over several devices
        if group.relative:
            vectors = vectors * residual[0, places].float().norm(dim=-1, keepdim=True)
        before = residual[index, places].float()
        residual[index, places] = moved(group.mode, before, vectors, strengths).to(residual.dtype)
    return residual
