"""Laws of the cache of a reading: all layers, with their origin; words from questions without an image; sums."""

import dataclasses
import json

import numpy as np
import pytest
import torch

import tiny
from extracted import ROLES, assert_same_rows, contents
from linmech.activations import caching
from linmech.activations.caching import cache_rows
from linmech.activations.layer_files import open_layer
from linmech.activations.prompts import prompts_of, texts_hash
from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.models.checkpoints import fingerprint
from linmech.models.declared import Declared
from linmech.models.encoding import encode, positions
from linmech.questions import kinds
from linmech.questions.asking import ask
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import question
from linmech.stimuli.layouts import words
from linmech.stimuli.layouts.stimulus import Query
from linmech.stimuli.tables import save_dataset, tabulate_composed
from stored import pair, photographed


@pytest.fixture(scope="module")
def model(checkpoint) -> Declared:
    return Declared("tiny", str(checkpoint), tiny.LAYERS).identified()


def test_item_without_a_word_to_read_is_refused_not_skipped(stimuli):
    with pytest.raises(LinmechError, match="0#0: none of the roles"):
        prompts_of(stimuli.items(), ["third"])


def test_roles_name_nouns_relation_words_and_the_last_token(stimuli):
    item = stimuli.items("above-below")[0]
    (prompt,) = prompts_of([item], ["reference", "relation", "last"])
    assert prompt.roles == {"reference": "reference", "above": "word:above", "below": "word:below", "last": "last"}
    assert list(prompts_of([dataclasses.replace(item, order=1)], ["relation"])[0].roles) == ["above", "below"]
    between = dataclasses.replace(item, kind="in-between", things=item.things | {"third": item.things["subject"]})
    assert prompts_of([between], ["relation"])[0].roles == {"between": "word:between"}


def test_all_layers_of_a_dataset_are_cached_with_their_origin(reference, model, stimuli, tmp_path):
    out = tmp_path / "tiny"
    cache_rows(model, stimuli, out, roles=ROLES, batch=4)
    assert_same_rows(contents(out), reference[1])
    manifest = sha256(stimuli.folder / "manifest.parquet")
    with open_layer(out / "layer_4.h5", manifest_sha256=manifest) as reader:
        assert reader.attrs["model"] == "tiny" and reader.attrs["selector"] == "subject,reference"
        assert reader.attrs["fingerprint"] == fingerprint(model.source) == model.fingerprint
        assert reader.attrs["questions_sha256"] == texts_hash(prompts_of(stimuli.items(), ROLES))


def test_a_reading_about_what_is_cut_off_is_warned_of(model, tmp_path, capsys):
    wide = pair("0", ("frog", "car"), [(10, 24), (80, 24)], Query("left-right", 0, 1, answer="left", other="right"))
    dataset = photographed(tmp_path / "wide", [(wide, tiny.image().resize((160, 48)))])
    cache_rows(model, dataset, tmp_path / "tiny", roles=ROLES)
    assert "warning: reading wide: in 1 of 1 questions the centre of a noun lies outside" in capsys.readouterr().out
    cache_rows(dataclasses.replace(model, pad_to_square=True), dataset, tmp_path / "padded", roles=ROLES)
    assert "warning" not in capsys.readouterr().out


def test_a_wrong_number_of_layers_is_refused(model, stimuli, tmp_path):
    wrong = dataclasses.replace(model, layers=7)
    with pytest.raises(LinmechError, match=r"models.tiny.layers is 7, but .* has 4"):
        cache_rows(wrong, stimuli, tmp_path / "tiny", roles=ROLES)


def test_a_run_whose_questions_were_reworded_after_a_kill_mixes_no_two_wordings(
    model, stimuli, tmp_path, monkeypatch, capsys
):
    def killed(vlm, prompts, store, *rest, **how):
        caching_extract(vlm, prompts[:6], Half(store), *rest, **how)
        raise KeyboardInterrupt

    class Half:
        """A store that stops after the rows that it was given, uncommitted rest and all."""

        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def finish(self):
            self.store._commit()

    caching_extract = caching.extract
    monkeypatch.setattr(caching, "extract", killed)
    with pytest.raises(KeyboardInterrupt):
        cache_rows(model, stimuli, tmp_path / "tiny", roles=ROLES, chunk=4)
    monkeypatch.setattr(caching, "extract", caching_extract)
    spec = kinds.KINDS["left-right"]
    monkeypatch.setitem(kinds.KINDS, "left-right", dataclasses.replace(spec, templates=spec.templates[::-1]))
    cache_rows(model, stimuli, tmp_path / "tiny", roles=ROLES, chunk=4)
    assert "starting over, because another run left it (questions_sha256 changed)" in capsys.readouterr().out
    cache_rows(model, stimuli, tmp_path / "whole", roles=ROLES, chunk=4)
    np.testing.assert_array_equal(contents(tmp_path / "tiny"), contents(tmp_path / "whole"))


def test_words_are_read_from_questions_without_an_image(model, tmp_path):
    vlm, out = tiny.llava(), tmp_path / "tiny"
    asks = ["left-right", "above-below", "front-behind"]
    laid = words.lay_out(tiny.NOUNS[:4], 1, 0, "words", side=1, asks=asks, pairs=3)
    save_dataset(tmp_path / "words", *tabulate_composed(laid, {}, 1))
    dataset = Dataset(tmp_path / "words")
    cache_rows(model, dataset, out, roles=["relation"], batch=4)
    with open_layer(out / "layer_2.h5") as reader:
        rows, index = reader.read(), reader.index
        means = reader.mean_by(index["role"])
    assert set(means) == {"left", "right", "above", "below", "front", "behind"} and len(rows) == 3 * 3 * 2 * 2
    items = {item.id: item for item in dataset.items()}
    for row in (0, 5, 14, 35):
        asked = question(items[index["item"][row]])
        kind, subject, other, order = index["item"][row].split("/")
        assert asked == ask(kind, subject, other, order=int(order))
        encoded = encode(vlm, [None], [asked])
        place = positions(encoded, 0, f"word:{index['role'][row]}", vlm)[-1]
        assert index["role"][row].endswith(vlm.tokenizer.decode(encoded.inputs["input_ids"][0, place]).strip())
        with torch.no_grad():
            states = vlm.model(**encoded.inputs, output_hidden_states=True).hidden_states
        assert_same_rows(rows[row], states[2][0, place])


def test_a_model_is_identified_once_and_read_back(model, tmp_path):
    model.write(tmp_path / "tiny.json")
    assert json.loads((tmp_path / "tiny.json").read_text())["fingerprint"] == fingerprint(model.source)
    assert Declared.read(tmp_path / "tiny.json", device="cuda:3") == dataclasses.replace(model, device="cuda:3")
    (tmp_path / "tiny.json").write_text("{}")
    with pytest.raises(LinmechError, match="tiny.json: says nothing of a model"):
        Declared.read(tmp_path / "tiny.json")
