"""Laws of planted faults in a model: what they change, by how much, and that nothing of them stays."""

import pytest
import torch

import families
import tiny
from linmech.engine.beliefs import beliefs
from linmech.engine.hooks import record
from linmech.errors import LinmechError
from linmech.experiments.planting import flipped, unbound
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask

AMONG_TOKENS = ("llava", "qwen2_vl", "qwen2_5_vl", "internvl", "gemma3")
QUESTION = ask("left-right", "frog", "car")


def asked(vlm, seed: int = 0):
    return encode(vlm, [tiny.image(seed)], [QUESTION])


def nouns_after_one_block(vlm, prompt):
    with torch.no_grad(), record(vlm, [1]) as seen:
        vlm.model(**prompt.inputs, use_cache=False)
    return seen[1][0, positions(prompt, 0, "nouns", vlm, pieces="all")]


@pytest.mark.parametrize("family", AMONG_TOKENS)
def test_knocked_out_in_no_block_nothing_changes_and_in_the_first_nouns_do_not_see_the_picture(family):
    vlm = families.load(family)
    one, other = asked(vlm), asked(vlm, 1)
    clean = beliefs(vlm, one)[0].d
    with unbound(vlm, one, []) as same:
        assert beliefs(same, one)[0].d == pytest.approx(clean, abs=1e-4) and same.plain
    with unbound(vlm, one, [1]) as blind:
        assert abs(beliefs(blind, one)[0].d - clean) > 1e-4
        torch.testing.assert_close(nouns_after_one_block(blind, one), nouns_after_one_block(blind, other))
    assert (nouns_after_one_block(vlm, one) - nouns_after_one_block(vlm, other)).abs().max() > 1e-3
    assert beliefs(vlm, one)[0].d == clean


def test_unbound_leaves_no_hook_and_eager_attention_gives_the_same():
    found = []
    for attention in ("sdpa", "eager"):
        vlm = tiny.llava(0, attention=attention)
        beliefs(vlm, asked(vlm))  # transformers installs its own at the first pass
        before = tiny.hooks(vlm)
        with unbound(vlm, asked(vlm), [1, 2]) as broken:
            found.append(beliefs(broken, asked(vlm))[0].d)
        assert tiny.hooks(vlm) == before
    assert found[0] == pytest.approx(found[1], abs=1e-4)


def test_a_picture_that_is_not_among_the_tokens_cannot_be_unbound():
    vlm = families.load("mllama")
    with (
        pytest.raises(LinmechError, match="fault binding needs a picture among the tokens"),
        unbound(vlm, asked(vlm), [1]),
    ):
        pass


@pytest.mark.parametrize("family", [*AMONG_TOKENS, "mllama"])
def test_a_flipped_readout_gives_the_other_belief_and_embeddings_that_are_tied_to_it_stay(family):
    vlm = families.load(family)
    prompt, words = asked(vlm), vlm.model.get_input_embeddings().weight.clone()
    clean = beliefs(vlm, prompt)[0]
    with flipped(vlm, prompt) as broken:
        wrong = beliefs(broken, prompt)[0]
        assert torch.equal(vlm.model.get_input_embeddings().weight, words)
    assert (wrong.d, wrong.mass) == pytest.approx((-clean.d, clean.mass), rel=1e-4)
    again = beliefs(vlm, prompt)[0]
    assert (again.d, again.mass) == (clean.d, clean.mass)
