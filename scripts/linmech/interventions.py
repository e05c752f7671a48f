"""What is done to the residual stream, and what it does to the model's belief.

One specification, `Intervention`; two ways to run a list of them on one prompt. `sweep_full` is the oracle: one full
forward pass per run. `sweep` gives the same numbers from one prefix and one fanned-out suffix (see `fan_out`). Both
return the clean run first. An entry of the list may be a sequence of interventions: they act together, in one run.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Union

import torch
from jaxtyping import Float
from PIL.Image import Image
from torch import Tensor

from linmech.answers import AnswerScores
from linmech.beliefs import readout, score
from linmech.errors import LinmechError
from linmech.fan_out import Fan, Run
from linmech.hooks import edit, record
from linmech.models import VLM, Encoded, encode
from linmech.prompts import Question

Entry = Union["Intervention", Sequence["Intervention"]]
MODES = ("add", "replace", "project_out", "scale_to_norm")


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
    vector: Float[Tensor, "hidden"] | Float[Tensor, "position hidden"]
    mode: str = "add"
    strength: float | int = 1.0
    relative: bool = False

    def apply(
        self, now: Float[Tensor, "token hidden"], clean: Float[Tensor, "token hidden"], start: int = 0
    ) -> Float[Tensor, "token hidden"]:
        """The changed residual stream of one run whose first token stands at position `start`; computed in float32."""
        places = [position - start for position in self.positions]
        h, v = now[places].float(), self.vector.to(now.device).float()
        if self.relative:
            v = v * clean[places].float().norm(dim=-1, keepdim=True)
        out = now.clone()
        out[places] = self._moved(h, v).to(now.dtype)
        return out

    def _moved(self, h: Tensor, v: Tensor) -> Tensor:
        if self.mode == "add":
            return h + self.strength * v
        if self.mode == "replace":
            return h + self.strength * (v - h)
        if self.mode == "project_out":
            unit = v / v.norm(dim=-1, keepdim=True)
            return h - self.strength * (h * unit).sum(-1, keepdim=True) * unit
        moved = h + self.strength * v
        return moved * (h.norm(dim=-1, keepdim=True) / moved.norm(dim=-1, keepdim=True))


def sweep(
    vlm: VLM, image: Image | None, question: Question, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None, max_rows: int = 256,
) -> list[AnswerScores]:  # fmt: skip
    """The clean belief and the belief after each entry of `interventions`, in order; see `sweep_encoded`."""
    return sweep_encoded(vlm, encode(vlm, [image], [question]), interventions, answers=answers, max_rows=max_rows)


@torch.no_grad()
def sweep_encoded(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None, max_rows: int = 256,
) -> list[AnswerScores]:  # fmt: skip
    """`sweep` for a prompt that is already encoded (a batch of one).

    `answers`: (first, second), the question's own options by default. `max_rows` bounds the runs that share a forward
    pass (memory). Raises LinmechError on a bad intervention, or on a model that the fan-out does not cover.
    """
    runs = _checked(vlm, encoded, interventions)

    def forward(inputs: dict[str, Tensor], rows: list[int], pieces: Tensor, places: int) -> Tensor:
        fan = Fan.of(vlm, inputs)
        return fan.log_probs([runs[row] for row in rows], pieces, places, max_rows)

    return score(vlm, encoded, [readout(vlm, encoded, 0, answers)] * len(runs), forward)


@torch.no_grad()
def sweep_full(
    vlm: VLM, image: Image | None, question: Question, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """What `sweep` returns, by one full forward pass of the plain model per run."""
    encoded = encode(vlm, [image], [question])
    runs = _checked(vlm, encoded, interventions)

    def forward(inputs: dict[str, Tensor], rows: list[int], pieces: Tensor, places: int) -> Tensor:
        with record(vlm, {step.layer for row in rows for step in runs[row]}) as clean:
            vlm.model(**inputs, use_cache=False)
        clean = dict(clean)
        found = []
        for row in rows:
            with contextlib.ExitStack() as stack:
                for step in reversed(runs[row]):
                    stack.enter_context(edit(vlm, step.layer, partial(_apply_to_batch, step, clean[step.layer])))
                logits = vlm.model(**inputs, use_cache=False).logits[0, -places:]
            found.append(logits.float().log_softmax(-1)[:, pieces])
        return torch.stack(found)

    return score(vlm, encoded, [readout(vlm, encoded, 0, answers)] * len(runs), forward)


def _apply_to_batch(step: Intervention, clean: Tensor, now: Tensor) -> Tensor:
    return step.apply(now[0], clean[0])[None]


def _checked(vlm: VLM, encoded: Encoded, interventions: Sequence) -> list[Run]:
    """The runs as tuples of interventions, the clean one (no interventions) first."""
    if len(encoded.prompts) != 1:
        raise LinmechError(f"a sweep takes one prompt, not {len(encoded.prompts)}; encode it alone")
    runs = [(entry,) if isinstance(entry, Intervention) else tuple(entry) for entry in interventions]
    for number, run in enumerate(runs):
        for step in run:
            wrong = _fault(step, vlm, encoded.lengths[0])
            if wrong:
                raise LinmechError(f"intervention {number} on {encoded.questions[0].text!r}: {wrong}")
    return [(), *runs]


def _fault(step: Intervention, vlm: VLM, length: int) -> str:
    """What is wrong with an intervention; empty if nothing is."""
    count = len(step.positions)
    if not 0 <= step.layer <= vlm.n_layers:
        return f"layer {step.layer} is outside 0..{vlm.n_layers}"
    if not count or len(set(step.positions)) != count or min(step.positions) < 0 or max(step.positions) >= length:
        return f"positions {step.positions} must be different places in 0..{length - 1}"
    if tuple(step.vector.shape) not in ((vlm.hidden,), (count, vlm.hidden)):
        return f"vector has shape {tuple(step.vector.shape)}, not ({vlm.hidden},) or ({count}, {vlm.hidden})"
    if step.mode not in MODES:
        return f"unknown mode {step.mode!r}; use one of {', '.join(MODES)}"
    if not bool(torch.isfinite(step.vector).all()):
        return "its vector is not finite"
    if step.mode == "project_out" and not bool((step.vector.norm(dim=-1) > 0).all()):
        return "project_out needs a vector that is not zero"
    return ""
