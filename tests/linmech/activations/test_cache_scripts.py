"""Laws of the two caching scripts: all layers, with their origin; words from questions without an image."""

import pytest
import torch

import cache_activations
import cache_words
import tiny
from extracted import assert_same_rows, contents
from linmech.activations.layer_files import open_layer
from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.models.checkpoints import fingerprint
from linmech.models.declared import Declared
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from linmech.stimuli.datasets import load_dataset


def test_item_without_a_word_to_read_is_refused_not_skipped(stimuli):
    with pytest.raises(LinmechError, match="image-0#left-right: none of the roles"):
        cache_activations.canonical(load_dataset(stimuli[0], {}).questions, ["third"])


def test_script_caches_all_layers_of_a_dataset_with_its_origin(reference, checkpoint, stimuli, tmp_path):
    out = tmp_path / "tiny"
    cache_activations.main(Declared("tiny", str(checkpoint), tiny.LAYERS), *stimuli, out, batch=4)
    assert_same_rows(contents(out), reference[1])
    manifest = sha256(f"{stimuli[0]}/manifest.parquet")
    with open_layer(out / "layer_4.h5", manifest_sha256=manifest) as reader:
        assert reader.attrs["model"] == "tiny" and reader.attrs["selector"] == "subject,reference"
        assert reader.attrs["fingerprint"] == fingerprint(checkpoint)


def test_script_refuses_a_wrong_number_of_layers(checkpoint, stimuli, tmp_path):
    with pytest.raises(LinmechError, match=r"models.tiny.layers is 7, but .* has 4"):
        cache_activations.main(Declared("tiny", str(checkpoint), 7), *stimuli, tmp_path / "tiny")


def test_words_are_read_from_questions_without_an_image(checkpoint, stimuli, tmp_path):
    vlm, out = tiny.llava(), tmp_path / "tiny"
    cache_words.main(Declared("tiny", str(checkpoint), tiny.LAYERS), stimuli[1], out, pairs=3, batch=4)
    with open_layer(out / "layer_2.h5") as reader:
        rows, index = reader.read(), reader.index
        means = reader.mean_by(index["role"])
    assert set(means) == {"left", "right", "above", "below", "front", "behind"} and len(rows) == 3 * 3 * 2 * 2
    for row in (0, 5, 14, 35):
        kind, subject, other, order = index["item"][row].split("/")
        encoded = encode(vlm, [None], [ask(kind, subject, other, order=int(order))])
        place = positions(encoded, 0, f"word:{index['role'][row]}", vlm)[-1]
        assert index["role"][row].endswith(vlm.tokenizer.decode(encoded.inputs["input_ids"][0, place]).strip())
        with torch.no_grad():
            states = vlm.model(**encoded.inputs, output_hidden_states=True).hidden_states
        assert_same_rows(rows[row], states[2][0, place])
