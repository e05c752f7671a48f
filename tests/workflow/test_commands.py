"""Every command of Snakemake in the docs, really run: pytest -m commands tests/workflow.

Settings, models and trainings are small, and downloads are folders; the commands are those of the docs.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from documented import COMMANDS, ROOT
from linmech.organisms.builders import BUILDERS
from linmech.stimuli.coco import caption
from linmech.stimuli.composer import PALETTE
from linmech.stimuli.films.mvbench import VIDEOS
from movies import item, movie, mvbench
from shrunk import LAYERS, SIDE, save_model, shrink

NOUNS = ["apple", "banana", "bottle", "camera", "chair", "clock", "cup", "guitar", "hat", "robot", "rocket", "table"]
NEEDS = {  # what cannot be run here: it is written beside the command
    ("paper.yaml",): "none of them was run here: they need a GPU, and the network",
    ("paper.yaml", "paper-video.yaml"): "none of them was run here: they need a GPU, and the network",
}
TRAINED = ("zoo.yaml",), ("trajectory.yaml",), ("trajectory-1.yaml",)  # whose models are trained by the same run
KEPT = 2  # models of a zoo or of a trajectory
pytestmark = [pytest.mark.commands, pytest.mark.timeout(3600)]


def small_organism(stanza: dict) -> dict:
    """A stanza of a training of few steps."""
    few = {"encoder_steps": 4, "encoder_batch": 4, "binding_steps": 2, "decoder_steps": 6, "decoder_batch": 4}
    changed = {"images": 40, "test_images": 8, "recipe": stanza.get("recipe", {}) | few}
    return stanza | changed | ({"checkpoints": [0.7, 1]} if "checkpoints" in stanza else {})


def small_model(name: str, stanza: dict) -> dict:
    """A stanza whose model is a small untrained one, or is trained by the same run."""
    if stanza["source"].startswith("results/"):
        return stanza
    seen = "tiny-video" if "videos" in stanza.get("sees", ()) else "tiny"
    return stanza | {"source": f"resources/{seen}", "layers": LAYERS}


def overlay(file: str) -> dict:
    """A file of configuration, made small."""
    told = yaml.safe_load((ROOT / file).read_text())
    models = {name: stanza and small_model(name, stanza) for name, stanza in told.get("models", {}).items()}
    trained = [name for name, stanza in models.items() if stanza and stanza["source"].startswith("results/")]
    told["models"] = {name: stanza for name, stanza in models.items() if name not in trained[KEPT:]}
    told["organisms"] = {name: small_organism(stanza) for name, stanza in told.get("organisms", {}).items()}
    if "emergence" in told.get("figures", {}):
        told["figures"]["emergence"] = trained[:KEPT]
    if "comparing" in told:
        told["comparing"].update(items=40, min_mass=0.0001)
    for stanza in told.get("stimuli", {}).values():
        stanza["download"] = None
    return told


def photographs(folder: Path) -> None:
    """A folder in COCO-Spatial's layout: two things side by side."""
    draw, entries, annotations = np.random.default_rng(0), [], []
    for part in ("annotations", "val2017"):
        (folder / part).mkdir(parents=True)
    for number in range(1, 9):
        Image.fromarray(draw.integers(0, 255, (SIDE, SIDE, 3), np.uint8)).save(folder / f"val2017/{number:012d}.jpg")
        sides = ("left", "right") if number % 2 else ("right", "left")
        entries.append([number, *(caption("apple", side, "cup") for side in sides)])
        for category, left in ((1, 4 if number % 2 else 40), (2, 40 if number % 2 else 4)):
            box = {"bbox": [left, 20, 16, 16], "iscrowd": 0, "id": len(annotations)}
            annotations.append({"image_id": number, "category_id": category} | box)
    images = [{"id": number, "width": SIDE, "height": SIDE} for number in range(1, 9)]
    categories = [{"id": 1, "name": "apple"}, {"id": 2, "name": "cup"}]
    document = {"images": images, "categories": categories, "annotations": annotations}
    (folder / "annotations/instances_val2017.json").write_text(json.dumps(document))
    (folder / "coco_qa_two_obj.json").write_text(json.dumps(entries))


@pytest.fixture
def small(copy, tmp_path):
    """The project of small settings, with a model of images and one of videos, photographs and videos."""
    project = copy(tmp_path / "project")
    save_model(project.folder / "resources/tiny")
    model, processor = BUILDERS["onevision"](
        NOUNS, list(PALETTE), seed=0, side=SIDE, patch=16, hidden=32, decoder_layers=LAYERS, vision_layers=1
    )
    for part in (model, processor):
        part.save_pretrained(project.folder / "resources/tiny-video")

    def change(config: dict) -> None:
        shrink(config)
        config["objects"]["nouns"] = NOUNS
        config["stimuli"]["pairs"]["items"] = 40
        for name in ("frames", "space-time"):
            config["stimuli"][name]["pairs"] = 40
        config["models"]["tiny-video"] = {"source": "resources/tiny-video", "layers": LAYERS, "sees": ["videos"]}
        config["organisms"] = {name: small_organism(stanza) for name, stanza in config["organisms"].items()}

    project.config(change)
    photographs(project.folder / "resources/coco")
    films = [item(f"{letter}.mp4") for letter in "abcd"]
    for film in films:
        movie(mvbench(project.folder / "resources/mvbench", films) / VIDEOS / film["video"])
    for path in ROOT.glob("*.yaml"):
        if path.name != "config.yaml" and path.name not in sum(NEEDS, ()):
            (project.folder / path.name).write_text(yaml.safe_dump(overlay(path.name), sort_keys=False))
    return project


@pytest.mark.parametrize("files", sorted(COMMANDS), ids=" ".join)
def test_a_command_of_the_docs_makes_what_it_names_or_is_marked(files, small):
    if files in NEEDS:
        assert NEEDS[files] in " ".join((ROOT / "README.md").read_text().split())
        return
    overlaid = ["--configfile", *files] if files else []
    for forked in (False, True):  # a fork runs no model of the organisms' size
        targets = [target for target in sorted(COMMANDS[files]) if forked == small_enough(target, files)]
        done = targets and small.snakemake("--cores", "2", *targets, *overlaid, forked=forked)
        assert not done or done.returncode == 0, done.stdout[-6000:]
        assert all((small.folder / target).stat().st_size for target in targets)


def small_enough(target: str, files: tuple[str, ...]) -> bool:
    """Whether what a target needs holds no organism that is trained."""
    return files not in TRAINED and not target.startswith("results/organisms")
