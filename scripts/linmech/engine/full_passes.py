"""The oracle: interventions by plain full forward passes, one per run; what every faster way must equal."""

import contextlib
from collections.abc import Sequence
from functools import partial

import torch
from PIL.Image import Image
from torch import Tensor

from linmech.engine.beliefs import readout, score
from linmech.engine.hooks import edit, record
from linmech.engine.interventions import Entry, Intervention, checked, lone
from linmech.models.encoding import Encoded, encode, extend
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores, Pieces
from linmech.questions.asking import Question


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
    runs = checked(vlm, lone(encoded), interventions)

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


def _apply_to_batch(step: Intervention, clean: Tensor, now: Tensor) -> Tensor:
    return step.apply(now[0], clean[0])[None]
