"""Laws of the loop: a run that goes on after a commit ends with the bytes, and the curve, of one that never stopped."""

from functools import partial

import pytest
import torch
from torch import nn

from linmech.trainer.commits import Commits
from linmech.trainer.loop import Loop, Phase, muon_and_adamw
from linmech.trainer.schedule import schedule

STEPS = {"first": 60, "second": 3}


class Toy(nn.Module):
    """A matrix and a scale; its start depends on nothing else."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.matrix, self.scale = nn.Parameter(torch.randn(4, 4)), nn.Parameter(torch.ones(4))


def first(toy: Toy) -> Phase:
    """Both parameters and a head, by both optimisers; like the encoder's phase it draws a parameter anew."""
    head = nn.Parameter(torch.randn(4))
    nn.init.normal_(toy.scale)

    def loss_of(step: int):
        inputs = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
        out = (inputs @ toy.matrix * toy.scale) @ head
        loss = (out - inputs.sum(-1)) ** 2
        return {"fit": loss.mean(), "small": 0.01 * head.norm()}, {"near": (loss < 1).tolist(), "none": []}

    return Phase("first", muon_and_adamw([toy.matrix], [toy.scale, head], 0.02, 0.01), loss_of, {"head": head})


def second(toy: Toy) -> Phase:
    """The scale alone; the matrix keeps the gradient that nobody takes."""

    def loss_of(step: int):
        loss = (toy.matrix * toy.scale - step).norm()
        return {"loss": loss}, {"even": [step % 2 == 0]}

    return Phase("second", [(torch.optim.AdamW([toy.scale], lr=0.1), 0.1)], loss_of)


def train(folder, until: int = 10**9) -> tuple[Loop, Toy]:
    """Both phases, with a commit after every step; interrupted after the step `until`, before its commit."""

    def after(phase: str, trained: int) -> None:
        if trained == until:
            raise KeyboardInterrupt

    toy = Toy()
    loop = Loop(dict(toy.named_parameters()), Commits(folder, {"toy": 1}, every=0), after)
    for name, make in (("first", first), ("second", second), ("third", second)):
        loop.run(STEPS.get(name, 2), partial(make, toy))
    return loop, toy


@pytest.mark.parametrize("until", [1, 2, 31, 50, 51, 60, 61, 62, 65])
def test_a_training_that_is_stopped_after_any_step_ends_with_the_same_bytes(tmp_path, until):
    loop, toy = train(tmp_path / "calm")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "storm", until)
    again, resumed = train(tmp_path / "storm")
    for one, other in zip(toy.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)
    assert [row[:4] for row in again.curve] == [row[:4] for row in loop.curve]
    assert again.trained == loop.trained == 65


def test_a_training_that_is_over_makes_no_phase_again(tmp_path):
    _, toy = train(tmp_path / "work")
    loop = Loop(dict(Toy().named_parameters()), Commits(tmp_path / "work", {"toy": 1}))
    for steps in (*STEPS.values(), 2):
        loop.run(steps, lambda: pytest.fail("made again"))
    assert torch.equal(loop.weights["matrix"], toy.matrix)


def test_the_curve_says_the_accuracy_from_one_line_to_the_next_and_counts_steps_over_all_phases(tmp_path, capfd):
    loop, _ = train(tmp_path / "work")
    assert [row[:3] for row in loop.curve] == [
        ["first", 50, "near"], ["first", 60, "near"], ["second", 63, "even"], ["second", 65, "even"],
    ]  # fmt: skip
    assert [row[3] for row in loop.curve[2:]] == [pytest.approx(2 / 3), 0.5]
    told = capfd.readouterr().err
    assert "first 50 fit " in told and "second 3 loss " in told and "even 0.67" in told


def test_the_bar_says_the_phase_its_accuracy_and_the_time_that_remains(tmp_path, capfd):
    train(tmp_path / "work")
    bar = capfd.readouterr().err.split("\r")[-1]
    assert bar.startswith("second: 100%") and "2/2" in bar and "<00:00" in bar and "even 0.50" in bar


def test_a_step_of_several_batches_descends_their_mean(tmp_path):
    def trained(parts: int, steps: int = 4) -> Toy:
        toy = Toy()

        def loss_of(number: int):
            numbers = [number] if parts > 1 else [2 * number, 2 * number + 1]
            losses = [(toy.matrix * toy.scale - each).norm() for each in numbers]
            return {"loss": sum(losses) / len(losses)}, {"even": [each % 2 == 0 for each in numbers]}

        phase = Phase("toy", [(torch.optim.AdamW(toy.parameters(), lr=0.1), 0.1)], loss_of, parts=parts)
        loop = Loop(dict(toy.named_parameters()), Commits(tmp_path / str(parts), {}))
        loop.run(steps, lambda: phase)
        assert loop.curve[0][3] == 0.5, "all marks of a step count"
        return toy

    for one, other in zip(trained(1).parameters(), trained(2).parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_notes_that_are_taken_after_a_step_go_on_with_it(tmp_path):
    def run(until: int = 10**9) -> Loop:
        toy = Toy()

        def after(phase: str, trained: int) -> None:
            loop.notes.append([trained, toy.scale.sum().item()])
            if trained == until:
                raise KeyboardInterrupt

        loop = Loop(dict(toy.named_parameters()), Commits(tmp_path / folder, {}, every=0), after)
        loop.run(5, partial(second, toy))
        return loop

    folder = "calm"
    notes = run().notes
    folder = "storm"
    with pytest.raises(KeyboardInterrupt):
        run(3)
    assert run().notes == notes and [step for step, _ in notes] == [1, 2, 3, 4, 5]


def test_rates_rise_over_their_warm_up():
    assert [schedule(step, 10**6, warmup=4) for step in range(3)] == pytest.approx([0.25, 0.5, 0.75], abs=1e-3)
    assert schedule(0, 10**6, warmup=0) == pytest.approx(1)
