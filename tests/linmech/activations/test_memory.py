"""Out of memory: the batch is halved and the run goes on with the same numbers; one prompt too large is one line."""

import numpy as np
import pytest
import torch

import tiny
from extracted import run
from linmech.activations import extraction
from linmech.engine import fan_out
from linmech.engine.agreement import largest_gap
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep
from linmech.errors import LinmechError
from linmech.questions.asking import ask

QUESTION = ask("left-right", "frog", "car")
SAID = [torch.OutOfMemoryError("CUDA out of memory. Tried"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]


def holding(monkeypatch, module, name, most, error, tried):
    """`module.name` fails with `error` for more than `most` prompts or runs (its second argument)."""
    plain = getattr(module, name)

    def limited(first, many, *others):
        tried.append(len(many))
        if len(many) > most:
            raise error
        return plain(first, many, *others)

    monkeypatch.setattr(module, name, limited)


@pytest.mark.parametrize("error", SAID, ids=["gpu", "cpu"])
def test_a_batch_that_does_not_fit_is_halved_once_and_the_residuals_are_the_same(
    prompts, stimuli, tmp_path, monkeypatch, capsys, error
):
    whole, tried = run(tmp_path / "whole", prompts, stimuli.visual, chunk=22, batch=8), []
    holding(monkeypatch, extraction, "residuals", 1, error, tried)  # two ask about each image
    halved = run(tmp_path / "halved", prompts, stimuli.visual, chunk=22, batch=8)
    np.testing.assert_allclose(halved, whole, rtol=1e-4, atol=1e-5)
    assert sum(n > 1 for n in tried) == 1, "a size that did not fit is not tried again"
    assert "prompts at once do not fit its memory" in capsys.readouterr().out


def test_one_prompt_that_does_not_fit_is_one_line(prompts, stimuli, tmp_path, monkeypatch):
    holding(monkeypatch, extraction, "residuals", 0, SAID[0], [])
    with pytest.raises(LinmechError, match="item .*: one prompt of .* does not fit .*use a larger device"):
        run(tmp_path / "none", prompts, stimuli.visual, batch=4)


def test_another_error_of_a_pass_is_not_taken_for_memory(prompts, stimuli, tmp_path, monkeypatch):
    holding(monkeypatch, extraction, "residuals", 0, RuntimeError("shapes differ"), [])
    with pytest.raises(RuntimeError, match="shapes differ"):
        run(tmp_path / "none", prompts, stimuli.visual)


def test_runs_of_a_sweep_that_do_not_fit_run_in_halves_with_the_same_beliefs(monkeypatch, capsys):
    vlm, draw = tiny.llava(), torch.Generator().manual_seed(0)
    edits = [Intervention(layer, (16,), torch.randn(vlm.hidden, generator=draw)) for layer in (1, 2, 3) for _ in "ab"]
    whole, tried = sweep(vlm, tiny.image(), QUESTION, edits), []
    holding(monkeypatch, fan_out, "_chunk", 2, SAID[0], tried)
    halved = sweep(vlm, tiny.image(), QUESTION, edits)
    assert largest_gap(halved, whole) < 1e-4 and max(tried) > 2
    assert "runs at once do not fit its memory" in capsys.readouterr().out
