"""From final hidden states to beliefs: next-token log-probabilities, and the scores of a question's two answers.

A run is scored after its prompt, and once more after each proper prefix of an answer's form that can still matter: a
form whose first piece has less than `NEGLIGIBLE` of the probability of the answer's one-piece forms is left out (which
changes the belief by less than 1e-4 nats).
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import linear

from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, extend
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores, Pieces, Readout

NEGLIGIBLE = 1e-5
VOCABULARY_BLOCK = 32768

# (pieces put after the prompt, which runs, the vocabulary ids wanted) -> log-probabilities (run place piece) at the
# prompt's last token and at each of those pieces
Forward = Callable[[Pieces, list[int], Tensor], Tensor]


@torch.no_grad()
def beliefs(vlm: VLM, encoded: Encoded, answers: Sequence[str] | None = None) -> list[AnswerScores]:
    """The clean belief about every prompt of a batch; `answers` default to each question's own two options."""

    def forward(extension: Pieces, rows: list[int], pieces: Tensor) -> Tensor:
        with final_states(vlm) as seen:
            vlm.model(**extend(vlm, encoded, extension), use_cache=False, logits_to_keep=1)
        ends = torch.tensor([encoded.lengths[row] for row in rows], device=seen[0].device)[:, None]
        index = ends - 1 + torch.arange(len(extension) + 1, device=ends.device)
        return log_probs(vlm, seen[0][torch.tensor(rows, device=ends.device)[:, None], index], pieces)

    readouts = [readout(vlm, encoded, row, answers) for row in range(len(encoded.prompts))]
    return score(vlm, readouts, forward)


def readout(vlm: VLM, encoded: Encoded, row: int, answers: Sequence[str] | None = None) -> Readout:
    """How the answers to row `row` are read; raises LinmechError unless there are two that can be told apart."""
    return Readout.of(vlm.tokenizer, encoded.prompts[row], tuple(answers or encoded.questions[row].options))


def score(vlm: VLM, readouts: Sequence[Readout], forward: Forward) -> list[AnswerScores]:
    """Score run i by `readouts[i]`, with as few calls of `forward` (see `Forward`) as the answers' pieces need."""
    alike: dict[int, list[int]] = {}
    for run, one in enumerate(readouts):
        alike.setdefault(id(one), []).append(run)
    read = [(readouts[runs[0]], np.array(runs)) for runs in alike.values()]
    tables = [{step: np.full(len(runs), -np.inf) for step in one.steps()} for one, runs in read]
    vocabulary = sorted({piece for table in tables for _, piece in table})
    column = {piece: i for i, piece in enumerate(vocabulary)}
    pieces = torch.tensor(vocabulary, device=vlm.device)

    def visit(extension: Pieces, rows: list[int]) -> None:
        log_p = forward(extension, rows, pieces).double().cpu().numpy()
        for (_, runs), table in zip(read, tables, strict=True):
            among = np.isin(runs, rows)
            places = log_p[np.searchsorted(rows, runs[among])]
            for (before, piece), known in table.items():
                if extension[: len(before)] == before:
                    known[among] = places[:, len(before), column[piece]]

    visit((), list(range(len(readouts))))
    wanted: dict[Pieces, list[int]] = {}
    for (one, runs), table in zip(read, tables, strict=True):
        for extension, matters in one.extensions(table, NEGLIGIBLE).items():
            wanted.setdefault(extension, []).extend(runs[matters].tolist())
    for extension, rows in sorted(wanted.items()):
        if rows:
            visit(extension, sorted(rows))
    found = {}
    for (one, runs), table in zip(read, tables, strict=True):
        found |= dict(zip(runs.tolist(), one.scores(table), strict=True))
    return [found[run] for run in range(len(readouts))]


@contextlib.contextmanager
def final_states(vlm: VLM) -> Iterator[list[Tensor]]:
    """Yield a list that a forward pass fills with the decoder's last hidden states, after the final norm."""
    seen: list[Tensor] = []
    handle = vlm.decoder.register_forward_hook(lambda module, args, output: seen.append(output.last_hidden_state))
    try:
        yield seen
    finally:
        handle.remove()


def log_probs(
    vlm: VLM, states: Float[Tensor, "*place hidden"], pieces: Int[Tensor, " piece"]
) -> Float[Tensor, "*place piece"]:
    """Next-token log-probabilities of the vocabulary ids `pieces`; the head is computed in float32 at least."""
    weight, bias = vlm.head.weight, getattr(vlm.head, "bias", None)
    cap = getattr(vlm.decoder.config, "final_logit_softcapping", None)
    states = states.to(weight.device).float()

    def logits(rows: slice | Tensor) -> Tensor:
        raw = linear(states, weight[rows].float(), None if bias is None else bias[rows].float())
        return raw if cap is None else cap * torch.tanh(raw / cap)

    blocks = [slice(start, start + VOCABULARY_BLOCK) for start in range(0, weight.shape[0], VOCABULARY_BLOCK)]
    total = torch.stack([logits(block).logsumexp(-1) for block in blocks]).logsumexp(0)
    chosen = logits(pieces.to(weight.device)) - total[..., None]
    if not bool(torch.isfinite(chosen).all()):
        raise LinmechError(f"model {vlm.name}: its logits are not finite; load it with another dtype, e.g. bfloat16")
    return chosen
