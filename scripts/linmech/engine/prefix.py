"""A prompt that was run once, so that much can go on from it: its keys and values, and how its decoder was called.

Later tokens never change the tokens before them, except inside an image block with two-way attention (Gemma 3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import Cache

from linmech.engine.decoder_arguments import Arguments, kept, lengthened, of_prompt, of_suffix
from linmech.engine.hooks import record
from linmech.engine.shared_prefix import FrozenLayer, Prefixes, prefix_shared
from linmech.models.vlm import VLM
from linmech.questions.answers import Pieces


@dataclass(frozen=True)
class Prefill:
    """A prompt that was run once: what its decoder was called with, its embeddings, keys and values by layer.

    `visual`: the places of its visual tokens. `residuals`: resid_post of the layers that were asked for, (prompt
    hidden): of the tokens that were run, without pieces put after them (`continued`).
    `donor`: another prompt of the same tokens, whose prefix a run with a PrefixSwap goes on from.
    """

    vlm: VLM
    arguments: Arguments
    embeddings: Float[Tensor, "1 token hidden"]
    cache: tuple[tuple[Tensor, Tensor], ...]
    visual: tuple[int, ...]
    residuals: dict[int, Float[Tensor, "prompt hidden"]] = field(default_factory=dict)
    donor: "Prefill | None" = None

    @classmethod
    def of(cls, vlm: VLM, inputs: dict[str, Tensor], layers: Iterable[int] = ()) -> "Prefill":
        """Run one prompt, and keep the residual stream of `layers`."""
        (prefill,) = cls.each(vlm, inputs, [inputs["input_ids"].shape[1]], layers)
        return prefill

    @classmethod
    def each(
        cls, vlm: VLM, inputs: dict[str, Tensor], lengths: Sequence[int], layers: Iterable[int] = ()
    ) -> "list[Prefill]":
        """Run a right-padded batch of prompts together, `lengths` without padding: a Prefill of every one.

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
        across, found = cross_attention_layers(vlm), []
        for prompt, (ids, length) in enumerate(zip(inputs["input_ids"].tolist(), lengths, strict=True)):
            own = slice(prompt, prompt + 1)
            held = tuple(
                tuple(part[own, :, : None if number in across else length] for part in (layer.keys, layer.values))
                for number, layer in enumerate(cache.layers)
            )
            visual = tuple(place for place, piece in enumerate(ids[:length]) if piece in vlm.visual_ids)
            residuals = {layer: seen[layer][prompt, :length] for layer in layers}
            arguments = of_prompt(called, prompt, length) if len(lengths) > 1 else kept(called)
            found.append(cls(vlm, arguments, seen[0][own, :length], held, visual, residuals))
        return found

    def continued(self, pieces: Pieces) -> "Prefill | None":
        """The same prompt with `pieces` after it, at no cost; None where the decoder's arguments do not tell how."""
        if not pieces:
            return self
        arguments = lengthened(self.arguments, len(pieces))
        if arguments is None:
            return None
        added = self.vlm.model.get_input_embeddings()(torch.tensor([pieces], device=self.vlm.device))
        return replace(self, arguments=arguments, embeddings=torch.cat([self.embeddings, added.to(self.embeddings)], 1))

    def rows(self, ids: Int[Tensor, "row token"], start: int) -> None:
        """Run texts as long as this prompt's after its first `start` tokens, one per row, for the hooks to see."""
        prefixes = Prefixes([self.frozen(number, start) for number in range(len(self.cache))], [0] * len(ids))
        embeddings, arguments = self.vlm.model.get_input_embeddings()(ids[:, start:]), self.suffix(start)
        mask = arguments.get("attention_mask")
        if isinstance(mask, Tensor) and mask.ndim == 2:
            arguments["attention_mask"] = mask.expand(len(ids), -1)
        with prefix_shared(self.vlm.decoder, prefixes):
            self.vlm.decoder(
                inputs_embeds=embeddings.to(self.embeddings), past_key_values=Cache(layers=list(prefixes.layers)),
                use_cache=False, **arguments,
            )  # fmt: skip

    def frozen(self, number: int, start: int) -> FrozenLayer:
        """A layer's keys and values before `start`; all of them where the layer looks at the image (Mllama)."""
        until = None if number in cross_attention_layers(self.vlm) else start
        held = [run.cache[number] for run in (self, self.donor) if run]
        keys, values = ([part[:, :, :until] for part in parts] for parts in zip(*held, strict=True))
        return FrozenLayer(*(torch.cat(parts) if len(parts) > 1 else parts[0] for parts in (keys, values)))

    def suffix(self, start: int) -> Arguments:
        """The decoder's arguments for the tokens from `start` on."""
        return of_suffix(self.arguments, start, self.embeddings.shape[1])


def cross_attention_layers(vlm: VLM) -> tuple[int, ...]:
    """The blocks (counted from 0) in which the text looks at an image that is not among its tokens (Mllama)."""
    return tuple(getattr(vlm.decoder.config, "cross_attention_layers", None) or ())
