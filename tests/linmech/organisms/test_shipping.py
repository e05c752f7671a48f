"""Laws of shipping: a rounded model is the model that its file holds, and one that cannot be held is told."""

import pytest
import torch
from safetensors.torch import load_file

import tiny
from linmech.errors import LinmechError
from linmech.organisms.families.llava import build_llava
from linmech.organisms.shipping import round_weights, save


@pytest.fixture
def model():
    return build_llava(tiny.NOUNS, tiny.COLOURS, seed=0, side=48, hidden=32, decoder_layers=2, vision_layers=1)


def test_rounded_weights_are_those_of_the_file_and_float32_rounds_nothing(model, tmp_path):
    model, processor = model
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    round_weights(model, "float32")
    assert all(torch.equal(weight, before[name]) for name, weight in model.named_parameters())
    round_weights(model, "float16")
    save(model, processor, tmp_path, "float16")
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    saved, mine = (
        load_file(tmp_path / "model.safetensors"),
        sorted(weight.sum().item() for weight in model.parameters()),
    )
    assert {weight.dtype for weight in saved.values()} == {torch.float16}
    assert sorted(weight.float().sum().item() for weight in saved.values()) == mine
    assert any(not torch.equal(weight, before[name]) for name, weight in model.named_parameters())


def test_a_weight_that_float16_cannot_hold_is_told(model):
    model, _ = model
    with torch.no_grad():
        model.lm_head.weight[0, 0] = 1e6
    with pytest.raises(LinmechError, match=r"dtype: float16 cannot hold weight lm_head.weight; use float32"):
        round_weights(model, "float16")
