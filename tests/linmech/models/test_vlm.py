"""Models: any complete local folder loads, an incomplete one is refused with the file's name and the cure."""

import json
import shutil

import pytest
import torch

import tiny
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.models.checkpoints import fingerprint, model_type
from linmech.models.encoding import encode
from linmech.models.vlm import load_model
from linmech.questions.asking import ask

QUESTION = ask("left-right", "frog", "car")


def test_a_loaded_model_is_frozen_and_knows_its_layers(original):
    vlm = load_model(original, name="tiny")
    assert (vlm.name, vlm.n_layers, vlm.hidden) == ("tiny", tiny.LAYERS, tiny.HIDDEN)
    assert not vlm.model.training and not any(weight.requires_grad for weight in vlm.model.parameters())
    assert vlm.visual_ids == (vlm.model.config.image_token_id,)
    assert load_model(original).name == original.name


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_dtype_asked_for_is_the_weights_and_the_inputs(original, dtype):
    vlm = load_model(original, dtype=dtype)
    assert vlm.dtype == getattr(torch, dtype)
    inputs = encode(vlm, [tiny.image()], [QUESTION]).inputs
    assert inputs["pixel_values"].dtype == vlm.dtype and inputs["input_ids"].dtype == torch.int64


@pytest.mark.parametrize(
    "file, message",
    [
        ("config.json", "config.json is missing"),
        ("model.safetensors", "model.safetensors is missing"),
        ("tokenizer.json", "tokenizer.json is missing"),
        ("processor_config.json", "processor_config.json is missing"),
        ("chat_template.jinja", "chat_template.jinja is missing"),
    ],
)
def test_a_missing_file_is_named(folder, file, message):
    (folder / file).unlink()
    with pytest.raises(LinmechError, match=message):
        load_model(folder)


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(LinmechError, match="pytorch_model.bin.*convert the weights to safetensors"):
        load_model(folder)


def test_a_tokenizer_of_another_model_is_refused(folder, tmp_path):
    shutil.copy(tiny.llava_folder(tmp_path, vocabulary=300) / "tokenizer.json", folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"image_token_id": 320}))
    with pytest.raises(LinmechError, match="tokenizer.json has 300 tokens"):
        load_model(folder)


def test_an_unknown_architecture_is_refused_without_running_its_code(folder):
    config = json.loads((folder / "config.json").read_text())
    remote = {
        "model_type": "mystery",
        "auto_map": {"AutoConfig": "mystery.Config", "AutoModelForImageTextToText": "mystery.M"},
    }
    (folder / "config.json").write_text(json.dumps(config | remote))
    (folder / "mystery.py").write_text("raise SystemExit('remote code ran')")
    with pytest.raises(LinmechError, match="cannot load it"):
        load_model(folder)


@pytest.mark.parametrize("source", ["nowhere", "./results/nowhere", "some/where/else"])
def test_a_source_that_is_neither_folder_nor_repository_is_refused(source):
    with pytest.raises(LinmechError, match="no such folder"):
        load_model(source)


@pytest.mark.parametrize(
    "option, message", [(dict(dtype="int4"), "unknown dtype"), (dict(device="cuda:99"), "not available")]
)
def test_an_option_that_cannot_be_met_is_refused(original, option, message):
    with pytest.raises(LinmechError, match=message):
        load_model(original, **option)


def test_the_fingerprint_depends_on_every_byte_of_the_weights_and_not_on_the_place(original, folder):
    assert fingerprint(original) == fingerprint(folder)
    (folder / "README.md").write_text("a note")
    assert fingerprint(original) == fingerprint(folder)
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert fingerprint(original) != fingerprint(folder)


def test_a_checkpoint_names_its_class(original, folder):
    assert model_type(original) == "llava"
    (folder / "config.json").write_text("{}")
    with pytest.raises(LinmechError, match="config.json: names no model_type .*; save the model with save_pretrained"):
        model_type(folder)


def test_a_prompt_begins_with_exactly_one_bos_whether_the_template_writes_it_or_not(original):
    vlm = load_model(original)
    for template in (vlm.processor.chat_template, "<s>" + vlm.processor.chat_template):
        vlm.processor.chat_template = template
        ids = encode(vlm, [tiny.image()], [QUESTION]).inputs["input_ids"][0].tolist()
        assert ids.count(vlm.tokenizer.bos_token_id) == 1 and ids[0] == vlm.tokenizer.bos_token_id


def test_batches_are_padded_right_whatever_the_tokenizer_prefers(original):
    vlm = load_model(original)
    vlm.tokenizer.padding_side = "left"
    encoded = encode(vlm, [tiny.image()] * 2, [ask("exists", "frog"), QUESTION])
    mask = encoded.inputs["attention_mask"]
    assert mask[0].tolist() == sorted(mask[0].tolist(), reverse=True) and mask[0].sum() < mask[1].sum()


def test_a_tokenizer_that_ends_every_prompt_with_a_token_of_its_own_is_refused(original):
    vlm = load_model(original)
    from tokenizers import processors

    vlm.tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", vlm.tokenizer.bos_token_id), ("</s>", vlm.tokenizer.eos_token_id)]
    )
    with pytest.raises(LinmechError, match="adds tokens after the prompt"):
        encode(vlm, [tiny.image()], [QUESTION])


@pytest.mark.parametrize("images, questions", [(1, 2), (0, 0)])
def test_images_and_questions_must_match(images, questions):
    with pytest.raises(LinmechError, match="one visual per question"):
        encode(tiny.llava(), [tiny.image()] * images, [QUESTION] * questions)


def test_a_batch_with_some_images_missing_is_refused():
    with pytest.raises(LinmechError, match="one visual per question"):
        encode(tiny.llava(), [tiny.image(), None], [QUESTION] * 2)


def test_the_image_changes_the_prediction_and_a_text_prompt_has_no_image():
    vlm = tiny.llava()
    logits = [vlm.model(**encode(vlm, [tiny.image(i)], [QUESTION]).inputs).logits[0, -1] for i in (0, 1)]
    assert float((logits[0] - logits[1]).abs().max()) > 0.01
    assert "pixel_values" not in encode(vlm, [None], [QUESTION]).inputs


def test_a_model_spread_over_devices_gives_the_same_numbers(original):
    one, spread = (load_model(original, device=device) for device in ("cpu", "auto"))
    encoded = [encode(vlm, [tiny.image()], [QUESTION]) for vlm in (one, spread)]
    assert beliefs(one, encoded[0]) == beliefs(spread, encoded[1])
