"""Many interventions on one prompt in one forward pass of its suffix, with the numbers of one full pass each.

The prompt is run once and the keys and values of its prefix (all tokens before the first edited one) are frozen. The
suffix then runs with a batch of one; at the layer of an edit, a hook appends one row for every run that begins there:
the layers below cost one row, and edits at different layers share the pass. Nothing of the model is reimplemented but
the attention over the prefix (`shared_prefix`): a batch-1 mask and batch-1 rotary embeddings broadcast over the added
rows. Later tokens never change the prefix, except inside an image block with two-way attention (Gemma 3): a cut at or
before the last visual token is moved to 0.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import Cache

from linmech.answers import Pieces
from linmech.beliefs import log_probs
from linmech.decoder_arguments import Arguments, kept, lengthened, of_prompt, of_suffix
from linmech.edits import Group, Run, grouped, moved
from linmech.errors import LinmechError
from linmech.hooks import edit, record
from linmech.models import VLM
from linmech.shared_prefix import FrozenLayer, Prefixes, prefix_shared

MEMORY = 1 << 29  # bytes that the rows of one forward pass may take, about


@dataclass(frozen=True)
class Fan:
    """A prompt that was run once: what its decoder was called with, its embeddings, keys and values by layer.

    `visual`: the places of its visual tokens. `residuals`: resid_post of the layers that were asked for, (token
    hidden). `donor`: another prompt of the same tokens, whose prefix a run with a PrefixSwap goes on from.
    """

    vlm: VLM
    arguments: Arguments
    embeddings: Float[Tensor, "1 token hidden"]
    cache: tuple[tuple[Tensor, Tensor], ...]
    visual: tuple[int, ...]
    residuals: dict[int, Float[Tensor, "token hidden"]] = field(default_factory=dict)
    donor: "Fan | None" = None

    @classmethod
    def of(cls, vlm: VLM, inputs: dict[str, Tensor], layers: Iterable[int] = ()) -> "Fan":
        """Run one prompt, and keep the residual stream of `layers`."""
        (fan,) = cls.each(vlm, inputs, [inputs["input_ids"].shape[1]], layers)
        return fan

    @classmethod
    def each(
        cls, vlm: VLM, inputs: dict[str, Tensor], lengths: Sequence[int], layers: Iterable[int] = ()
    ) -> "list[Fan]":
        """Run a right-padded batch of prompts together, `lengths` without padding: a Fan of every one.

        Raises UnknownArgumentError for a batch of several whose decoder takes a tensor that nobody knows how to divide.
        """
        called: Arguments = {}
        cache = DynamicCache()  # without a config: sliding-window layers then keep every key
        handle = vlm.decoder.register_forward_pre_hook(
            lambda module, args, kwargs: called.update(kwargs), with_kwargs=True
        )
        try:
            with record(vlm, {0, *layers}) as seen:
                vlm.model(**inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
        finally:
            handle.remove()
        across, fans = cross_attention_layers(vlm), []
        for prompt, (ids, length) in enumerate(zip(inputs["input_ids"].tolist(), lengths, strict=True)):
            own = slice(prompt, prompt + 1)
            held = tuple(
                tuple(part[own, :, : None if number in across else length] for part in (layer.keys, layer.values))
                for number, layer in enumerate(cache.layers)
            )
            visual = tuple(place for place, piece in enumerate(ids[:length]) if piece in vlm.visual_ids)
            residuals = {layer: seen[layer][prompt, :length] for layer in layers}
            arguments = of_prompt(called, prompt, length) if len(lengths) > 1 else kept(called)
            fans.append(cls(vlm, arguments, seen[0][own, :length], held, visual, residuals))
        return fans

    def continued(self, pieces: Pieces) -> "Fan | None":
        """The same prompt with `pieces` after it, at no cost; None where the decoder's arguments do not tell how."""
        if not pieces:
            return self
        arguments = lengthened(self.arguments, len(pieces))
        if arguments is None:
            return None
        added = self.vlm.model.get_input_embeddings()(torch.tensor([pieces], device=self.vlm.device))
        return replace(self, arguments=arguments, embeddings=torch.cat([self.embeddings, added.to(self.embeddings)], 1))

    def log_probs(
        self, runs: Sequence[Run], pieces: Int[Tensor, " piece"], places: int, max_rows: int | None = None
    ) -> Float[Tensor, "run place piece"]:
        """Log-probabilities of `pieces` at the last `places` tokens of every run, at most `max_rows` rows at a time."""
        whole = [number for number, run in enumerate(runs) if not self._start([run], places)]
        late = sorted(set(range(len(runs))) - set(whole))  # they keep their prefix, whatever the others change
        chunks = []
        for part in (whole, late):
            part.sort(key=lambda number: min((step.layer for step in runs[number]), default=-1))
            size = max(1, (max_rows or self._affordable([runs[number] for number in part], places)) - 1)
            chunks += [part[a : a + size] for a in range(0, len(part), size)]
        found = torch.cat([self._chunk([runs[number] for number in chunk], pieces, places) for chunk in chunks])
        order = torch.tensor([number for chunk in chunks for number in chunk])
        return found[order.argsort().to(found.device)]

    def rows(self, ids: Int[Tensor, "row token"], start: int) -> None:
        """Run texts as long as this prompt's after its first `start` tokens, one per row, for the hooks to see."""
        prefixes = Prefixes([self._frozen(number, start) for number in range(len(self.cache))], [0] * len(ids))
        embeddings, arguments = self.vlm.model.get_input_embeddings()(ids[:, start:]), self._suffix(start)
        mask = arguments.get("attention_mask")
        if isinstance(mask, Tensor) and mask.ndim == 2:
            arguments["attention_mask"] = mask.expand(len(ids), -1)
        with prefix_shared(self.vlm.decoder, prefixes):
            self.vlm.decoder(
                inputs_embeds=embeddings.to(self.embeddings), past_key_values=Cache(layers=list(prefixes.layers)),
                use_cache=False, **arguments,
            )  # fmt: skip

    def _affordable(self, runs: Sequence[Run], places: int) -> int:
        config, length = self.vlm.decoder.config, self.embeddings.shape[1]
        wide = 8 * config.hidden_size + 3 * config.intermediate_size
        seen = 3 * config.num_attention_heads * length
        return max(2, MEMORY // ((length - self._start(runs, places)) * (wide + seen) * self.embeddings.element_size()))

    def _start(self, runs: Sequence[Run], places: int) -> int:
        """The first position of the suffix."""
        edited = [position for run in runs for step in run for position in step.positions]
        start = min([*edited, self.embeddings.shape[1] - places])
        return start if start > max(self.visual, default=-1) else 0

    def _chunk(self, runs: Sequence[Run], pieces: Tensor, places: int) -> Tensor:
        start = self._start(runs, places)
        prefixes = Prefixes([self._frozen(number, start) for number in range(len(self.cache))], [0])
        slots = dict.fromkeys((number for number, run in enumerate(runs) if not run), 0)
        decoder = self.vlm.decoder
        with contextlib.ExitStack() as stack:
            for layer, groups in grouped(runs, start, self.embeddings.device).items():
                stack.enter_context(edit(self.vlm, layer, partial(_spread, groups, slots, prefixes)))
            stack.enter_context(prefix_shared(decoder, prefixes))
            output = decoder(
                inputs_embeds=self.embeddings[:, start:],
                past_key_values=Cache(layers=list(prefixes.layers)),
                use_cache=False,
                **self._suffix(start),
            )
        if len(slots) < len(runs):
            raise LinmechError(f"model {self.vlm.name} passes over a layer that is edited; steer at another one")
        states = output.last_hidden_state[:, -places:]
        return log_probs(self.vlm, states[[slots[number] for number in range(len(runs))]], pieces)

    def _frozen(self, number: int, start: int) -> FrozenLayer:
        """A layer's keys and values before `start`; all of them where the layer looks at the image (Mllama)."""
        until = None if number in cross_attention_layers(self.vlm) else start
        held = [fan.cache[number] for fan in (self, self.donor) if fan]
        keys, values = ([part[:, :, :until] for part in parts] for parts in zip(*held, strict=True))
        return FrozenLayer(*(torch.cat(parts) if len(parts) > 1 else parts[0] for parts in (keys, values)))

    def _suffix(self, start: int) -> Arguments:
        return of_suffix(self.arguments, start, self.embeddings.shape[1])


def cross_attention_layers(vlm: VLM) -> tuple[int, ...]:
    """The blocks (counted from 0) in which the text looks at an image that is not among its tokens (Mllama)."""
    return tuple(getattr(vlm.decoder.config, "cross_attention_layers", None) or ())


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
