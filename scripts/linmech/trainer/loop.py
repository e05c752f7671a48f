"""The loop that all phases of a training share: steps, clipping, schedule, optimisers, progress, commits.

A step depends on the seed, the phase and its number alone, so a run that goes on after a commit ends with the bytes of
one that was never stopped.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from tqdm import tqdm

from linmech.trainer.commits import Commits
from linmech.trainer.schedule import schedule, set_rate
from linmech.trainer.tally import SPAN, Tally

Optimisers = Sequence[tuple[torch.optim.Optimizer, float]]
LossOf = Callable[[int], tuple[Mapping[str, Tensor], Mapping[str, Sequence[bool]]]]
CURVE = ("phase", "step", "kind", "accuracy", "seconds")


@dataclass(frozen=True)
class Phase:
    """What is trained, and how: `optimisers` with their rates, which the schedule scales.

    `loss_of(number)`: losses by name, whose sum is descended, and which answers were right, by kind; of nothing but the
    weights and the number of the batch, counted from 0: a step takes `parts` of them, one after the other, and descends
    their mean. `heads`: what is trained beside the model's own weights, dropped afterwards, when `finish()` has made of
    them what stays. `rates(step, steps)`: the share of the rates at a step.
    """

    name: str
    optimisers: Optimisers
    loss_of: LossOf
    heads: Mapping[str, nn.Parameter] = field(default_factory=dict)
    finish: Callable[[], None] = lambda: None
    parts: int = 1
    rates: Callable[[int, int], float] = schedule

    def learn(self, step: int) -> tuple[dict[str, float], dict[str, list[bool]]]:
        """Add the gradients of a step up; the means of its losses, and all marks."""
        means, marks = dict[str, float](), dict[str, list[bool]]()
        for part in range(self.parts):
            losses, right = self.loss_of(step * self.parts + part)
            (sum(losses.values()) / self.parts).backward()
            for name, loss in losses.items():
                means[name] = means.get(name, 0.0) + loss.item() / self.parts
            for kind, own in right.items():
                marks.setdefault(kind, []).extend(own)
        return means, marks

    def descend(self, share: float) -> None:
        """One step down the gradient, which is clipped, at a `share` of the rates."""
        groups = [group["params"] for optimiser, _ in self.optimisers for group in optimiser.param_groups]
        nn.utils.clip_grad_norm_(sum(groups, []), 1.0)
        for optimiser, rate in self.optimisers:
            set_rate(optimiser, rate * share)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)


def muon_and_adamw(
    matrices: Sequence[nn.Parameter], others: Sequence[nn.Parameter], muon_rate: float, adam_rate: float
) -> Optimisers:
    """Muon for matrices, AdamW for all else."""
    return [
        (torch.optim.Muon(matrices, lr=muon_rate, weight_decay=0.01, momentum=0.95), muon_rate),
        (torch.optim.AdamW(others, lr=adam_rate, weight_decay=0.01, betas=(0.9, 0.98)), adam_rate),
    ]


class Loop:
    """Trains `weights`, by name, in phases, one after the other, from where `commits` says that they stand.

    `trained`: steps so far, over all phases. `curve`: rows of CURVE, the accuracy by kind from one line of the log to
    the next. `after(phase, trained)` is called after every step, when the model is whole; what it adds to `notes`, as
    JSON has it, is part of the commits.
    """

    def __init__(
        self, weights: Mapping[str, nn.Parameter], commits: Commits,
        after: Callable[[str, int], None] = lambda *_: None,
    ):  # fmt: skip
        self.weights, self.commits, self.after = dict(weights), commits, after
        self.notes: list = commits.state.get("notes", [])
        self.trained: int = commits.state.get("trained", 0)
        self.curve: list[list] = commits.state.get("curve", [])
        self._end = 0
        if self.trained:
            print(f"{commits.folder}: going on after step {self.trained} of the training", flush=True)
            self._take_up()

    def run(self, steps: int, make: Callable[[], Phase]) -> None:
        """The next phase, of `steps`; `make()` is not called where it was over before."""
        first, self._end = self._end, self._end + steps
        if self.trained and self.trained >= self._end:
            return
        phase, done = make(), self.trained - first
        for weight in self.weights.values():  # no optimiser of the phase before took the word embeddings'
            weight.grad = None
        tally = self._resumed(phase) if done else Tally()
        with tqdm(total=steps, initial=done, desc=phase.name, unit="step", mininterval=5) as bar:
            for step in range(done, steps):
                losses, marks = phase.learn(step)
                phase.descend(phase.rates(step, steps))
                self.trained += 1
                tally.add(marks)
                bar.set_postfix_str(tally.told(), refresh=False)
                bar.update()
                if step % SPAN == SPAN - 1 or step == steps - 1:
                    self._note(phase.name, step, losses, tally.accuracies(step % SPAN + 1))
                if step == steps - 1:
                    phase.finish()
                self.after(phase.name, self.trained)
                if self.commits.is_due():
                    self._commit(phase, tally)
        self._commit()

    def _note(self, name: str, step: int, losses: Mapping[str, float], right: Mapping[str, float]) -> None:
        """A line of the log, and its rows of the curve."""
        seconds = self.commits.seconds()
        self.curve += [[name, self.trained, kind, accuracy, round(seconds, 1)] for kind, accuracy in right.items()]
        told = " ".join(f"{each} {loss:.4f}" for each, loss in losses.items())
        marks = " ".join(f"{kind} {accuracy:.2f}" for kind, accuracy in right.items())
        tqdm.write(f"{name} {step + 1} {told} | {marks} | {seconds:.0f} s", file=sys.stderr)  # at once, and in order

    def _commit(self, phase: Phase | None = None, tally: Tally | None = None) -> None:
        """Between two phases the model is all that counts."""
        tensors = {f"weights.{name}": weight for name, weight in self.weights.items()}
        if phase:
            tensors |= {f"heads.{name}": head for name, head in phase.heads.items()}
            tensors |= _states(phase.optimisers)
        recent = tally.recent if tally else []
        state = {"trained": self.trained, "recent": recent, "curve": self.curve, "notes": self.notes}
        self.commits.commit(state, tensors)

    def _resumed(self, phase: Phase) -> Tally:
        """The phase as the last commit left it, in its middle, and its tally. Its start may have drawn weights anew."""
        self._take_up()
        _restore(phase.heads, "heads", self.commits.tensors)
        _restore_states(phase.optimisers, self.commits.tensors)
        self.commits.tensors.clear()
        return Tally(self.commits.state["recent"])

    def _take_up(self) -> None:
        """The model as the last commit left it."""
        _restore(self.weights, "weights", self.commits.tensors)


def _restore(parameters: Mapping[str, nn.Parameter], part: str, tensors: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[f"{part}.{name}"])


def _states(optimisers: Optimisers) -> dict[str, Tensor]:
    """What the optimisers remember: "optimiser.0.state.12.momentum_buffer" → tensor (AdamW's count of steps is one)."""
    return {
        f"optimiser.{number}.state.{place}.{name}": value
        for number, (optimiser, _) in enumerate(optimisers)
        for place, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }


def _restore_states(optimisers: Optimisers, tensors: Mapping[str, Tensor]) -> None:
    for number, (optimiser, _) in enumerate(optimisers):
        states: dict[int, dict[str, Tensor]] = {}
        for key in tensors:
            if key.startswith(f"optimiser.{number}.state."):
                place, name = key.split(".")[3:]
                states.setdefault(int(place), {})[name] = tensors[key]
        optimiser.load_state_dict({**optimiser.state_dict(), "state": states})
