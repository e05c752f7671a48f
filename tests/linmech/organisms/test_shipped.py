"""What is shipped is what its card says: small, safe to load, right on pairs it has never seen, and swept exactly."""

import json
from pathlib import Path

import pytest
import yaml

from linmech.engine.agreement import fan_out_agrees
from linmech.models.vlm import load_model

ROOT = Path(__file__).parents[3]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
STARTS = {ROOT / each["source"] for each in CONFIG["finetuning"]["experiments"].values()}  # of finetuning: half trained
SHIPPED = sorted({path.parent for path in ROOT.glob("resources/organisms/*/model.safetensors")} - STARTS)


def test_the_configurations_name_the_organisms_that_are_shipped():
    named = [yaml.safe_load((ROOT / name).read_text())["models"] for name in ("config.yaml", "organisms.yaml")]
    assert sorted(ROOT / stanza["source"] for models in named for stanza in models.values()) == SHIPPED
    assert all((start / "model.safetensors").is_file() and (start / "README.md").is_file() for start in STARTS)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_an_organism_is_small_and_its_card_says_its_numbers(folder):
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 12e6
    assert {file.suffix for file in folder.iterdir()} <= {".safetensors", ".json", ".jinja", ".md", ".csv"}
    card, accuracies = (folder / "README.md").read_text(), json.loads((folder / "accuracies.json").read_text())
    of_videos = "videos" in accuracies
    needed = {"videos", "moments"} if of_videos else {"composed", "scenes"}
    assert needed <= set(accuracies) <= needed | {"unplaced"}
    for table in accuracies.values():
        for kind, result in table.items():
            assert f"{100 * result['accuracy']:.1f} % of {result['questions']}" in card, kind
    if of_videos:
        right = accuracies["videos"]["before-after"]["accuracy"]
        assert right >= 0.95 if "shuffled" not in folder.name else 0.45 <= right <= 0.55, "nothing told it of time"
        return
    for kind in ("left-right", "above-below"):
        assert accuracies["composed"][kind]["accuracy"] >= 0.95 and accuracies["composed"][kind]["questions"] >= 400
    assert accuracies["scenes"]["left-right"]["accuracy"] >= 0.95


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_an_organism_loads_and_the_fan_out_holds_for_it(folder):
    vlm = load_model(folder)
    assert vlm.n_layers == 8 and fan_out_agrees(vlm)
