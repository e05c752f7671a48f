"""Runs whose residuals other runs take: the donors of activation patching (Alg 1)."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from linmech.engine.hooks import record
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions
from linmech.models.vlm import VLM


@dataclass(frozen=True)
class Donor:
    """A prompt that was run, and layer -> resid_post (token hidden) of its run. Hand it to `Intervention.at`."""

    prompt: Encoded
    residuals: dict[int, Float[Tensor, "token hidden"]]

    @classmethod
    @torch.no_grad()
    def of(cls, vlm: VLM, prompt: Encoded, layers: Iterable[int]) -> "Donor":
        """Run a prompt (a batch of one) and keep its residual stream at `layers`."""
        with record(vlm, set(layers)) as seen:
            vlm.model(**prompt.inputs, use_cache=False, logits_to_keep=1)
        return cls(prompt, {layer: residual[0] for layer, residual in seen.items()})

    def at(self, vlm: VLM, layer: int, selector: str, pieces: str, count: int) -> Float[Tensor, "position hidden"]:
        """Its residuals at the `count` tokens that `selector` names in its own prompt.

        Raises LinmechError for a layer that was not kept, or another number of tokens.
        """
        if layer not in self.residuals:
            raise LinmechError(
                f"the donor's run kept layers {sorted(self.residuals)}, not {layer}; name it in Donor.of"
            )
        places = positions(self.prompt, 0, selector, vlm, pieces=pieces)
        if len(places) != count:
            raise LinmechError(f"selector {selector!r}: {count} tokens of the prompt, {len(places)} of the donor's")
        return self.residuals[layer][places].float()
