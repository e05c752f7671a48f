"""The models of paper.yaml: each stanza is valid, and a tiny model of its class goes through the whole chain.

Prompt through the chat template, positions, answers, activation cache, IDs, steering, swapping. No real checkpoint is
loaded here; the classes, the folder layouts and the code are the real ones.
"""

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from snakemake.utils import update_config

import families
from linmech.activations.extraction import extract
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.prompts import index_of, prompts_of
from linmech.activations.store import Store
from linmech.config import reading as settings
from linmech.config.derived import without_null
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.experiments import steering, swapping
from linmech.experiments.progress import Progress
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.models.encoding import encode
from linmech.questions.asking import ask
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts.stimulus import Query
from linmech.stimuli.visuals import Video
from stored import pair, photographed

ROOT = Path(__file__).parents[3]
PAPER, VIDEO = (yaml.safe_load((ROOT / name).read_text()) for name in ("paper.yaml", "paper-video.yaml"))
FAMILY = {
    "llava-7b": "llava", "llava-13b": "llava", "llama-11b": "mllama", "qwen2-2b": "qwen2_vl", "qwen-3b": "qwen2_5_vl",
    "qwen-7b": "qwen2_5_vl", "internvl-1b": "internvl", "internvl-2b": "internvl", "internvl-8b": "internvl",
    "internvl-14b": "internvl", "gemma-4b": "gemma3", "gemma-12b": "gemma3",
}  # fmt: skip
VIDEO_FAMILY = {"llava-video-7b": "llava_video", "videollama3-7b": "video_llama_3"}
FAMILIES = sorted({*FAMILY.values(), *VIDEO_FAMILY.values()})


def test_paper_yaml_names_the_twelve_and_paper_video_yaml_those_that_must_be_converted_first():
    assert {name for name, stanza in PAPER["models"].items() if stanza} == set(FAMILY) and set(VIDEO) == {"models"}
    assert set(VIDEO["models"]) == set(VIDEO_FAMILY)
    assert VIDEO["models"]["llava-video-7b"]["frame_newlines"] == families.OPTIONS["llava_video"]["frame_newlines"]


def merged(*overlays: dict) -> dict:
    """config.yaml with overlays on top, as Snakemake merges them."""
    config = settings.read("config.yaml")
    for overlay in overlays:
        update_config(config, overlay)
    return without_null(config)


def test_the_run_of_the_paper_is_a_valid_configuration_of_its_models_only(monkeypatch):
    monkeypatch.chdir(ROOT)
    config = merged(PAPER)
    settings.validate(config, ROOT / "workflow/schemas/config.schema.yaml")
    assert set(config["models"]) == set(FAMILY), "the small built-in model knows none of these nouns"


def test_the_run_of_the_paper_says_itself_what_its_checkpoints_leave_open():
    limits = {"qwen2_vl": "pixels", "qwen2_5_vl": "pixels", "internvl": "tiles", "mllama": "tiles", "gemma3": "tiles"}
    for name, family in FAMILY.items():
        stanza = PAPER["models"][name]
        assert (limits.get(family) in stanza) == (family != "llava") and ("date" in stanza) == (family == "mllama")


def test_models_that_were_not_converted_yet_are_an_error_that_names_the_folder(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(LinmechError, match="resources/models/llava-video-7b"):
        settings.validate(merged(VIDEO), ROOT / "workflow/schemas/config.schema.yaml")


def image(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (112, 112, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    """Two random images, one question about each."""
    sides, heights = Query("left-right", 0, 1, -1, "left", "right"), Query("above-below", 0, 1, -1, "above", "below")
    made = [
        pair("0", ("teddy bear", "car"), [(10, 50), (90, 50)], sides),
        pair("1", ("dog", "umbrella"), [(10, 50), (90, 60)], heights),
    ]
    return photographed(tmp_path_factory.mktemp("pairs") / "pairs", [(s, image(n)) for n, s in enumerate(made)])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_of_every_class_is_cached_steered_and_swapped(family, tmp_path, dataset):
    vlm = families.load(family)
    prompts = prompts_of(dataset.items(), ["subject", "reference"])
    origin = Origin(family, "f" * 64, "m" * 64, "subject,reference")
    layers = range(vlm.n_layers + 1)
    store = Store(tmp_path / family, layers, index_of(prompts), origin, hidden=vlm.hidden)
    extract(vlm, prompts, store, dataset.visual, batch=2)
    for layer in layers:
        with open_layer(tmp_path / family / f"layer_{layer}.h5") as file:
            states = file.read()
            assert states.shape == (4, vlm.hidden) and np.isfinite(states).all() and states.std() > 0
    grid = np.random.default_rng(0).normal(size=(4, 4, vlm.hidden)).astype(np.float32)
    ids, settings = {2: Ids(grid, grid, grid, axes_of(grid), 2, family)}, steering.Settings("e", draws=2, few=1)
    table = steering.steer(vlm, dataset, ids, settings, Progress(tmp_path / "steering", "k"))
    change = table[table["target"] == 3].set_index("arm")["delta_abs"]
    assert set(change.index) == {"ids", "noise", "span", "shuffled", "orthogonal"} and change["ids"] > 1e-3
    settings = swapping.Settings("e", layers=(2, vlm.n_layers))
    table = swapping.swap_all(vlm, dataset, settings, Progress(tmp_path / "swapping", "k"))
    moved = table.set_index(["run", "layer", "selector"])["delta"]
    whole = moved["donor", -1, ""]
    assert moved["swapped", vlm.n_layers, "text"] == pytest.approx(whole, abs=1e-4) and abs(whole) > 1e-3


@pytest.mark.parametrize("family", families.VIDEO)
def test_a_video_is_asked_about_and_its_order_matters(family):
    vlm = families.load(family)
    frames = np.random.default_rng(0).integers(0, 256, (8, 56, 56, 3), dtype=np.uint8)
    question = ask("left-right", "teddy bear", "car")
    forward, backward = (beliefs(vlm, encode(vlm, [Video(shown)], [question]))[0] for shown in (frames, frames[::-1]))
    assert abs(forward.d - backward.d) > 1e-3 and 0 < forward.mass < 1


def test_the_rate_of_a_video_reaches_the_model():
    vlm = families.load("qwen2_5_vl")
    frames = np.random.default_rng(0).integers(0, 256, (8, 56, 56, 3), dtype=np.uint8)
    question = ask("left-right", "teddy bear", "car")
    slow, fast = (beliefs(vlm, encode(vlm, [Video(frames, rate)], [question]))[0].d for rate in (1.0, 4.0))
    assert abs(slow - fast) > 1e-4
