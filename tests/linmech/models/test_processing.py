"""Laws of what is pinned of a processor: pixels, tiles, the date, and what old files leave out.

The processors are the published ones (../shared/data/checkpoints; skipped where absent).
"""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from test_visual_tokens import assert_placed
from transformers.utils import chat_template_utils

import published
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions, prepare
from linmech.models.processing import DAY
from linmech.models.recipe import recipe
from linmech.models.visual_tokens import visual_tokens
from linmech.models.vlm import load_model
from linmech.questions.asking import ask
from shown import QUESTION, visual

DOG = replace(ask("exists", "dog"), text="Is there a dog?")


CUT = [(None, (640, 480), 256), (1, (640, 480), 256), (12, (640, 480), 3328), (12, (896, 896), 1280)]


@pytest.mark.parametrize(("tiles", "size", "tokens"), CUT)
def test_internvl_cuts_an_image_as_often_as_its_stanza_says_else_as_its_own_file_says(full, tiles, size, tokens):
    vlm = full("internvl-1b", **({"tiles": tiles} if tiles else {}))
    encoded = prepare(vlm.processor, [Image.new("RGB", size)], [DOG])
    assert int((encoded.inputs["input_ids"] == vlm.model.config.image_token_id).sum()) == tokens
    boxes = visual_tokens(vlm, encoded.inputs, 0, encoded.sizes[0], tokens).boxes
    placed = np.isfinite(boxes[:, 0])
    assert placed.sum() == tokens - 256 * (tokens > 256)
    assert np.allclose(boxes[placed].min(0)[:2], 0) and np.allclose(boxes[placed].max(0)[2:], 1)


@pytest.mark.parametrize("tiles", [1, 6])
def test_image_patches_of_internvl_are_right_with_tiles_and_without(of, tiles):
    assert_placed(of("internvl-2b", tiles=tiles), (112, 168))


@pytest.mark.parametrize(("pixels", "tokens"), [(None, 15301), ((3136, 12845056), 15301), ((3136, 1003520), 1230)])
def test_qwens_limits_are_those_of_the_file_or_of_the_stanza_at_full_size(full, pixels, tokens):
    images = full("qwen-3b", **({"pixels": pixels} if pixels else {})).processor.image_processor
    assert images.get_number_of_image_patches(3000, 4000, {}) // 4 == pytest.approx(tokens, abs=0)


def test_a_checkpoint_that_does_not_say_how_many_pixels_is_refused_until_the_stanza_does(shared_data, tmp_path):
    facts = published.told("qwen-3b", shared_data)
    facts["image_processor"] = {k: v for k, v in facts["image_processor"].items() if not k.endswith("pixels")}
    folder = published.save(facts, tmp_path / "qwen")
    with pytest.raises(LinmechError, match="says no limits of an image.s pixels.*config key models.qwen.pixels"):
        load_model(folder)
    vlm = load_model(folder, pixels=[3136, 6272])
    encoded = encode(vlm, [Image.new("RGB", (448, 448))], [DOG])
    assert len(positions(encoded, 0, "image", vlm)) == 4


KEYS = [
    ("llava-7b", {"pixels": [3136, 9999]}, "sets no limits"),
    ("qwen-3b", {"tiles": 4}, "cuts no image into tiles"),
    ("llama-11b", {"tiles": 2}, "made for 4 tiles"),
    ("gemma-4b", {"tiles": 3}, "pan and scan is not served"),
    ("llava-7b", {"date": DAY}, "writes no date"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "keys", "said"), KEYS)
def test_a_key_that_does_nothing_with_a_checkpoint_is_refused(full, key, keys, said):
    with pytest.raises(LinmechError, match=f"config key models.{key}.{next(iter(keys))}.*{said}"):
        full(key, **keys)


def test_llamas_words_do_not_change_with_the_day(of, shared_data, monkeypatch):
    vlm, rendered = of("llama-11b"), published.told("llama-11b", shared_data)["chat_template"]
    before = encode(vlm, [None], [DOG])
    assert f"Today Date: {DAY}" in before.prompts[0]
    wanted = rendered["rendered_with_date_string_26_Jul_2024"]
    assert before.prompts[0] == wanted.replace(" Is there a dog? ", "Is there a dog?")

    class Later(chat_template_utils.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2031, 1, 2)

    monkeypatch.setattr(chat_template_utils, "datetime", Later)
    monkeypatch.delattr(vlm.processor, "pinned")
    assert "Today Date: 02 Jan 2031" in encode(vlm, [None], [DOG]).prompts[0]  # the trap, without the pin
    monkeypatch.undo()
    monkeypatch.setattr(chat_template_utils, "datetime", Later)
    assert encode(vlm, [None], [DOG]).prompts == before.prompts


OTHERS = [("llama-11b", {"date": "01 Jan 2020"}), ("internvl-1b", {"tiles": 6}), ("qwen-3b", {"pixels": [3136, 9999]})]


@pytest.mark.parametrize(("key", "keys"), OTHERS)
def test_another_day_or_number_of_tiles_or_pixels_is_another_cache(of, full, key, keys):
    known = of(key)
    made = [replace(known, processor=vlm.processor) for vlm in (full(key), full(key, **keys))]
    assert len({recipe(vlm, "linmech.engine.hooks") for vlm in made}) == 2
    assert recipe(made[0], "linmech.engine.hooks") == recipe(known, "linmech.engine.hooks")


def test_the_day_of_a_stanza_stands_in_the_prompt(full):
    prompt = prepare(full("llama-11b", date="01 Jan 2020").processor, [None], [DOG]).prompts[0]
    assert "Today Date: 01 Jan 2020" in prompt


def test_a_template_whose_date_cannot_be_pinned_is_refused(shared_data, tmp_path):
    facts = published.told("llama-11b", shared_data)
    facts["template"] = facts["template"].replace("date_string", "day")
    with pytest.raises(LinmechError, match="writes today's date and can be told none"):
        load_model(published.save(facts, tmp_path / "llama"))


@pytest.mark.parametrize("left", ["patch_size", "everything"])
def test_an_older_llava_processor_counts_the_patches_of_its_model(shared_data, tmp_path, left):
    facts = published.told("llava-7b", shared_data)
    old = {k: v for k, v in facts["processor"].items() if k == "image_token"} if left == "everything" else None
    kept = {k: v for k, v in facts["processor"].items() if k != "patch_size"}
    new = load_model(published.save(facts, tmp_path / "new"))
    vlm = load_model(published.save(facts | {"processor": old or kept}, tmp_path / "old"))
    one, other = (encode(model, [visual("image")], [QUESTION]) for model in (vlm, new))
    assert one.inputs["input_ids"].tolist() == other.inputs["input_ids"].tolist()
    assert beliefs(vlm, one) == beliefs(new, other)
