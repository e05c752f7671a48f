"""What is done to the residual stream, and what it does to the model's belief.

One specification, `Intervention`; two ways to run a list of them on one prompt. `sweep_full` is the oracle: one full
forward pass per run (`full_passes`). `sweep` gives the same numbers from one prefix and one fanned-out suffix (see
`fan_out`). Both return the clean run first. An entry of the list may be a sequence of interventions: they act together,
in one run. `sweep_batch` sweeps several prompts, which it runs together.
"""

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from weakref import WeakKeyDictionary

import torch
from PIL.Image import Image
from torch import Tensor
from torch.nn import Module

from linmech.answers import AnswerScores, Pieces, Readout
from linmech.beliefs import readout, score
from linmech.decoder_arguments import UnknownArgumentError
from linmech.edits import MODES, Entry, Intervention, Run, checked, lone
from linmech.encoding import Encoded, Visual, encode, extend
from linmech.errors import LinmechError
from linmech.fan_out import Fan
from linmech.full_passes import sweep_full, sweep_full_encoded
from linmech.models import VLM
from linmech.prompts import Question
from linmech.self_check import disagreement

_agrees: WeakKeyDictionary[Module, dict[str, bool]] = WeakKeyDictionary()

__all__ = [
    "MODES", "Intervention", "fan_out_agrees", "sweep", "sweep_batch", "sweep_encoded", "sweep_full",
    "sweep_full_encoded",
]  # fmt: skip


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
    if not fan_out_agrees(vlm, encoded.kind):
        return sweep_full_encoded(vlm, encoded, interventions, answers=answers)
    return _fanned(vlm, encoded, interventions, answers, max_rows)


@torch.no_grad()
def sweep_batch(
    vlm: VLM, images: Sequence[Visual], questions: Sequence[Question], interventions: Sequence[Sequence[Entry]], *,
    answers: Sequence[str] | None = None, max_rows: int | None = None,
) -> list[list[AnswerScores]]:  # fmt: skip
    """`sweep` for several prompts, each with its own list of interventions; the prompts run together, once.

    The batch is padded right, which leaves every token of a causal decoder the position and the numbers that it has
    alone; positions in `interventions` are those of the prompt alone. They run one by one where a batch cannot be
    divided (an unknown family's own tensors), or where the model is swept the slow way.
    """
    if not len(images) == len(questions) == len(interventions):
        raise LinmechError(f"{len(images)} images, {len(questions)} questions, {len(interventions)} lists of edits")
    fans: list[Fan] = []
    if len(questions) > 1 and fan_out_agrees(vlm, (encoded := encode(vlm, images, questions)).kind):
        with contextlib.suppress(UnknownArgumentError):
            fans = Fan.each(vlm, encoded.inputs, encoded.lengths)
    if not fans:
        alone = zip(images, questions, interventions, strict=True)
        return [sweep(vlm, *prompt, answers=answers, max_rows=max_rows) for prompt in alone]
    scores = []
    for number, fan in enumerate(fans):
        runs = checked(vlm, encoded, interventions[number], number)
        again = partial(encode, vlm, images[number : number + 1], questions[number : number + 1])
        asked = readout(vlm, encoded, number, answers)
        scores.append(_scored(fan, runs, asked, again, max_rows))
    return scores


def _fanned(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], answers: Sequence[str] | None, max_rows: int | None
) -> list[AnswerScores]:
    runs, asked = checked(vlm, lone(encoded), interventions), readout(vlm, encoded, 0, answers)
    return _scored(Fan.of(vlm, encoded.inputs), runs, asked, lambda: encoded, max_rows)


def _scored(
    fan: Fan, runs: Sequence[Run], asked: Readout, alone: Callable[[], Encoded], max_rows: int | None
) -> list[AnswerScores]:
    """The beliefs of the runs of one prompt; `alone` encodes it, for answers that its Fan cannot be lengthened by."""

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        known = fan.continued(extension) or Fan.of(fan.vlm, extend(fan.vlm, alone(), extension))
        return known.log_probs([runs[row] for row in rows], pieces, len(extension) + 1, max_rows)

    return score(fan.vlm, [asked] * len(runs), forward)


def fan_out_agrees(vlm: VLM, kind: str = "image") -> bool:
    """Whether the fan-out gives this model the numbers of plain forward passes on prompts of a `kind` (`Encoded.kind`);
    looked at once (see `self_check`).

    If not, one line says so, and every sweep and swap of the model on such prompts runs the slow exact way.
    """
    known = _agrees.setdefault(vlm.model, {})
    if kind not in known:
        problem = disagreement(vlm, _fanned, kind)
        known[kind] = not problem
        if problem:
            print(
                f"model {vlm.name}, {kind}s: {problem}; its sweeps run one full forward pass per edit, exact but slow"
            )
    return known[kind]
