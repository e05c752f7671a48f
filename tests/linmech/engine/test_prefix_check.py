"""Laws of the shared prefix: where questions may share the run of their visual, and that a model where not is seen."""

import pytest

import families
from linmech.engine import prefix_check
from linmech.engine.prefix import Prefill
from linmech.engine.prefix_check import prefix_holds, residual_gap
from shown import SEEN


@pytest.fixture(autouse=True)
def unknown(monkeypatch):
    """No model was looked at yet."""
    monkeypatch.setattr(prefix_check, "_holds", {})


@pytest.mark.parametrize(("name", "kind"), [*SEEN, ("idefics3", "image")])
def test_questions_of_every_family_may_share_the_run_of_their_visual(name, kind, capsys):
    assert prefix_holds(families.load(name), kind), capsys.readouterr().out


def test_a_model_that_reads_its_prompt_both_ways_runs_every_question_alone_and_is_said_to(capsys):
    vlm = families.load("paligemma")
    assert not prefix_holds(vlm) and not prefix_holds(vlm)
    said = capsys.readouterr().out
    assert said.count("every question runs its image anew, exact but slow") == 1 and "of their norm off" in said


def test_a_prefix_that_forgets_its_positions_is_seen(monkeypatch):
    vlm = families.load("qwen2_vl")
    assert not residual_gap(vlm)
    monkeypatch.setattr(Prefill, "suffix", lambda self, start: {})
    assert "residuals over a shared prefix are" in residual_gap(vlm)


def test_a_model_on_which_no_prefix_runs_is_none_that_stops_the_run(monkeypatch):
    def fails(*_, **__):
        raise AttributeError("this cache has no keys")

    monkeypatch.setattr(Prefill, "of", fails)
    assert "does not run on it (AttributeError: this cache has no keys)" in residual_gap(families.load("llava"))
