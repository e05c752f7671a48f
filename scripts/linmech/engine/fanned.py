"""Sweeps by fan-out: one prefix, one suffix for many runs (see `fan_out`)."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from linmech.engine.beliefs import readout, score
from linmech.engine.fan_out import fanned_log_probs
from linmech.engine.interventions import Entry, Run, checked, lone
from linmech.engine.prefix import Prefill
from linmech.models.encoding import Encoded, extend
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores, Pieces, Readout


@torch.no_grad()
def sweep_fanned(
    vlm: VLM, encoded: Encoded, interventions: Sequence[Entry], answers: Sequence[str] | None = None,
    max_rows: int | None = None,
) -> list[AnswerScores]:  # fmt: skip
    """The clean belief and the belief after each entry, by fan-out; see `sweeps.sweep_encoded`."""
    runs, asked = checked(vlm, lone(encoded), interventions), readout(vlm, encoded, 0, answers)
    return scored(Prefill.of(vlm, encoded.inputs), runs, asked, lambda: encoded, max_rows)


def scored(
    prefill: Prefill, runs: Sequence[Run], asked: Readout, alone: Callable[[], Encoded], max_rows: int | None
) -> list[AnswerScores]:
    """The beliefs of the runs of one prompt; `alone` encodes it, for answers that its run cannot go on to."""

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        known = prefill.continued(extension) or Prefill.of(prefill.vlm, extend(prefill.vlm, alone(), extension))
        return fanned_log_probs(known, [runs[row] for row in rows], pieces, len(extension) + 1, max_rows)

    return score(prefill.vlm, [asked] * len(runs), forward)
