"""Laws of what is trained: what the selector names, and nothing else, in every family."""

import copy
from dataclasses import replace

import pytest
import torch

import families
from linmech.errors import LinmechError
from linmech.finetuning.selecting import select


def fresh(family: str):
    shared = families.load(family)
    return replace(shared, model=copy.deepcopy(shared.model))


@pytest.mark.parametrize("family", families.FAMILIES)
@pytest.mark.parametrize("selector", ["vision-mlps(1)", "vision", "projector", "lora(2)"])
def test_only_what_is_named_is_trained(family, selector):
    vlm = fresh(family)
    weights = select(vlm, selector)
    assert weights and {name for name, one in vlm.model.named_parameters() if one.requires_grad} == set(weights)
    language = {id(one) for one in vlm.decoder.parameters()}
    assert all((id(one) in language) == (selector == "lora(2)") for one in weights.values())
    if selector == "vision-mlps(1)":
        assert all("mlp" in name for name in weights)
        (block,) = {name.split(".mlp.")[0] for name in weights}
        assert len(select(fresh(family), "vision-mlps(2)")) == 2 * len(weights) and block
    if selector == "projector":
        assert set(weights) < set(select(fresh(family), "vision"))


def test_adapters_hang_on_the_seed_and_change_nothing_at_first():
    same, again, other = (select(fresh("llava"), "lora(2)", seed) for seed in (0, 0, 1))
    assert all(torch.equal(same[name], again[name]) for name in same)
    assert any(not torch.equal(same[name], other[name]) for name in same)
    assert all(not one.any() for name, one in same.items() if "lora_B" in name)


@pytest.mark.parametrize("selector", ["mlps(2)", "vision-mlps", "vision-mlps(0)", "vision(3)", "lora"])
def test_other_selectors_are_told(selector):
    with pytest.raises(LinmechError, match="use vision-mlps"):
        select(fresh("llava"), selector)


def test_more_blocks_than_there_are_are_told():
    with pytest.raises(LinmechError, match="2 blocks with an MLP, not 3"):
        select(fresh("llava"), "vision-mlps(3)")
