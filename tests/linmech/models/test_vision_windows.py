"""Laws of windows that attend at once: the numbers of transformers' own way, whatever the images' sizes."""

import numpy as np
import pytest
import torch
from PIL import Image

import families
from linmech.models import vision_windows
from linmech.models.encoding import encode
from linmech.models.vision_windows import ATTENTION, attend_in_windows_at_once
from linmech.questions.asking import ask

SIZES = {"alike": [(56, 56), (56, 56), (56, 56)], "different": [(56, 56), (112, 56)], "one": [(84, 112)]}


def images(sizes: str) -> list[Image.Image]:
    draw = np.random.default_rng(0)
    return [Image.fromarray(draw.integers(0, 255, (high, wide, 3), np.uint8)) for wide, high in SIZES[sizes]]


def logits(vlm, shown: list[Image.Image]) -> torch.Tensor:
    question = ask("left-right", *families.NOUNS[:2])
    with torch.no_grad():
        return vlm.model(**encode(vlm, shown, [question] * len(shown)).inputs).logits


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("family", ["qwen2_vl", "qwen2_5_vl", "video_llama_3"])
def test_windows_at_once_give_the_numbers_of_one_by_one_in_fewer_calls(family, sizes, monkeypatch):
    vlm, shown, calls = families.load(family), images(sizes), []
    genuine = vision_windows.sdpa_attention_forward

    def counted(module, query, *arguments, **named):
        calls.append(len(query))
        return genuine(module, query, *arguments, **named)

    monkeypatch.setattr(vision_windows, "sdpa_attention_forward", counted)
    fast = logits(vlm, shown)
    parts = [part for part in vlm.model.modules() if hasattr(part, vision_windows.COUNT)]
    assert parts and all(part.config._attn_implementation == ATTENTION for part in parts)
    blocks = len(calls)
    monkeypatch.setattr(parts[0].config, "_attn_implementation", "sdpa")
    torch.testing.assert_close(fast, logits(vlm, shown), atol=1e-5, rtol=1e-5)
    assert len(calls) == blocks, "another implementation is left alone"
    if sizes == "alike":
        assert blocks == len(parts) and min(calls) >= len(shown), "one call a block, all images in it"


def test_a_model_is_changed_once_and_one_without_such_a_tower_not_at_all():
    vlm, shown = families.load("qwen2_5_vl"), images("alike")
    before = logits(vlm, shown)
    attend_in_windows_at_once(vlm.model)
    assert torch.equal(logits(vlm, shown), before)
    other = families.load("llava").model
    attend_in_windows_at_once(other)
    assert not any(part._forward_pre_hooks for part in other.modules())
