"""A grid with each pair in all cells, pictures to be asked about, a tiny model, and IDs drawn at random."""

from pathlib import Path

import numpy as np
import pytest

import tiny
from discs import laid_out
from linmech.finetuning.training import Settings
from linmech.ids.files import Ids
from linmech.models.vlm import VLM, load_model
from linmech.stimuli.datasets import Dataset
from stored import composed

ASKS = ["left-right", "above-below"]
SMALL = {"steps": 4, "every": 2, "warmup": 2, "items": 6, "layer": 2, "trains": "vision-mlps(1)", "rate": 0.01}


@pytest.fixture
def vlm(tmp_path) -> VLM:
    """A tiny LLaVA of one's own, to be trained."""
    return load_model(tiny.llava_folder(tmp_path / "model"))


@pytest.fixture(scope="session")
def grid(tmp_path_factory, sprites) -> Dataset:
    stimuli = laid_out("grid", name="lessons", pairs=2, placements=240, sizes=[10], asks=ASKS, side=tiny.SIDE)
    return composed(tmp_path_factory.mktemp("grid") / "lessons", stimuli, sprites, tiny.SIDE)


@pytest.fixture(scope="session")
def pairs(tmp_path_factory, sprites) -> Dataset:
    stimuli = laid_out("pairs", items=12, asks=ASKS, side=tiny.SIDE)
    return composed(tmp_path_factory.mktemp("pairs") / "pairs", stimuli, sprites, tiny.SIDE)


def random_ids(hidden: int = tiny.HIDDEN, layer: int = 2, **named) -> Ids:
    cells = np.random.default_rng(0).standard_normal((4, 4, hidden))
    cells -= cells.mean(axis=(0, 1))
    return Ids(cells, cells, cells, cells[:2, 0], layer, "tiny", **named)


def settings(**changes: object) -> Settings:
    return Settings("spatial-ids", **SMALL | changes)


def folder_of(path: Path) -> Path:
    return path / ".0.training"
