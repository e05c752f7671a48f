"""Laws of the self-check: models that the fan-out fits pass it in every dtype, the others are swept the slow way."""

import pytest
import torch

import families
from linmech.engine import agreement, fan_out
from linmech.engine.agreement import disagreement, fan_out_agrees, largest_gap
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Intervention
from linmech.engine.prefix import Prefill
from linmech.engine.sweeps import sweep_encoded
from linmech.models.encoding import encode, positions
from linmech.models.vlm import load_model
from shown import QUESTION, TOLERANCE, visual


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", [*families.FAMILIES, *families.UNKNOWN])
def test_rounding_alone_fails_no_family_and_does_not_hide_one_that_is_wrong(name, dtype, tmp_path, monkeypatch):
    vlm = load_model(families.save(name, tmp_path), dtype=dtype, **families.OPTIONS.get(name, {}))
    problem = disagreement(vlm)
    assert ("depend on what is asked after them" in problem) == (name == "paligemma") == bool(problem)
    monkeypatch.setattr(fan_out, "moved", lambda mode, h, v, strength: h)  # edits are forgotten
    assert disagreement(vlm)


def test_a_model_that_the_fan_out_gets_wrong_is_swept_the_slow_way_and_said_to_be(monkeypatch, capsys):
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    edits = [Intervention(1, tuple(positions(encoded, 0, "subject", vlm)), torch.ones(vlm.hidden))]
    right = sweep_full_encoded(vlm, encoded, edits)
    monkeypatch.setattr(Prefill, "suffix", lambda self, start: {})  # forgets positions and masks
    monkeypatch.setattr(agreement, "_agrees", {})
    assert largest_gap(sweep_encoded(vlm, encoded, edits), right) < TOLERANCE
    assert "nats away from plain forward passes" in capsys.readouterr().out and not fan_out_agrees(vlm)


@pytest.mark.parametrize("name", families.VIDEO)
def test_videos_are_looked_at_apart_from_images(name, monkeypatch, capsys):
    monkeypatch.setattr(agreement, "_agrees", {})
    vlm, encoded = families.load(name), encode(families.load(name), [visual("video")], [QUESTION])
    assert encoded.kind == "video" and not disagreement(vlm, encoded.kind)
    assert fan_out_agrees(vlm)
    edits = [Intervention(1, tuple(positions(encoded, 0, "subject", vlm)), torch.ones(vlm.hidden))]
    right = sweep_full_encoded(vlm, encoded, edits)
    monkeypatch.setattr(fan_out, "moved", lambda mode, h, v, strength: h)  # edits are forgotten
    assert largest_gap(sweep_encoded(vlm, encoded, edits), right) < TOLERANCE
    assert f"model {name}, videos: the fan-out is" in capsys.readouterr().out and fan_out_agrees(vlm)


@pytest.mark.parametrize(("name", "agrees"), [("idefics3", True), ("paligemma", False)])
def test_a_family_that_nobody_told_us_of_needs_no_code_and_is_swept_exactly(name, agrees, monkeypatch, capsys):
    monkeypatch.setattr(agreement, "_agrees", {})
    vlm = families.load(name)
    encoded = encode(vlm, [visual("image")], [QUESTION])
    place = tuple(positions(encoded, 0, "subject", vlm))
    edits = [Intervention(layer, place, torch.ones(vlm.hidden), relative=True) for layer in (0, 2)]
    assert largest_gap(sweep_encoded(vlm, encoded, edits), sweep_full_encoded(vlm, encoded, edits)) < TOLERANCE
    assert fan_out_agrees(vlm) == agrees == ("exact but slow" not in capsys.readouterr().out)
    assert len(positions(encoded, 0, "image", vlm)) in (4, 16)
