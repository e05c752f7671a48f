"""The models of paper.yaml: each stanza is valid, and a tiny model of its class goes through the whole chain.

Prompt through the chat template, positions, answers, activation cache, IDs, steering, swapping. No real checkpoint is
loaded here; the classes, the folder layouts and the code are the real ones.
"""

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

import families
from linmech.activations.extraction import Prompt, extract, index_of
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.store import Store
from linmech.config import reading as settings
from linmech.engine.beliefs import beliefs
from linmech.engine.swaps import swap
from linmech.errors import LinmechError
from linmech.experiments.steering import Settings, steer_item
from linmech.models.encoding import encode
from linmech.questions.asking import ask
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.visuals import Video

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
    assert set(PAPER["models"]) == set(FAMILY) and set(VIDEO) == {"models"}
    assert set(VIDEO["models"]) == set(VIDEO_FAMILY)
    assert VIDEO["models"]["llava-video-7b"]["frame_newlines"] == families.OPTIONS["llava_video"]["frame_newlines"]


def test_the_run_of_the_paper_is_a_valid_configuration(monkeypatch):
    monkeypatch.chdir(ROOT)
    merged = settings.read("config.yaml")
    for key, value in PAPER.items():
        merged[key] |= value
    settings.validate(merged, ROOT / "workflow/schemas/config.schema.yaml")


def test_models_that_were_not_converted_yet_are_an_error_that_names_the_folder(monkeypatch):
    monkeypatch.chdir(ROOT)
    merged = settings.read("config.yaml")
    merged["models"] |= VIDEO["models"]
    with pytest.raises(LinmechError, match="resources/models/llava-video-7b"):
        settings.validate(merged, ROOT / "workflow/schemas/config.schema.yaml")


def image(name: str) -> Image.Image:
    seed = int(name)
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (112, 112, 3), dtype=np.uint8))


class Noise(Dataset):
    """Random images under the name of a data set."""

    folder = Path("pairs")

    def __init__(self):
        pass

    def image(self, name: str) -> Image.Image:
        return image(name)


class Item:
    """A row of the table of questions."""

    item, image, kind, subject, reference, third = "0#0", "0", "left-right", "teddy bear", "car", ""
    answer, subject_x, reference_x, subject_y, reference_y = "left", 10.0, 90.0, 50.0, 50.0
    third_x = third_y = float("nan")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_of_every_class_is_cached_steered_and_swapped(family, tmp_path):
    vlm = families.load(family)
    questions = [ask("left-right", "teddy bear", "car"), ask("above-below", "dog", "umbrella")]
    prompts = [
        Prompt(f"{n}#0", question, {"subject": "subject", "reference": "reference"}, str(n))
        for n, question in enumerate(questions)
    ]
    origin = Origin(family, "f" * 64, "m" * 64, "subject,reference")
    layers = range(vlm.n_layers + 1)
    extract(vlm, prompts, Store(tmp_path, layers, index_of(prompts), origin, hidden=vlm.hidden), image, batch=2)
    for layer in layers:
        with open_layer(tmp_path / f"layer_{layer}.h5") as file:
            states = file.read()
            assert states.shape == (4, vlm.hidden) and np.isfinite(states).all() and states.std() > 0
    grid = np.random.default_rng(0).normal(size=(4, 4, vlm.hidden)).astype(np.float32)
    rows = steer_item(vlm, Noise(), Item(), {2: grid}, Settings("left-right", (1.0,), draws=2, few=1))
    change = {row["arm"]: row["delta_abs"] for row in rows if row["target"] == 3}
    assert set(change) == {"ids", "noise", "span", "shuffled", "orthogonal"} and change["ids"] > 1e-3
    control, donor = (encode(vlm, [image(str(n))], questions[:1]) for n in (0, 1))
    swapped = swap(vlm, control, donor, [(2, "image"), (2, "nouns"), (vlm.n_layers, "text")])
    assert swapped.donor.d == pytest.approx(swapped.sites[-1].d, abs=1e-4) != pytest.approx(swapped.control.d, abs=1e-3)


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
