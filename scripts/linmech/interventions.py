"""What is done to the residual stream, and what it does to the model's belief.

One specification, `Intervention`; two ways to run a list of them on one prompt. `sweep_full` is the oracle: one full
forward pass per run. `sweep` gives the same numbers from one prefix and one fanned-out suffix (see `fan_out`). Both
return the clean run first. An entry of the list may be a sequence of interventions: they act together, in one run.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from weakref import WeakKeyDictionary

import torch
from PIL.Image import Image, fromarray
from torch import Tensor
from torch.nn import Module

from linmech.answers import AnswerScores, Pieces
from linmech.beliefs import readout, score
from linmech.edits import MODES, Entry, Intervention, checked
from linmech.encoding import Encoded, encode, extend, positions
from linmech.errors import LinmechError
from linmech.fan_out import Fan
from linmech.hooks import edit, record
from linmech.models import VLM
from linmech.prompts import Question, ask

AGREEMENT = {torch.float32: 1e-3, torch.bfloat16: 0.25, torch.float16: 0.05}  # nats; rounding alone stays below
_agrees: WeakKeyDictionary[Module, bool] = WeakKeyDictionary()

__all__ = ["MODES", "Intervention", "sweep", "sweep_encoded", "sweep_full"]


def sweep(
    vlm: VLM, image: Image | None, question: Question, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None, max_rows: int | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """The clean belief and the belief after each entry of `interventions`, in order; see `sweep_encoded`."""
    return sweep_encoded(vlm, encode(vlm, [image], [question]), interventions, answers=answers, max_rows=max_rows)


@torch.no_grad()
def sweep_encoded(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None, max_rows: int | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """`sweep` for a prompt that is already encoded (a batch of one).

    `answers`: (first, second), the question's own options by default. `max_rows` bounds the runs that share a forward
    pass (by default as many as fit `fan_out.MEMORY`). A model on which the fan-out was seen to differ from plain
    forward passes (`fan_out_agrees`) gets those. Raises LinmechError on a bad intervention.
    """
    if not fan_out_agrees(vlm):
        return sweep_full_encoded(vlm, encoded, interventions, answers=answers)
    return _fanned(vlm, encoded, interventions, answers, max_rows)


def _fanned(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], answers: Sequence[str] | None, max_rows: int | None
) -> list[AnswerScores]:
    runs, fan = checked(vlm, encoded, interventions), Fan.of(vlm, encoded.inputs)

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        known = fan.continued(extension) or Fan.of(vlm, extend(vlm, encoded, extension))
        return known.log_probs([runs[row] for row in rows], pieces, len(extension) + 1, max_rows)

    return score(vlm, [readout(vlm, encoded, 0, answers)] * len(runs), forward)


def sweep_full(
    vlm: VLM, image: Image | None, question: Question, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """What `sweep` returns, by one full forward pass of the plain model per run."""
    return sweep_full_encoded(vlm, encode(vlm, [image], [question]), interventions, answers=answers)


@torch.no_grad()
def sweep_full_encoded(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], *, answers: Sequence[str] | None = None
) -> list[AnswerScores]:
    """`sweep_full` for a prompt that is already encoded (a batch of one)."""
    runs = checked(vlm, encoded, interventions)

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        inputs = extend(vlm, encoded, extension)
        with record(vlm, {step.layer for row in rows for step in runs[row]}) as clean:
            vlm.model(**inputs, use_cache=False)
        clean = dict(clean)
        found = []
        for row in rows:
            with contextlib.ExitStack() as stack:
                for step in reversed(runs[row]):
                    stack.enter_context(edit(vlm, step.layer, partial(_apply_to_batch, step, clean[step.layer])))
                logits = vlm.model(**inputs, use_cache=False).logits[0, -len(extension) - 1 :]
            found.append(logits.float().log_softmax(-1)[:, pieces])
        return torch.stack(found)

    return score(vlm, [readout(vlm, encoded, 0, answers)] * len(runs), forward)


def fan_out_agrees(vlm: VLM) -> bool:
    """Whether the fan-out gives this model the numbers of plain forward passes; looked at once, on a random image.

    Compared are the clean run, an edit that does nothing, a token replaced by itself and a random edit, at two layers.
    If they differ, one line says so, and every sweep of the model runs the slow exact way.
    """
    if vlm.model not in _agrees:
        _agrees[vlm.model] = True
        problem = _disagreement(vlm)
        if problem:
            _agrees[vlm.model] = False
            print(f"model {vlm.name}: {problem}; its sweeps run one full forward pass per edit, exact but slow")
    return _agrees[vlm.model]


@torch.no_grad()
def _disagreement(vlm: VLM) -> str:
    """What is wrong with the fan-out on this model; empty if nothing is."""
    draw = torch.Generator().manual_seed(0)
    noise = torch.randint(0, 256, (112, 112, 3), generator=draw, dtype=torch.uint8)
    encoded = encode(vlm, [fromarray(noise.numpy())], [ask("left-right", "dog", "car")])
    place = tuple(positions(encoded, 0, "subject", vlm))
    layers = sorted({1, max(1, vlm.n_layers // 2)})
    random = torch.randn(vlm.hidden, generator=draw)
    random /= random.norm()
    try:
        own = Fan.of(vlm, encoded.inputs, layers).residuals
        edits = [
            edit
            for layer in layers
            for edit in (
                Intervention(layer, place, random, strength=0.0, relative=True),
                Intervention(layer, place, own[layer][list(place)].float().cpu(), mode="replace"),
                Intervention(layer, place, random, strength=1.0, relative=True),
            )
        ]
        fast, full = _fanned(vlm, encoded, edits, None, None), sweep_full_encoded(vlm, encoded, edits)
    except (LinmechError, RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        return f"the fan-out does not run on it ({type(error).__name__}: {error})".replace("\n", " ")
    gaps = [
        abs(a - b) for one, two in zip(fast, full, strict=True) for a, b in zip(astuple(one), astuple(two), strict=True)
    ]
    if max(gaps) > AGREEMENT[vlm.dtype]:
        return f"the fan-out is {max(gaps):.2g} nats away from plain forward passes"
    return ""


def _apply_to_batch(step: Intervention, clean: Tensor, now: Tensor) -> Tensor:
    return step.apply(now[0], clean[0])[None]
