"""A small data set, its prompts and the activations that an undisturbed run leaves."""

import numpy as np
import pytest

import tiny
from linmech.activations.extraction import extract
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.prompts import index_of, prompts_of
from linmech.activations.store import Store
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts.stimulus import Query
from stored import composed, pair

LAYERS = range(tiny.LAYERS + 1)
ROLES = ("subject", "reference")


@pytest.fixture(scope="session")
def stimuli(tmp_path_factory) -> Dataset:
    """11 images of two noisy squares, two questions about each."""
    root, draw = tmp_path_factory.mktemp("stimuli"), np.random.default_rng(0)
    sprites = {(noun, 0): draw.integers(0, 256, (12, 12, 4), dtype=np.uint8) for noun in tiny.NOUNS[:4]}
    asked = [Query("left-right", 0, 1, -1, "left", "right"), Query("above-below", 0, 1, -1, "below", "above")]
    made = []
    for n in range(11):
        nouns = tuple(tiny.NOUNS[(n + step) % 4] for step in (0, 1 + n // 4))
        made.append(pair(f"{n}", nouns, draw.uniform(8, 40, (2, 2)), *asked))
    return composed(root / "pairs", made, sprites, tiny.SIDE)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return tiny.llava_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def prompts(stimuli):
    return prompts_of(stimuli.items(), ROLES)


def run(folder, prompts, visuals, chunk=4, **options) -> np.ndarray:
    """Extract into `folder`; the residuals (layer row hidden)."""
    store = Store(folder, LAYERS, index_of(prompts), Origin("tiny", "f", "m", "s"), hidden=tiny.HIDDEN, chunk=chunk)
    extract(tiny.llava(), prompts, store, visuals, **options)
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
    return folder, run(folder, prompts, stimuli.visual, batch=1)
