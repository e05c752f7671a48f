"""A small data set, its prompts and the activations that an undisturbed run leaves."""

import json

import numpy as np
import pandas as pd
import pytest

import cache_activations
import tiny
from linmech.activations.extraction import extract, index_of
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.preparation import DatasetImages
from linmech.activations.store import Store
from linmech.stimuli.datasets import load_dataset, save_dataset

LAYERS = range(tiny.LAYERS + 1)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return tiny.llava_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def reference(tmp_path_factory, prompts, stimuli):
    """An undisturbed run, one prompt at a time."""
    folder = tmp_path_factory.mktemp("reference") / "tiny"
    return folder, run(folder, prompts, DatasetImages(*stimuli), batch=1)
