"""The published checkpoints: tiny random ones in their layout go through every stage.

What is published is read from ../shared/data/checkpoints (skipped where absent); tests/published.py writes it small.
"""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import published
from linmech.activations.extraction import extract, residuals
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.prompts import Prompt, index_of
from linmech.activations.store import Store
from linmech.engine.agreement import fan_out_agrees, largest_gap
from linmech.engine.beliefs import beliefs
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Intervention
from linmech.engine.swaps import swap
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions, prepare
from linmech.models.framing import cut_off, shown
from linmech.models.vlm import load_model
from linmech.questions.asking import ask
from linmech.stimuli.coco import read_coco
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.filed.entries import save_filed
from shown import QUESTION, TOLERANCE, visual

READ = (*published.IMAGES, "llava-video-7b")
DOG = replace(ask("exists", "dog"), text="Is there a dog?")


@pytest.mark.parametrize("key", READ)
def test_prompts_are_what_the_published_template_writes_with_one_bos_and_one_placeholder(key, of, shared_data):
    vlm, rendered = of(key), published.told(key, shared_data)["chat_template"]["rendered"]
    encoded = encode(vlm, [visual("image")], [DOG])
    assert encoded.prompts == [rendered["image"]]
    ids = encoded.inputs["input_ids"][0].tolist()
    if bos := vlm.tokenizer.bos_token_id:
        assert ids[0] == bos and ids.count(bos) == 1
    places = positions(encoded, 0, "image", vlm)
    assert places and places == sorted(i for i, one in enumerate(ids) if one in vlm.visual_ids)
    words = encode(vlm, [None], [DOG])
    assert not positions(words, 0, "image", vlm) and words.prompts[0].count(DOG.text) == 1


@pytest.mark.parametrize("key", READ)
def test_words_answers_cache_sweep_and_swap_of_a_published_layout(key, of, tmp_path):
    vlm = of(key)
    control, donor = (encode(vlm, [visual("image", seed)], [QUESTION]) for seed in (0, 1))
    ids = control.inputs["input_ids"][0].tolist()
    for noun, word in (("subject", "teddy bear"), ("reference", "car")):
        assert vlm.tokenizer.decode([ids[i] for i in positions(control, 0, noun, vlm, "all")]).strip() == word
    place = tuple(positions(control, 0, "subject", vlm))
    vector = torch.randn(vlm.hidden, generator=torch.Generator().manual_seed(0))
    edits = [Intervention(layer, place, vector, relative=True) for layer in (0, 2, vlm.n_layers)]
    plain = sweep_full_encoded(vlm, control, edits)
    assert fan_out_agrees(vlm) and largest_gap(sweep_encoded(vlm, control, edits), plain) < TOLERANCE
    assert all(0 < one.mass < 1 for one in plain) and abs(plain[1].d - plain[0].d) > 100 * TOLERANCE
    sites = [(layer, selector) for layer in (1, 3) for selector in ("image", "nouns")]
    fast, slow = (swap(vlm, control, donor, sites, shortcut=shortcut) for shortcut in (True, False))
    assert largest_gap(fast.sites, slow.sites) < TOLERANCE
    prompts = [Prompt(str(n), QUESTION, {"subject": "subject"}, str(n)) for n in range(3)]
    layers, index = range(vlm.n_layers + 1), index_of(prompts)
    store = Store(tmp_path / "cache", layers, index, Origin(key, "f", "m", "s"), hidden=vlm.hidden, chunk=2)
    extract(vlm, prompts, store, lambda name: visual("image", int(name)), batch=2)
    with torch.inference_mode():
        alone = residuals(vlm, prompts[:1], control, layers).numpy()
    for layer in layers:
        with open_layer(tmp_path / f"cache/layer_{layer}.h5") as file:
            assert np.allclose(file.read()[0], alone[layer, 0], rtol=1e-3, atol=1e-4)


def test_every_head_is_the_checkpoints_own_tied_or_not(of):
    for key in READ:
        vlm = of(key)
        tied = torch.equal(vlm.head.weight, vlm.model.get_input_embeddings().weight)
        assert tied == (key in ("qwen2-2b", "qwen-3b", "gemma-4b", "gemma-12b")), key


def test_ids_beyond_the_logits_and_the_rows_are_read_as_they_are(of):
    llama, intern = of("llama-11b"), of("internvl-1b")
    image = llama.visual_ids[0]
    assert image == llama.head.weight.shape[0] < llama.model.get_input_embeddings().num_embeddings
    video = intern.tokenizer.convert_tokens_to_ids("<video>")
    assert video == intern.model.get_input_embeddings().num_embeddings == intern.head.weight.shape[0]


@pytest.mark.parametrize("key", ["qwen-3b", "llama-11b", "gemma-4b"])
def test_no_belief_depends_on_how_a_checkpoint_samples(key, of):
    vlm = of(key)
    encoded, sampling = encode(vlm, [visual("image")], [QUESTION]), vlm.model.generation_config
    assert sampling.do_sample
    before = beliefs(vlm, encoded)
    vlm.model.generation_config = type(sampling)(do_sample=False, repetition_penalty=3.0)
    assert beliefs(vlm, encoded) == before
    vlm.model.generation_config = sampling


@pytest.mark.parametrize("key", ["gemma-4b", "llava-7b", "llama-11b", "qwen-3b"])
@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_grey_and_transparent_images_are_shown_as_rgb(of, key, mode):
    vlm, shown = of(key), visual("image").convert(mode)
    given, converted = (encode(vlm, [image], [DOG]).inputs["pixel_values"] for image in (shown, shown.convert("RGB")))
    assert torch.equal(given, converted)


def test_a_question_that_gemma_trims_is_refused_and_ours_never_begin_or_end_with_a_space(of):
    with pytest.raises(LinmechError, match="drops or changes the question"):
        encode(of("gemma-4b"), [None], [replace(DOG, text=" Is there a dog? ")])
    assert QUESTION.text == QUESTION.text.strip()


@pytest.mark.parametrize("key", ["llava-7b", "llama-11b", "gemma-4b"])
def test_a_video_that_a_template_drops_is_refused(of, key):
    with pytest.raises(LinmechError, match=r"writes 0 placeholders for one video.* takes no videos"):
        encode(of(key), [visual("video")], [QUESTION])


def test_a_template_that_drops_the_image_or_the_question_is_refused(of, monkeypatch):
    processor = of("internvl-8b").processor
    for part, said in (
        ("<IMG_CONTEXT>", "0 placeholders for one image"),
        ("{{ content['text'] }}", "drops or changes"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(processor, "chat_template", processor.chat_template.replace(part, ""))
            with pytest.raises(LinmechError, match=said):
                prepare(processor, [visual("image")], [DOG], "internvl")


def test_the_authors_own_template_of_videollama3_is_one_line_in_the_native_class(of):
    with pytest.raises(LinmechError, match="chat template cannot write a question .*image_token.*of its transformers"):
        encode(of("videollama3-7b"), [visual("image")], [DOG])


ORIGINALS = [("llava-video-7b", "original_config"), ("videollama3-7b", "config")]


@pytest.mark.parametrize(("key", "original"), ORIGINALS)
def test_a_checkpoint_in_its_authors_own_layout_is_refused(shared_data, tmp_path, key, original):
    """LLaVA-Video's original names itself "llava": transformers takes it for a LLaVA-1.5 without a word."""
    folder = published.save(published.told(key, shared_data), tmp_path / key)
    facts = json.loads((shared_data / "checkpoints" / key / "facts.json").read_text())
    small = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4)
    text = {"text_config": small | {"vocab_size": 600}, "vision_config": small | {"image_size": 56}}
    (folder / "config.json").write_text(json.dumps(facts[original] | (text if key == "llava-video-7b" else {})))
    with pytest.raises(LinmechError, match="tensors are missing in its safetensors|cannot load it"):
        load_model(folder)


def test_what_a_full_sized_image_costs_in_tokens_is_what_is_published(full):
    """640 x 480 pixels; Llama's image is one token, its states enter by cross-attention."""
    photograph = [Image.new("RGB", (640, 480))]
    found = {}
    for key in ("llava-7b", "llava-13b", "llama-11b", "qwen2-2b", "qwen-7b", "gemma-12b", "llava-video-7b"):
        vlm = full(key)
        ids = prepare(vlm.processor, photograph, [DOG]).inputs["input_ids"][0].tolist()
        found[key] = sum(ids.count(mark) for mark in vlm.visual_ids)
    expected = dict(zip(found, (576, 576, 1, 391, 391, 256, 2929), strict=True))
    pd.testing.assert_series_equal(pd.Series(found), pd.Series(expected))


def test_llava_alone_is_shown_the_middle_of_a_photograph_unless_it_is_padded(full):
    """640 x 480 pixels: three quarters of the width; with a border, all of it."""
    for key in ("llava-7b", "llava-13b", "qwen2-2b", "qwen-7b", "gemma-12b", "llava-video-7b"):
        part = shown(full(key).processor, (480, 640))
        assert part == pytest.approx((0.125, 0, 0.875, 1) if key in ("llava-7b", "llava-13b") else (0, 0, 1, 1))
    padded = full("llava-7b", pad_to_square=True).processor
    assert padded.pinned.fill == (122, 116, 104) and shown(padded, (480, 640)) == pytest.approx((0, -1 / 6, 1, 7 / 6))


def test_the_questions_about_photographs_of_which_llava_does_not_see_a_noun_are_counted(full, shared_data, tmp_path):
    save_filed(tmp_path / "coco", read_coco(shared_data / "minicoco", beside=tmp_path / "coco"), "minicoco")
    items = Dataset(tmp_path / "coco").items()
    assert "coco: in 36 of 66 questions" in cut_off(full("llava-7b"), items, "coco")
    assert cut_off(full("llava-7b", pad_to_square=True), items, "coco") == cut_off(full("qwen-7b"), items, "coco") == ""
