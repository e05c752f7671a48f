"""Laws of one edit: each mode does what it says, to the tokens that it names."""

import pytest
import torch

import tiny
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep
from linmech.errors import LinmechError
from linmech.questions.asking import ask
from tiny import vector


def changed(step, residual):
    return step.apply(residual, residual)[list(step.positions)]


RESIDUAL = vector(77, places=6)


def test_adding_relative_to_the_norm_moves_every_token_by_strength_times_its_own_norm():
    unit = vector(3) / vector(3).norm()
    moved = changed(Intervention(1, (0, 4), unit, strength=5.0, relative=True), RESIDUAL) - RESIDUAL[[0, 4]]
    torch.testing.assert_close(moved, 5 * RESIDUAL[[0, 4]].norm(dim=-1, keepdim=True) * unit)


def test_the_relative_norm_is_the_clean_tokens_not_the_edited_ones():
    step = Intervention(1, (0,), vector(3), relative=True)
    moved = step.apply(RESIDUAL * 7, RESIDUAL)[0] - RESIDUAL[0] * 7
    torch.testing.assert_close(moved, vector(3) * RESIDUAL[0].norm(), atol=1e-4, rtol=1e-4)


def test_projecting_out_removes_the_component_and_only_it():
    direction, out = vector(3), changed(Intervention(1, (0, 4), vector(3), "project_out"), RESIDUAL)
    torch.testing.assert_close(out @ direction, torch.zeros(2), atol=1e-3, rtol=0)
    removed = RESIDUAL[[0, 4]] - out
    torch.testing.assert_close(removed, (removed @ direction / direction.square().sum())[:, None] * direction)


def test_scaling_to_the_norm_keeps_every_tokens_norm_and_turns_it():
    out = changed(Intervention(1, (0, 4), vector(3), "scale_to_norm"), RESIDUAL)
    torch.testing.assert_close(out.norm(dim=-1), RESIDUAL[[0, 4]].norm(dim=-1))
    assert float((out - RESIDUAL[[0, 4]]).norm()) > 1


def test_an_intervention_leaves_other_tokens_and_its_input_alone():
    before = RESIDUAL.clone()
    out = Intervention(1, (2,), vector(3)).apply(RESIDUAL, RESIDUAL)
    assert torch.equal(before, RESIDUAL)
    assert torch.equal(out[[0, 1, 3, 4, 5]], RESIDUAL[[0, 1, 3, 4, 5]])


def test_a_row_of_vectors_gives_each_position_its_own():
    rows = vector(8, places=2)
    torch.testing.assert_close(changed(Intervention(1, (4, 1), rows), RESIDUAL), RESIDUAL[[4, 1]] + rows)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (dict(layer=9), "layer 9 is outside 0..4"),
        (dict(positions=()), "positions"),
        (dict(positions=(999,)), "positions"),
        (dict(positions=(3, 3)), "positions"),
        (dict(vector=torch.zeros(5)), "shape"),
        (dict(mode="multiply"), "unknown mode"),
        (dict(vector=torch.full((32,), float("nan"))), "not finite"),
        (dict(mode="project_out", vector=torch.zeros(32)), "project_out"),
    ],
)
def test_a_bad_intervention_is_refused_in_one_line(wrong, message):
    step = Intervention(**(dict(layer=1, positions=(3,), vector=vector(1)) | wrong))
    with pytest.raises(LinmechError, match=message):
        sweep(tiny.llava(), tiny.image(3), ask("left-right", "teddy bear", "dog"), [step])
