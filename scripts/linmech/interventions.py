"""What is done to the residual stream, and what it does to the model's belief.

One specification, `Intervention`; two ways to run a list of them on one prompt. `sweep_full` is the oracle: one full
forward pass per run. `sweep` gives the same numbers from one prefix and one fanned-out suffix (see `fan_out`). Both
return the clean run first. An entry of the list may be a sequence of interventions: they act together, in one run.
"""

import contextlib
from collections.abc import Sequence
from functools import partial

import torch
from PIL.Image import Image
from torch import Tensor

from linmech.answers import AnswerScores, Pieces
from linmech.beliefs import readout, score
from linmech.edits import MODES, Entry, Intervention, checked
from linmech.fan_out import Fan
from linmech.hooks import edit, record
from linmech.models import VLM, Encoded, encode, extend
from linmech.prompts import Question

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
    pass (by default as many as fit `fan_out.MEMORY`). Raises LinmechError on a bad intervention, or on a model that the
    fan-out does not cover.
    """
    runs, fan = checked(vlm, encoded, interventions), Fan.of(vlm, encoded.inputs)

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        known = fan.continued(extension) or Fan.of(vlm, extend(vlm, encoded, extension))
        return known.log_probs([runs[row] for row in rows], pieces, len(extension) + 1, max_rows)

    return score(vlm, [readout(vlm, encoded, 0, answers)] * len(runs), forward)


@torch.no_grad()
def sweep_full(
    vlm: VLM, image: Image | None, question: Question, interventions: Sequence[Entry], *,
    answers: Sequence[str] | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """What `sweep` returns, by one full forward pass of the plain model per run."""
    encoded = encode(vlm, [image], [question])
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


def _apply_to_batch(step: Intervention, clean: Tensor, now: Tensor) -> Tensor:
    return step.apply(now[0], clean[0])[None]
