"""What an intervention is: one change of the residual stream at some positions of one layer, declared as data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Union

from jaxtyping import Float
from torch import Tensor

from linmech.engine.donors import Donor
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions
from linmech.models.vlm import VLM

MODES = ("add", "replace", "project_out", "scale_to_norm")
Entry = Union["Intervention", Sequence["Intervention"]]
Run = tuple["Intervention | PrefixSwap", ...]  # empty for the clean run


@dataclass(frozen=True, eq=False)
class Intervention:
    """A change of resid_post[layer] at some token positions, with h the token's residual and v its vector.

    add: h + a·v. replace: h + a·(v − h). project_out: h − a·(h·v̂)v̂. scale_to_norm: (h + a·v) scaled to |h|.
    Here a is `strength`, so that strength 0 changes nothing in any mode. With `relative`, v is first multiplied by the
    *clean* token's own norm, so that a unit vector and strength 5 mean five token norms.
    `positions` are places in the expanded input_ids; `vector` is (hidden) or (position hidden).
    """

    layer: int
    positions: tuple[int, ...]
    vector: Float[Tensor, " hidden"] | Float[Tensor, "position hidden"]
    mode: str = "add"
    strength: float | int = 1.0
    relative: bool = False

    @classmethod
    def at(
        cls, vlm: VLM, prompt: Encoded, layer: int, selector: str, source: Tensor | Donor, *, pieces: str = "last",
        **how: Any,
    ) -> "Intervention":  # fmt: skip
        """The change at the tokens that `selector` names in a prompt; `how`: the other fields.

        `source` is the vector, or a donor's run: then the vectors are what it has where `selector` names its own
        tokens, and the mode is "replace" unless `how` says otherwise.
        """
        places = tuple(positions(prompt, 0, selector, vlm, pieces=pieces))
        if isinstance(source, Donor):
            source, how = source.at(vlm, layer, selector, pieces, len(places)), {"mode": "replace"} | how
        return cls(layer, places, source, **how)

    def apply(
        self, now: Float[Tensor, "token hidden"], clean: Float[Tensor, "token hidden"], start: int = 0
    ) -> Float[Tensor, "token hidden"]:
        """The changed residual stream of one run whose first token stands at position `start`; computed in float32."""
        places = [position - start for position in self.positions]
        h = now[places].float()
        v = self.vector.to(now.device).float().expand_as(h)
        if self.relative:
            v = v * clean[places].float().norm(dim=-1, keepdim=True)
        out = now.clone()
        out[places] = moved(self.mode, h, v, self.strength).to(now.dtype)
        return out


@dataclass(frozen=True)
class PrefixSwap:
    """From resid_post[layer] on, the tokens before `stop` are those of the donor's run (see `swapping`)."""

    layer: int
    stop: int

    @property
    def positions(self) -> tuple[int, ...]:
        """The first token that is run: what is frozen must not reach further."""
        return (self.stop,)


def moved(
    mode: str, h: Float[Tensor, "*any hidden"], v: Float[Tensor, "*any hidden"], strength: float | Tensor
) -> Float[Tensor, "*any hidden"]:
    """Residuals `h` changed by vectors `v` as `Intervention` defines its modes."""
    if mode == "add":
        return h + strength * v
    if mode == "replace":
        return h + strength * (v - h)
    if mode == "project_out":
        unit = v / v.norm(dim=-1, keepdim=True)
        return h - strength * (h * unit).sum(-1, keepdim=True) * unit
    there = h + strength * v
    return there * (h.norm(dim=-1, keepdim=True) / there.norm(dim=-1, keepdim=True))


def checked(vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], prompt: int = 0) -> list[Run]:
    """The runs of one prompt as tuples of interventions, the clean one (no interventions) first.

    Raises LinmechError on a bad intervention.
    """
    runs = [(entry,) if isinstance(entry, Intervention) else tuple(entry) for entry in interventions]
    shape = {"layers": vlm.n_layers, "hidden": vlm.hidden, "length": encoded.lengths[prompt]}
    for number, run in enumerate(runs):
        for step in run:
            wrong = _fault(step, **shape)
            if wrong:
                raise LinmechError(f"intervention {number} on {encoded.questions[prompt].text!r}: {wrong}")
    return [(), *runs]


def lone(encoded: Encoded) -> Encoded:
    """The batch, which must be of one prompt. Raises LinmechError if it is not."""
    if len(encoded.prompts) != 1:
        raise LinmechError(f"this takes one prompt, not {len(encoded.prompts)}: encode it alone, or use sweep_batch")
    return encoded


def _fault(step: Intervention, layers: int, hidden: int, length: int) -> str:
    """What is wrong with an intervention; empty if nothing is."""
    count = len(step.positions)
    if not 0 <= step.layer <= layers:
        return f"layer {step.layer} is outside 0..{layers}"
    if not count or len(set(step.positions)) != count or min(step.positions) < 0 or max(step.positions) >= length:
        return f"positions {step.positions} must be different places in 0..{length - 1}"
    if tuple(step.vector.shape) not in ((hidden,), (count, hidden)):
        return f"vector has shape {tuple(step.vector.shape)}, not ({hidden},) or ({count}, {hidden})"
    if step.mode not in MODES:
        return f"unknown mode {step.mode!r}; use one of {', '.join(MODES)}"
    if not math.isfinite(float(step.vector.double().sum())):
        return "its vector is not finite"
    if step.mode == "project_out" and not bool((step.vector.norm(dim=-1) > 0).all()):
        return "project_out needs a vector that is not zero"
    return ""
