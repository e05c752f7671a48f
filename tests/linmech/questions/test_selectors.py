"""Laws of selectors: each decodes to what it names, and together they cover the prompt."""

import pytest
import torch

import families
from linmech.engine.agreement import largest_gap
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from shown import QUESTION, SEEN, visual


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_image_and_text_are_disjoint_and_cover_the_prompt_and_words_are_what_they_name(name, kind):
    vlm = families.load(name)
    encoded = encode(vlm, [visual(kind)], [QUESTION])
    seen, text = (positions(encoded, 0, selector, vlm) for selector in ("image", "text"))
    assert sorted(seen + text) == list(range(encoded.lengths[0])) and not set(seen) & set(text)
    ids = encoded.inputs["input_ids"][0]
    assert {int(ids[place]) for place in seen} <= set(vlm.visual_ids)
    for selector, words in (("subject", "teddy bear"), ("reference", "car"), ("word:left", "left")):
        places = positions(encoded, 0, selector, vlm, pieces="all")
        assert vlm.tokenizer.decode(ids[places]).strip() == words
        assert positions(encoded, 0, selector, vlm) == places[-1:]


def test_an_intervention_at_a_selector_is_one_at_its_positions():
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    vector = torch.ones(vlm.hidden)
    for selector in ("nouns", "image", "image_patch(0.1, 0.1)"):
        named = Intervention.at(vlm, encoded, 2, selector, vector, pieces="all", strength=2.0)
        assert named.positions == tuple(positions(encoded, 0, selector, vlm, pieces="all")) and named.strength == 2
    by_place = Intervention(2, tuple(positions(encoded, 0, "subject", vlm)), vector, mode="replace")
    named = Intervention.at(vlm, encoded, 2, "subject", vector, mode="replace")
    assert largest_gap(*([sweep_encoded(vlm, encoded, [one])[1]] for one in (named, by_place))) == 0


def test_neighbours_are_beside_the_nouns_and_random_text_is_elsewhere():
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    nouns = positions(encoded, 0, "nouns", vlm, pieces="all")
    beside = positions(encoded, 0, "neighbours", vlm)
    words = [vlm.tokenizer.decode(encoded.inputs["input_ids"][0, place]).strip() for place in beside]
    assert words == ["the", "teddy", "bear", "to", "the", "car", "?"]
    drawn = positions(encoded, 0, "random_text(6, 1)", vlm)
    assert len(set(drawn)) == 6 and not set(drawn) & set(beside) and set(nouns) < set(beside)
    assert set(drawn) < set(positions(encoded, 0, "text", vlm))
    assert drawn == positions(encoded, 0, "random_text(6, 1)", vlm) != positions(encoded, 0, "random_text(6, 2)", vlm)


@pytest.mark.parametrize("count", ["nouns", "neighbours"])
def test_as_many_tokens_as_the_nouns_are_drawn_where_they_can_carry_something(count):
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    wanted, beside = (positions(encoded, 0, name, vlm, pieces="all") for name in (count, "neighbours"))
    image, last = (positions(encoded, 0, name, vlm) for name in ("image", "last"))
    for seed in range(20):
        drawn = positions(encoded, 0, f"random_text({count}, {seed})", vlm)
        assert len(set(drawn)) == len(wanted) and not set(drawn) & {*beside, *image, *last}
        assert min(drawn) > max(image)


def test_tokens_before_the_image_are_drawn_only_where_there_are_too_few_others():
    vlm = families.load("llava")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    others = set(positions(encoded, 0, "text", vlm)) - set(positions(encoded, 0, "neighbours", vlm))
    others -= set(positions(encoded, 0, "last", vlm))
    late = {place for place in others if place > positions(encoded, 0, "image", vlm)[0]}
    assert 0 < len(late) < len(others)
    assert set(positions(encoded, 0, f"random_text({len(late)}, 3)", vlm)) == late
    assert late < set(positions(encoded, 0, f"random_text({len(late) + 1}, 3)", vlm)) <= others
    with pytest.raises(LinmechError, match=f"n from 1 to {len(others)} here, nouns or neighbours"):
        positions(encoded, 0, f"random_text({len(others) + 1}, 3)", vlm)


def test_all_other_text_is_drawn_where_nouns_are_cut_into_more_pieces_than_there_are():
    vlm = families.load("llava")
    long = ask("left-right", "teddy bear" * 12, "car")
    encoded = encode(vlm, [visual("image")], [long])
    others = set(positions(encoded, 0, "text", vlm)) - set(positions(encoded, 0, "neighbours", vlm))
    others -= set(positions(encoded, 0, "last", vlm))
    assert len(positions(encoded, 0, "nouns", vlm, pieces="all")) > len(others)
    assert set(positions(encoded, 0, "random_text(nouns, 3)", vlm)) == others


def test_selectors_joined_by_a_plus_are_the_tokens_of_either():
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    assert positions(encoded, 0, "image+text", vlm) == list(range(encoded.lengths[0]))
    either = {*positions(encoded, 0, "nouns", vlm, "all"), *positions(encoded, 0, "last", vlm)}
    assert positions(encoded, 0, "last+nouns+subject", vlm, "all") == sorted(either)
    with pytest.raises(LinmechError, match="names nothing"):
        positions(encoded, 0, "nouns+elephant", vlm)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("image_patch(0.5)", "write image_patch"),
        ("image_patch(1.0, 0.5)", "names no token"),
        ("frame(3)", "names no token"),
        ("random_text(999, 0)", "n from 1 to"),
        ("random_text()", "write random_text"),
        ("elephant", "names nothing"),
    ],
)
def test_a_selector_that_names_nothing_is_refused_in_one_line(selector, message):
    vlm = families.load("qwen2_vl")
    with pytest.raises(LinmechError, match=message):
        positions(encode(vlm, [visual("image")], [QUESTION]), 0, selector, vlm)
