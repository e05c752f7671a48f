"""What README and the page of the library show runs as it stands, and what they list is there."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import docutils.core
import pandas as pd
import pytest
import torch
import yaml
from snakemake.utils import update_config

import tiny
from discs import SIDE, laid_out
from linmech.config import reading as settings
from linmech.stimuli.films.mvbench import VIDEOS
from movies import HIGH, WIDE, movie, mvbench
from stored import composed

ROOT = Path(__file__).parents[2]


def code_of(page: str, language: str = "python") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)


def test_the_code_of_the_readme_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = code_of("README.md")
    names = {"image": tiny.image().resize((128, 128)), "vector": torch.ones(128) / 128**0.5}
    exec(code, names)
    assert len(names["beliefs"]) == 10 and len(set(names["beliefs"])) == 10


def test_the_stanzas_of_the_docs_are_valid_on_top_of_the_default_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    blocks = [block for page in ("README.md", "docs/adding.md") for block in code_of(page, "yaml")]
    config = settings.read("config.yaml")
    for block in blocks:
        block = block.replace("path/to/folder", "resources/organisms/llava").replace(" photo.jpg", " docs/fig5.png")
        update_config(config, yaml.safe_load(block))
    config["models"]["my-model"]["layers"] = config["models"]["organism-llava"]["layers"]  # whose folder it has now
    settings.validate(config, ROOT / "workflow/schemas/config.schema.yaml")
    assert len(blocks) == 4 and {"rooms", "words"} < set(config["stimuli"]) and "my-model" in config["models"]


def test_the_examples_of_the_library_run_one_after_the_other(monkeypatch, tmp_path, sprites, capsys):
    monkeypatch.chdir(ROOT)
    composed(tmp_path / "pairs", laid_out("pairs", items=4), sprites, SIDE)
    names = {"folder": tmp_path}
    ((entry,),) = map(json.loads, code_of("docs/library.md", "json"))
    movie(mvbench(tmp_path / "my-videos", [entry]) / VIDEOS / entry["video"])
    for code in code_of("docs/library.md"):
        exec(code, names)
    assert len(names["change"]) == 9 * 3 and max(map(abs, names["change"])) > 0.1
    assert len(names["swapped"].sites) == 9 and names["patched"].d == pytest.approx(
        names["swapped"].sites[4].d, abs=1e-4
    )
    assert names["residuals"].shape == (2 * 2 * 4, 128) == (len(names["index"]), names["vlm"].hidden)
    assert names["video"].frames.shape == (8, HIGH, WIDE, 3) and names["found"].refused.empty
    assert "Is the apple to the left or right of the cup?" in capsys.readouterr().out


def test_the_notebook_runs_from_its_first_cell_to_its_last(monkeypatch):
    monkeypatch.chdir(ROOT)
    cells, names = json.loads((ROOT / "docs/counterfactual.ipynb").read_text())["cells"], {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    change, by_noise = (each[:, -1] - each[:, 0] for each in (names["moved"], names["control"]))
    assert change.mean() < -3 and abs(by_noise.mean()) < 1


def test_every_name_that_is_listed_for_users_is_there_and_every_name_that_is_shown_is_listed():
    page = (ROOT / "docs/library.md").read_text()
    listed = {
        (module, name)
        for module, names in re.findall(r"^\| `(linmech[.\w]+)` \| (.*) \|$", page, re.M)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert len(listed) > 15
    for module, name in listed:
        assert getattr(importlib.import_module(module), name).__doc__
    for module, names in re.findall(r"^from (linmech[.\w]+) import (.*)$", "".join(code_of("docs/library.md")), re.M):
        assert {(module, name) for name in names.split(", ")} <= listed


@pytest.mark.parametrize("page", ["README.md", "docs/figures.md"])
def test_the_minutes_of_the_figures_are_those_of_their_table(page):
    known = pd.read_csv(ROOT / "docs/results/minutes.csv").set_index("figure")["minutes"]
    told = re.findall(
        r"^\| `(?:[^`]*figures/)?([a-z0-9-]+)(?:\.pdf)?` \|.* \| ([\d.]+) \|$", (ROOT / page).read_text(), re.M
    )
    assert len(told) > 10 and dict(told) == {figure: f"{known[figure]:.0f}" for figure, _ in told}


def test_the_picture_of_the_storeys_is_that_of_the_contracts():
    drawn = subprocess.run([sys.executable, ROOT / "docs/storeys.py"], capture_output=True, text=True, check=True)
    assert drawn.stdout == (ROOT / "docs/storeys.svg").read_text(), "run: python docs/storeys.py > docs/storeys.svg"


def test_the_list_of_assumptions_is_that_of_the_comments():
    told = subprocess.run([sys.executable, ROOT / "docs/assumptions.py"], capture_output=True, text=True, check=True)
    assert told.stdout == (ROOT / "docs/assumptions.md").read_text(), (
        "run: python docs/assumptions.py > docs/assumptions.md"
    )
    comments = [path.read_text().count("# ASSUME: ") for path in (ROOT / "scripts").rglob("*.py")]
    assert told.stdout.count("\n| ") - 1 == sum(comments) > 5


def test_the_costs_of_the_papers_run_are_those_of_its_configuration():
    told = subprocess.run([sys.executable, ROOT / "docs/costs.py"], capture_output=True, text=True, check=True)
    assert told.stdout in (ROOT / "docs/scale.md").read_text(), "put in docs/scale.md: python docs/costs.py"


def test_the_page_of_the_architecture_names_files_that_are_there():
    page = (ROOT / "docs/architecture.md").read_text()
    for file in re.findall(r"`([a-z_/0-9]+\.py)`", page):
        assert (ROOT / "scripts/linmech" / file).is_file(), file


def test_no_folder_of_modules_is_crowded_and_no_file_is_long():
    for folder in (path for path in (ROOT / "scripts").rglob("*") if path.is_dir()):
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= 16, folder
        assert all(len(path.read_text().splitlines()) <= 250 for path in modules), folder


@pytest.mark.parametrize("caption", sorted((ROOT / "workflow/report").glob("*.rst")), ids=lambda path: path.stem)
def test_a_caption_is_text_that_the_report_understands_whole(caption):
    text = re.sub(r"{{.*?}}|{%.*?%}", "x", caption.read_text())
    strict = {"report_level": 1, "halt_level": 1, "warning_stream": False}
    assert docutils.core.publish_doctree(text, settings_overrides=strict).astext()
