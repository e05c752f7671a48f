"""One run of a finetuning: an arm, trained on its batches, followed on one half of the pictures, tested on the other.

The step is chosen on the half that validates; the other half is opened once, when all is trained.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MethodType

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from linmech.engine.beliefs import final_states, log_probs, readout
from linmech.engine.hooks import record
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.finetuning.arms import PLACES, PLAIN, targets
from linmech.finetuning.batches import Batches
from linmech.finetuning.exam import HALVES, Exam
from linmech.finetuning.loss import answer_loss, id_loss, place_loss
from linmech.finetuning.selecting import select
from linmech.ids.files import Ids
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.vlm import VLM
from linmech.seeds import integer
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Loop, Phase
from linmech.trainer.schedule import schedule

CHOSEN = "chosen.safetensors"
COLUMNS = ("step", "what", "dataset", "measure", "value", "items")


@dataclass(frozen=True)
class Settings:
    """A stanza of finetuning.experiments, and which of its runs: an `arm` (of arms.ARMS), a number.

    `trains` as in `selecting.select`; `weight` of what an arm adds to the loss of answers, read at the subject's
    residual of `layer`; a step takes `accumulate` batches; `rate` and `warmup` of AdamW; `every` so many steps, and
    before the first, the model is asked `items` questions per data set (0 = all). `autocast`: weights and inputs of the
    matrices are rounded to bfloat16 while it runs; a model that is not in float32 always does.
    """

    experiment: str
    arm: str = "ids"
    run: int = 0
    trains: str = "vision-mlps(6)"
    layer: int = 4
    weight: float = 1.0
    kinds: tuple[str, ...] = ("left-right", "above-below")
    steps: int = 200
    accumulate: int = 1
    rate: float = 1e-3
    warmup: int = 20
    every: int = 25
    items: int = 0
    autocast: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Finetuned:
    """`rows` of COLUMNS, of which `what` is train (losses of every step), validation (each time it was asked), chosen
    or test; the trained weights of the step that was chosen; a hash of the `batches` that were seen.
    """

    rows: list[list]
    weights: dict[str, Tensor]
    batches: str


def finetune(
    vlm: VLM, ids: Ids, grid: Dataset, tests: Sequence[Dataset], settings: Settings, commits: Commits
) -> Finetuned:
    """Train, or go on where `commits` says that it stands. Raises
    LinmechError where the IDs are of another width than the model, and what `select` and `Batches` raise.
    """
    if ids.ids.shape[-1] != vlm.hidden:
        raise LinmechError(
            f"finetuning.experiments.{settings.experiment}: the IDs of {ids.model} are {ids.ids.shape[-1]} wide, the "
            f"residual stream of {vlm.folder} is {vlm.hidden}: start from a checkpoint of the same model"
        )
    weights = select(vlm, settings.trains, integer(settings.seed, "finetuning", settings.run))
    with rounded(vlm, settings.autocast or vlm.dtype != torch.float32):
        lessons = Lessons(vlm, ids, grid, settings)
        exams = [Exam(vlm, each, settings.kinds, HALVES[0], settings.items, settings.seed) for each in tests]
        follow = Follow(lessons, exams, weights, commits)
        loop = follow.loop
        loop.run(settings.steps, partial(lessons.phase, weights))
        chosen = load_file(commits.folder / CHOSEN)
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(chosen[name])
        last = follow.best()
        rows = [*loop.notes, [last, "chosen", "", "step", float(last), 0]]
        for each in tests:
            exam = Exam(vlm, each, settings.kinds, HALVES[1], 0, settings.seed)
            rows += _rows(last, HALVES[1], exam)
    return Finetuned(rows, chosen, lessons.batches.told(settings.steps * settings.accumulate))


class Lessons:
    """The loss of each batch of a run. `told`: by name, the losses of the batches since it was last cleared."""

    def __init__(self, vlm: VLM, ids: Ids, grid: Dataset, settings: Settings):
        where = f"finetuning.experiments.{settings.experiment}"
        self.vlm, self.grid, self.settings = vlm, grid, settings
        self.batches = Batches(grid.items(), settings.kinds, settings.seed, settings.run, where)
        self.true, self.drawn_to = (
            torch.tensor(targets(ids.ids, arm, settings.seed, settings.run), dtype=torch.float32)
            for arm in ("ids", settings.arm)
        )
        self.head = nn.Parameter(torch.zeros(2, vlm.hidden, device=vlm.device))
        self.told: dict[str, list[float]] = {}
        self._forms: dict[tuple[str, ...], tuple[list[int], list[int]]] = {}

    def phase(self, weights: Mapping[str, nn.Parameter]) -> Phase:
        """What the loop runs: AdamW on `weights`, and on the head that reads places where the arm has one."""
        heads = {"places": self.head} if self.settings.arm == PLACES else {}
        optimiser = torch.optim.AdamW([*weights.values(), *heads.values()], lr=self.settings.rate, weight_decay=0.01)
        return Phase(
            self.settings.arm, [(optimiser, self.settings.rate)], self.loss_of, heads, parts=self.settings.accumulate,
            rates=partial(schedule, warmup=self.settings.warmup),
        )  # fmt: skip

    def loss_of(self, number: int) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
        """The losses of a batch, and which of its answers were right."""
        items, order = self.batches.at(number)
        residuals, log_p, forms, others = self.run(items, order)
        losses = {"answer": answer_loss(log_p, forms)}
        cells = [(item.things["subject"].column, item.things["subject"].row) for item in items]
        true, drawn_to = (
            torch.stack([grid[cell] for cell in cells]).to(residuals) for grid in (self.true, self.drawn_to)
        )
        with torch.no_grad():
            measured = {"ids": id_loss(residuals, true)}
        if self.settings.arm != PLAIN and self.settings.weight:
            if self.settings.arm == PLACES:
                own = place_loss(residuals, torch.tensor(cells, dtype=torch.float32).to(residuals), self.head)
            else:
                own = id_loss(residuals, drawn_to)
            losses["own"] = self.settings.weight * own
            measured["own"] = own
        for name, loss in {"answer": losses["answer"], **measured}.items():
            self.told.setdefault(name, []).append(loss.item())
        masked = [log_p.detach().masked_fill(~mask, -torch.inf).logsumexp(-1) for mask in (forms, others)]
        return losses, {items[0].kind: (masked[0] > masked[1]).tolist()}

    def run(self, items: Sequence[Item], order: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Residuals of the subjects (image hidden), log-probabilities of pieces (question piece) where an answer is
        known, and which pieces are its forms, and the other answer's.
        """
        vlm, asked = self.vlm, [question(item, order) for item in items]
        encoded = encode(vlm, [self.grid.visual(item.visual) for item in items], asked)
        with record(vlm, [self.settings.layer]) as seen, final_states(vlm) as ends:
            vlm.model(**encoded.inputs, use_cache=False, logits_to_keep=1)
        rows = range(len(items))
        nouns = seen[self.settings.layer][list(rows), [positions(encoded, row, "subject", vlm)[-1] for row in rows]]
        known = [row for row in rows if items[row].answer]
        last = ends[0][known, [encoded.lengths[row] - 1 for row in known]]
        pieces, masks = self._pieces(encoded, [items[row] for row in known])
        return nouns.float(), log_probs(vlm, last, pieces), *(mask.to(last.device) for mask in masks)

    def _pieces(self, encoded: Encoded, items: Sequence[Item]) -> tuple[Tensor, list[Tensor]]:
        """The pieces that are forms of the two answers, and of each question which are those of its answer, and of the
        other one. LinmechError where an answer has no form of one piece.
        """
        options = encoded.questions[0].options
        if options not in self._forms:
            read = readout(self.vlm, encoded, 0)
            forms = tuple([form[0] for form in own if len(form) == 1] for own in (read.first, read.second))
            if not all(forms):
                raise LinmechError(
                    f"model {self.vlm.name}: no form of {' or '.join(options)} is one token; name other kinds of "
                    f"questions in finetuning.experiments.{self.settings.experiment}.kinds"
                )
            self._forms[options] = forms
        first, second = self._forms[options]
        pieces = torch.tensor([*first, *second], device=self.vlm.device)
        of_first = torch.arange(len(pieces)) < len(first)
        true = torch.stack([of_first if item.answer == options[0] else ~of_first for item in items])
        return pieces, [true, ~true]


class Follow:
    """The loop of a run, and what is noted on its way: losses, validation, the weights of the best step so far."""

    def __init__(self, lessons: Lessons, exams: Sequence[Exam], weights: Mapping[str, nn.Parameter], commits: Commits):
        self.lessons, self.exams, self.weights = lessons, exams, weights
        self.chosen = commits.folder / CHOSEN
        self.loop = Loop(weights, commits, self.after)
        if not self.loop.notes:
            self._validate(0)

    def after(self, _: str, trained: int) -> None:
        """Note the losses of a step; where it is time, ask."""
        for name, losses in self.lessons.told.items():
            self.loop.notes.append([trained, "train", "", name, float(np.mean(losses)), len(losses)])
        self.lessons.told.clear()
        if trained % self.lessons.settings.every == 0 or trained == self.lessons.settings.steps:
            self._validate(trained)

    def best(self) -> int:
        """The first step with the highest accuracy, mean over the data sets' validating halves."""
        right: dict[int, list[float]] = {}
        for step, what, _, measure, value, _ in self.loop.notes:
            if (what, measure) == (HALVES[0], "accuracy"):
                right.setdefault(step, []).append(value)
        return max(right, key=lambda step: (np.mean(right[step]), -step))

    def _validate(self, step: int) -> None:
        for exam in self.exams:
            self.loop.notes += _rows(step, HALVES[0], exam)
        if self.best() == step:
            with atomic(self.chosen) as partial:
                save_file({name: weight.detach().contiguous() for name, weight in self.weights.items()}, partial)


@contextlib.contextmanager
def rounded(vlm: VLM, wanted: bool) -> Iterator[None]:
    """Let the model's own forward passes run under bfloat16 autocast, if `wanted`; what is read of them does not."""
    if not wanted:
        yield
        return
    genuine, kind = vlm.model.forward, torch.device(vlm.device).type

    def forward(self: nn.Module, *arguments: object, **named: object) -> object:
        with torch.autocast(kind, torch.bfloat16):
            return genuine(*arguments, **named)

    vlm.model.forward = MethodType(forward, vlm.model)
    try:
        yield
    finally:
        del vlm.model.forward


def _rows(step: int, what: str, exam: Exam) -> list[list]:
    return [[step, what, exam.dataset.name, name, value, len(exam.items)] for name, value in exam.take().items()]
