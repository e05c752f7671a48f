"""Laws that hold for every family: what selectors point at, and that fast interventions give the plain model's numbers.

The models are tiny and random (tests/families.py), of the real classes, loaded from folders in the real layout.
"""

from dataclasses import astuple

import numpy as np
import pytest
import torch
from PIL import Image

import families
from linmech.beliefs import beliefs
from linmech.encoding import Video, encode, positions
from linmech.errors import LinmechError
from linmech.extraction import Prompt, residuals
from linmech.hooks import record
from linmech.interventions import Intervention, fan_out_agrees, sweep_encoded, sweep_full_encoded
from linmech.prompts import ask
from linmech.swapping import block_alone_differs, swap
from linmech.visual_tokens import visual_tokens

TOLERANCE = 1e-4
QUESTION = ask("left-right", "teddy bear", "car")
SEEN = [(name, "image") for name in families.FAMILIES] + [(name, "video") for name in families.VIDEO]


def visual(kind: str, seed: int = 0):
    draw = np.random.default_rng(seed)
    if kind == "image":
        return Image.fromarray(draw.integers(0, 256, (112, 112, 3), dtype=np.uint8))
    return Video(draw.integers(0, 256, (8, 56, 56, 3), dtype=np.uint8))


def largest(some, others) -> float:
    return max(
        abs(a - b)
        for one, two in zip(some, others, strict=True)
        for a, b in zip(astuple(one), astuple(two), strict=True)
    )


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_sweep_equals_one_full_forward_per_edit(name, kind, attention):
    vlm = families.load(name, attention)
    encoded = encode(vlm, [visual(kind)], [QUESTION])
    subject, nouns = (tuple(positions(encoded, 0, selector, vlm)) for selector in ("subject", "nouns"))
    draw = torch.Generator().manual_seed(1)
    edits = [
        Intervention(layer, places, torch.randn(vlm.hidden, generator=draw), mode, strength=1.5, relative=True)
        for layer in (0, 1, 3, vlm.n_layers)
        for places, mode in ((subject, "add"), (nouns, "replace"), (nouns, "scale_to_norm"), (subject, "project_out"))
    ]
    fast, full = sweep_encoded(vlm, encoded, edits), sweep_full_encoded(vlm, encoded, edits)
    assert fan_out_agrees(vlm)
    assert largest(fast, full) < TOLERANCE
    assert max(abs(one.d - full[0].d) for one in full) > 100 * TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_wrong_layer_position_or_image_is_seen_to_differ(name, kind):
    vlm = families.load(name)
    encoded, other = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    (place,) = positions(encoded, 0, "subject", vlm)
    vector = 3 * torch.randn(vlm.hidden, generator=torch.Generator().manual_seed(0))
    right = sweep_full_encoded(vlm, encoded, [Intervention(2, (place,), vector, relative=True)])[1:]
    for wrong in (
        Intervention(3, (place,), vector, relative=True),
        Intervention(2, (place + 1,), vector, relative=True),
    ):
        assert largest(sweep_encoded(vlm, encoded, [wrong])[1:], right) > 5 * TOLERANCE
    same = Intervention(2, (place,), vector, relative=True)
    assert largest(sweep_encoded(vlm, other, [same])[1:], right) > 5 * TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_recorded_residuals_are_the_models_hidden_states(name, kind):
    vlm = families.load(name)
    encoded = encode(vlm, [visual(kind)], [QUESTION])
    with torch.no_grad(), record(vlm, range(vlm.n_layers + 1)) as seen:
        states = vlm.model(**encoded.inputs, use_cache=False, output_hidden_states=True).hidden_states
    for layer in range(vlm.n_layers):
        torch.testing.assert_close(seen[layer], states[layer], rtol=0, atol=0)
    torch.testing.assert_close(vlm.decoder.norm(seen[vlm.n_layers]), states[-1])


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_right_padded_batch_gives_every_prompt_its_own_belief(name, kind):
    vlm = families.load(name)
    questions = [ask("left-right", "dog", "umbrella"), QUESTION]
    together = beliefs(vlm, encode(vlm, [visual(kind, 1), visual(kind, 2)], questions))
    alone = [beliefs(vlm, encode(vlm, [visual(kind, 1 + n)], [asked]))[0] for n, asked in enumerate(questions)]
    assert largest(together, alone) < TOLERANCE


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


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_swapping_equals_replacing_in_a_full_forward(name, kind):
    vlm = families.load(name)
    control, donor = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    layers, selectors = (0, 2, vlm.n_layers), ("image", "text", "nouns")
    swapped = swap(vlm, control, donor, [(layer, selector) for layer in layers for selector in selectors])
    with torch.no_grad(), record(vlm, layers) as residuals:
        vlm.model(**donor.inputs, use_cache=False)
    residuals, edits = dict(residuals), []
    for layer in layers:
        for selector in selectors:
            places = positions(control, 0, selector, vlm, pieces="all")
            edits.append(Intervention(layer, tuple(places), residuals[layer][0, places], mode="replace"))
    full = sweep_full_encoded(vlm, control, edits)
    assert largest([swapped.control, *swapped.sites], full) < TOLERANCE
    assert largest([swapped.donor], beliefs(vlm, donor)) < TOLERANCE
    assert max(abs(one.d - full[0].d) for one in full) > 100 * TOLERANCE


def test_swapping_a_run_with_itself_changes_nothing_and_everything_at_the_last_layer_is_the_donor():
    vlm = families.load("llava")
    control, donor = (encode(vlm, [visual("image", seed)], [QUESTION]) for seed in (0, 1))
    sites = [(layer, selector) for layer in (0, 3) for selector in ("image", "text")]
    itself = swap(vlm, control, control, sites)
    assert largest(itself.sites, [itself.control] * len(sites)) < TOLERANCE
    swapped = swap(vlm, control, donor, [(0, "image"), (vlm.n_layers, "text")])
    assert largest(swapped.sites, [swapped.donor] * 2) < TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_the_short_way_is_taken_only_where_one_block_differs(name, kind):
    from linmech.fan_out import Fan

    vlm = families.load(name)
    fans = [Fan.of(vlm, encode(vlm, [visual(kind, seed)], [QUESTION]).inputs) for seed in (0, 1)]
    scattered = name == "mllama" or (kind == "video" and name in ("internvl", "video_llama_3"))
    assert block_alone_differs(*fans) != scattered


def test_a_model_that_the_fan_out_gets_wrong_is_swept_the_slow_way_and_said_to_be(monkeypatch, capsys):
    from linmech import fan_out, interventions

    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    edits = [Intervention(1, tuple(positions(encoded, 0, "subject", vlm)), torch.ones(vlm.hidden))]
    right = sweep_full_encoded(vlm, encoded, edits)
    monkeypatch.setattr(fan_out.Fan, "_suffix", lambda self, start: {})  # forgets positions and masks
    monkeypatch.setattr(interventions, "_agrees", {})
    assert largest(sweep_encoded(vlm, encoded, edits), right) < TOLERANCE
    assert "nats away from plain forward passes" in capsys.readouterr().out and not fan_out_agrees(vlm)


@pytest.mark.parametrize(("name", "agrees"), [("idefics3", True), ("paligemma", False)])
def test_a_family_that_nobody_told_us_of_needs_no_code_and_is_swept_exactly(name, agrees, capsys):
    vlm = families.load(name)
    encoded = encode(vlm, [visual("image")], [QUESTION])
    place = tuple(positions(encoded, 0, "subject", vlm))
    edits = [Intervention(layer, place, torch.ones(vlm.hidden), relative=True) for layer in (0, 2)]
    assert largest(sweep_encoded(vlm, encoded, edits), sweep_full_encoded(vlm, encoded, edits)) < TOLERANCE
    assert fan_out_agrees(vlm) == agrees == ("exact but slow" not in capsys.readouterr().out)
    assert len(positions(encoded, 0, "image", vlm)) in (4, 16)


@pytest.mark.parametrize("size", [(112, 112), (112, 224), (224, 112)])
@pytest.mark.parametrize("name", [name for name in families.FAMILIES if name != "mllama"])
def test_an_image_patch_is_the_token_that_a_change_of_those_pixels_changes_most(name, size):
    vlm = families.load(name)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    tokens, before = seen_tokens(vlm, Image.fromarray(pixels))
    placed = np.flatnonzero(np.isfinite(tokens.boxes[:, 0]))
    for token in placed[:: max(1, len(placed) // 5)]:
        left, top, right, bottom = tokens.boxes[token] * [size[1], size[0], size[1], size[0]]
        changed = pixels.copy()
        block = changed[round(top) : round(bottom), round(left) : round(right)]
        block[:] = 255 - block
        after = seen_tokens(vlm, Image.fromarray(changed))[1]
        assert placed[(after - before).norm(dim=-1)[placed].argmax()] == token
        x, y = (tokens.boxes[token, :2] + tokens.boxes[token, 2:]) / 2
        assert tokens.at(x, y) == [token]


@pytest.mark.parametrize("name", families.VIDEO)
def test_a_frame_is_the_tokens_that_a_change_of_that_frame_changes_first(name):
    vlm = families.load(name)
    video = visual("video")
    tokens, before = seen_tokens(vlm, video)
    for number in (0, 3, 7):
        frames = video.frames.copy()
        frames[number] = 255 - frames[number]
        change = (seen_tokens(vlm, Video(frames))[1] - before).norm(dim=-1)
        own = tokens.of_frame(number)
        others = [token for token in range(len(change)) if token not in own]
        placed = [token for token in own if np.isfinite(tokens.boxes[token, 0])]
        assert change[placed].min() > change[others].max()
        assert positions(encode(vlm, [video], [QUESTION]), 0, f"frame({number})", vlm)
    everywhere = [token for number in range(8) for token in tokens.of_frame(number)]
    assert set(everywhere) == set(np.flatnonzero(tokens.frames[:, 0] >= 0))


def seen_tokens(vlm, shown):
    """The visual tokens of a prompt, and their embeddings."""
    encoded = encode(vlm, [shown], [QUESTION])
    places = positions(encoded, 0, "image", vlm)
    with torch.no_grad(), record(vlm, [0]) as seen:
        vlm.model(**encoded.inputs, use_cache=False)
    return visual_tokens(vlm, encoded.inputs, 0, encoded.sizes[0], len(places)), seen[0][0, places]


def test_the_second_row_of_a_batch_has_its_own_grid():
    vlm = families.load("qwen2_5_vl")
    images = [Image.fromarray(np.zeros((*size, 3), np.uint8)) for size in ((112, 112), (112, 224))]
    encoded = encode(vlm, images, [QUESTION] * 2)
    for row, image in enumerate(images):
        alone = encode(vlm, [image], [QUESTION])
        for selector in ("image_patch(0.1, 0.9)", "image_patch(0.9, 0.1)", "image"):
            assert positions(encoded, row, selector, vlm) == positions(alone, 0, selector, vlm)


def test_an_intervention_at_a_selector_is_one_at_its_positions():
    vlm = families.load("qwen2_vl")
    encoded = encode(vlm, [visual("image")], [QUESTION])
    vector = torch.ones(vlm.hidden)
    for selector in ("nouns", "image", "image_patch(0.1, 0.1)"):
        named = Intervention.at(vlm, encoded, 2, selector, vector, pieces="all", strength=2.0)
        assert named.positions == tuple(positions(encoded, 0, selector, vlm, pieces="all")) and named.strength == 2
    by_place = Intervention(2, tuple(positions(encoded, 0, "subject", vlm)), vector, mode="replace")
    named = Intervention.at(vlm, encoded, 2, "subject", vector, mode="replace")
    assert largest(*([sweep_encoded(vlm, encoded, [one])[1]] for one in (named, by_place))) == 0


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


def test_an_image_that_is_not_among_the_tokens_has_no_patches_and_says_so():
    vlm = families.load("mllama")
    with pytest.raises(LinmechError, match="no layout explains its 1 visual tokens"):
        positions(encode(vlm, [visual("image")], [QUESTION]), 0, "image_patch(0.5, 0.5)", vlm)


@pytest.mark.parametrize("name", families.FAMILIES)
def test_questions_about_one_image_that_run_after_it_once_have_the_residuals_that_they_have_alone(name):
    vlm = families.load(name)
    asked = [ask("left-right", "dog", "umbrella"), QUESTION, ask("above-below", "car", "frog", wording=1)]
    prompts = [
        Prompt(str(n), question, {"subject": "subject", "reference": "reference"}, "i")
        for n, question in enumerate(asked)
    ]
    layers = range(vlm.n_layers + 1)
    together = residuals(vlm, prompts, [visual("image")] * 3, layers)
    alone = [residuals(vlm, [prompt], [visual("image")], layers) for prompt in prompts]
    np.testing.assert_allclose(together, np.concatenate(alone, axis=1), atol=2e-4, rtol=1e-4)
    other = residuals(vlm, prompts[:1], [visual("image", 1)], layers)
    assert np.abs(other - alone[0]).max() > 0.01
