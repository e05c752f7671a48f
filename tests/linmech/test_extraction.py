"""Laws of extraction: the model's own numbers, at the right words, whatever the batch, the workers and the kills."""

import json
import multiprocessing
import os
import random
import select
import signal
import time

import numpy as np
import pandas as pd
import pytest
import torch
from test_activations import killed

import cache_activations
import cache_words
import tiny
from linmech import extraction
from linmech.activation_store import Store
from linmech.activations import Origin, open_layer
from linmech.checkpoints import fingerprint
from linmech.declared import Declared
from linmech.encoding import encode, positions
from linmech.errors import LinmechError
from linmech.extraction import Prompt, extract, index_of, recipe, residuals
from linmech.files import sha256
from linmech.interventions import fan_out_agrees
from linmech.pictures import DatasetImages, end_with_parent
from linmech.prompts import ask
from linmech.stimuli import load_dataset, save_dataset

LAYERS = range(tiny.LAYERS + 1)


@pytest.fixture(scope="module")
def stimuli(tmp_path_factory):
    """(dataset folder, sprites file): 11 images of two noisy squares, two questions about each."""
    root, draw = tmp_path_factory.mktemp("stimuli"), np.random.default_rng(0)
    sprites = {(noun, 0): draw.integers(0, 256, (12, 12, 4), dtype=np.uint8) for noun in tiny.NOUNS[:4]}
    np.savez(root / "sprites.npz", **{f"{noun}/{view}": pixels for (noun, view), pixels in sprites.items()})
    images, items = [], []
    for n in range(11):
        nouns = [tiny.NOUNS[(n + step) % 4] for step in (0, 1 + n // 4)]
        placed = [{"noun": noun, "x": draw.uniform(8, 40), "y": draw.uniform(8, 40), "size": 12.0} for noun in nouns]
        images.append((f"image-{n}", n, tiny.SIDE, json.dumps(placed), ""))
        asked = [("left-right", "left", "right"), ("above-below", "below", "above")]
        items += [(f"image-{n}#{kind}", f"image-{n}", kind, *nouns, "", *answers) for kind, *answers in asked]
    manifest = pd.DataFrame(images, columns=["image", "background", "size_px", "objects", "file"])
    columns = ["item", "image", "kind", "subject", "reference", "third", "answer", "other"]
    save_dataset(root / "pairs", manifest, pd.DataFrame(items, columns=columns))
    return str(root / "pairs"), str(root / "sprites.npz")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny.llava_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def prompts(stimuli):
    return cache_activations.canonical(load_dataset(stimuli[0], {}).questions)


def run(folder, prompts, images, chunk=4, **options) -> np.ndarray:
    """Extract into `folder`; the residuals (layer row hidden)."""
    store = Store(folder, LAYERS, index_of(prompts), Origin("tiny", "f", "m", "s"), hidden=tiny.HIDDEN, chunk=chunk)
    extract(tiny.llava(), prompts, store, images, **options)
    return contents(folder)


def assert_same_rows(some, others) -> None:
    """No token's residual (..., hidden) is further from the other's than 1e-5 of its norm: rounding, no more."""
    some, others = np.asarray(some), np.asarray(others)
    assert some.shape == others.shape
    assert np.all(np.linalg.norm(some - others, axis=-1) <= 1e-5 * np.linalg.norm(others, axis=-1))


def contents(folder) -> np.ndarray:
    layers = []
    for layer in LAYERS:
        with open_layer(folder / f"layer_{layer}.h5") as reader:
            layers.append(reader.read())
    return np.stack(layers)


@pytest.fixture(scope="module")
def reference(tmp_path_factory, prompts, stimuli):
    """An undisturbed run, one prompt at a time."""
    folder = tmp_path_factory.mktemp("reference") / "tiny"
    return folder, run(folder, prompts, DatasetImages(*stimuli), batch=1)


def test_rows_are_the_models_own_hidden_states_at_the_last_piece_of_each_noun(reference, prompts, stimuli):
    vlm, row = tiny.llava(), 0
    for prompt in prompts[:6]:
        encoded = encode(vlm, [DatasetImages(*stimuli)(prompt.image)], [prompt.question])
        with torch.no_grad():
            states = vlm.model(**encoded.inputs, output_hidden_states=True).hidden_states
        for role in ("subject", "reference"):
            (place,) = positions(encoded, 0, role, vlm)
            start, end = prompt.question.spans[role]
            piece = vlm.tokenizer.decode(encoded.inputs["input_ids"][0, place]).strip()
            assert piece and prompt.question.text[start:end].endswith(piece)
            for layer in LAYERS[:-1]:
                assert_same_rows(reference[1][layer, row], states[layer][0, place])
            normed = vlm.decoder.norm(torch.from_numpy(reference[1][-1, row])).detach()
            assert_same_rows(normed, states[-1][0, place])
            row += 1


def test_rows_stand_in_the_order_of_the_questions(reference, stimuli):
    questions = pd.read_parquet(f"{stimuli[0]}/questions.parquet")
    with open_layer(reference[0] / "layer_1.h5") as reader:
        assert reader.index["item"].tolist() == [item for item in questions["item"] for _ in range(2)]
        assert reader.index["role"].tolist() == ["subject", "reference"] * len(questions)
    assert reference[1].std(axis=1).min() > 0, "items must differ"


@pytest.mark.parametrize(("batch", "workers"), [(3, 0), (16, 0), (100, 0), (5, 1)])
def test_residuals_depend_neither_on_batch_size_nor_on_workers(reference, prompts, stimuli, tmp_path, batch, workers):
    other = run(tmp_path / "tiny", prompts, DatasetImages(*stimuli), batch=batch, workers=workers)
    assert_same_rows(other, reference[1])


def test_one_forward_pass_per_image_and_none_for_rows_already_there(prompts, stimuli, tmp_path, monkeypatch):
    seen = []
    genuine = extraction.residuals

    def counted(vlm, asked, *rest):
        seen.append([prompt.item for prompt in asked])
        if len(seen) == 3:
            raise KeyboardInterrupt
        return genuine(vlm, asked, *rest)

    monkeypatch.setattr(extraction, "residuals", counted)
    assert fan_out_agrees(tiny.llava())  # looked at once, before passes are counted
    forwards = []
    hook = tiny.llava().model.base_model.register_forward_hook(lambda *_: forwards.append(1))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "tiny", prompts, DatasetImages(*stimuli), batch=4)
    run(tmp_path / "tiny", prompts, DatasetImages(*stimuli), batch=4)
    run(tmp_path / "tiny", prompts, DatasetImages(*stimuli), batch=4)
    hook.remove()
    assert [item for items in seen[:2] + seen[3:] for item in items] == [prompt.item for prompt in prompts]
    assert len(forwards) == len(seen) - 1 == len({prompt.image for prompt in prompts})


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_kill_9_at_random_moments_leaves_the_file_of_an_undisturbed_run(
    reference, prompts, stimuli, tmp_path, monkeypatch
):
    draw, log, work = random.Random(0), tmp_path / "log", tmp_path / ".tiny.chunks"
    images = DatasetImages(*stimuli)
    first_item = {prompt.item: n for n, prompt in enumerate(prompts)}
    genuine = extraction.residuals

    def slow(vlm, asked, *rest):
        with log.open("a") as stream:
            stream.write(f"{first_item[asked[0].item]} ")
        time.sleep(0.01)
        return genuine(vlm, asked, *rest)

    monkeypatch.setattr(extraction, "residuals", slow)
    kills, committed = 0, 0
    while killed(lambda: run(tmp_path / "tiny", prompts, images, batch=1), draw.uniform(0, 0.3 + 0.02 * kills)):
        started = [int(item) for item in log.read_text().split()] if log.exists() else []
        assert len(set(started)) == len(started) and min(started, default=committed) >= committed, "computed again"
        committed = max([committed, *(int(piece.name.split("_")[2]) // 2 for piece in work.glob("rows_*"))])
        log.unlink(missing_ok=True)
        kills += 1
    assert kills
    with open_layer(tmp_path / "tiny" / "layer_0.h5") as reader:
        pd.testing.assert_frame_equal(reader.index, index_of(prompts), check_dtype=False)
    np.testing.assert_array_equal(contents(tmp_path / "tiny"), reference[1])
    assert not work.exists()


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_worker_ends_when_its_parent_is_killed():
    alive, hold = os.pipe()

    def worker():
        end_with_parent()
        os.write(hold, b"ready")
        time.sleep(600)

    parent = os.fork()
    if parent == 0:
        multiprocessing.get_context("fork").Process(target=worker).start()
        time.sleep(600)
    os.close(hold)
    assert os.read(alive, 5) == b"ready"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert select.select([alive], [], [], 30)[0] and os.read(alive, 5) == b"", "the worker lives on"


def test_block_that_is_passed_over_leaves_the_residual_as_it_was(prompts, monkeypatch):
    vlm, blocks = tiny.llava(), list(tiny.llava().layers)
    genuine = torch.nn.ModuleList.__getitem__

    def without_second(self, n):
        return [blocks[0], *blocks[2:]] if self is vlm.layers and isinstance(n, slice) else genuine(self, n)

    monkeypatch.setattr(torch.nn.ModuleList, "__getitem__", without_second)
    with torch.inference_mode():
        blind = encode(vlm, [None] * 3, [prompt.question for prompt in prompts[:3]])
        rows = residuals(vlm, prompts[:3], blind, [1, 2, 3]).numpy()
    np.testing.assert_array_equal(rows[0], rows[1])
    assert np.abs(rows[2] - rows[1]).max() > 0.1


def test_selector_of_many_positions_is_refused(prompts):
    wrong = Prompt("item-x", prompts[0].question, {"subject": "text"})
    with pytest.raises(LinmechError, match="item-x: selector 'text' names .* positions"):
        residuals(tiny.llava(), [wrong], encode(tiny.llava(), [None], [wrong.question]), [0])


def test_item_without_a_word_to_read_is_refused_not_skipped(stimuli):
    with pytest.raises(LinmechError, match="image-0#left-right: none of the roles"):
        cache_activations.canonical(load_dataset(stimuli[0], {}).questions, ["third"])


def test_unreadable_image_stops_the_run_with_one_line(prompts, tmp_path):
    def broken(image):
        raise LinmechError(f"{image}: cannot be read")

    with pytest.raises(LinmechError, match="cannot be read$"):
        run(tmp_path / "tiny", prompts, broken)


def test_recipe_follows_files_and_dtype(stimuli, tmp_path):
    vlm, path = tiny.llava(), tmp_path / "sprites"
    path.write_text("a")
    first = recipe(vlm, path)
    assert recipe(vlm, path) == first
    path.write_text("b")
    assert recipe(vlm, path) != first


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
