"""What is done to the residual stream, and what it does to the model's belief.

One specification, `Intervention`; two ways to run a list of them on one prompt. `sweep_full` is the oracle: one full
forward pass per run (`full_passes`). `sweep` gives the same numbers from one prefix and one fanned-out suffix (see
`fan_out`). Both return the clean run first. An entry of the list may be a sequence of interventions: they act together,
in one run. `sweep_batch` sweeps several prompts, which it runs together.
"""

import contextlib
from collections.abc import Sequence
from functools import partial

import torch
from PIL.Image import Image

from linmech.engine.agreement import fan_out_agrees
from linmech.engine.beliefs import readout
from linmech.engine.decoder_arguments import UnknownArgumentError
from linmech.engine.fanned import scored, sweep_fanned
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Entry, checked
from linmech.engine.prefix import Prefill
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, encode
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import Question
from linmech.stimuli.visuals import Visual


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
    return sweep_fanned(vlm, encoded, interventions, answers, max_rows)


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
    prefills: list[Prefill] = []
    if len(questions) > 1 and fan_out_agrees(vlm, (encoded := encode(vlm, images, questions)).kind):
        with contextlib.suppress(UnknownArgumentError):
            prefills = Prefill.each(vlm, encoded.inputs, encoded.lengths)
    if not prefills:
        alone = zip(images, questions, interventions, strict=True)
        return [sweep(vlm, *prompt, answers=answers, max_rows=max_rows) for prompt in alone]
    scores = []
    for number, prefill in enumerate(prefills):
        runs = checked(vlm, encoded, interventions[number], number)
        again = partial(encode, vlm, images[number : number + 1], questions[number : number + 1])
        asked = readout(vlm, encoded, number, answers)
        scores.append(scored(prefill, runs, asked, again, max_rows))
    return scores
