"""The whole workflow, really run: built-in objects, a tiny untrained model, every kind of figure."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linmech.activations.sum_files import holds_sums
from linmech.ids.files import load_ids
from shrunk import LAYERS, save_model, shrink

FIGURES = """
    fig2 fig4 fig5 fig5-layers codes fig6 fig6-paper fig7 fig7-axes fig8 fig9 figa6-a7 figa8 figa10 figa14-a15 figa16
    figa18 figa19 figa20 figa21 images-needed table43 tablec1 verdict
""".split()
OTHERS = "sheet_scenes.png", "paper_vs_ours.html"
TARGETS = [f"results/figures/{name}" for name in (*(f"{figure}.pdf" for figure in FIGURES), *OTHERS)]
TARGETS += ["results/explorer.html", "results/run.html"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, copy):
    """The small project after `snakemake --cores 2`, and of a model that keeps sums the IDs and one experiment."""
    project = copy(tmp_path_factory.mktemp("pipeline") / "project")
    save_model(project.folder / "resources/tiny")
    project.config(shrink)
    done = project.snakemake("--cores", "2", *TARGETS, forked=True)
    assert done.returncode == 0, done.stdout
    project.config(lambda config: config["models"].update(summed=config["models"]["tiny"] | {"keep": "sums"}))
    done = project.snakemake("--cores", "2", "results/steering/left-right/summed.parquet", forked=True)
    assert done.returncode == 0, done.stdout
    project.config(lambda config: config["models"].pop("summed"))
    return project


def test_every_figure_and_table_is_made(ran):
    results = ran.folder / "results"
    for figure in FIGURES:
        for end, head in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
            assert (results / f"figures/{figure}.{end}").read_bytes().startswith(head)
        assert len(pd.read_csv(results / f"figures/{figure}.csv"))
    assert (results / "explorer.html").read_text().startswith("<!doctype html>")
    told = (results / "run.html").read_text()
    assert "cache_activations" in told and "&quot;tiny&quot;" in told, "what its jobs took, and its configuration"
    steered = pd.read_parquet(results / "steering/left-right/tiny.parquet")
    assert set(steered["dataset"]) == {"pairs", "scenes"} and set(steered["target"]) == {0, 1, 2, 3}
    every = pd.read_parquet(results / "steering/layers/tiny.parquet")
    assert set(every["layer"]) == set(range(LAYERS + 1))
    swapped = pd.read_parquet(results / "swapping/mirror/tiny.parquet")
    assert set(swapped["selector"]) >= {"", "image", "text", "nouns"} and swapped["item"].nunique() == 2


def test_a_model_that_keeps_sums_has_the_same_ids_and_the_same_effects(ran):
    results = ran.folder / "results"
    assert holds_sums(results / "activations/grid/summed/layer_1.h5")
    assert not holds_sums(results / "activations/grid/tiny/layer_1.h5")
    one, other = (load_ids(results / f"ids/spatial/{model}.h5") for model in ("tiny", "summed"))
    for layer in one:
        np.testing.assert_allclose(other[layer].ids, one[layer].ids, atol=1e-6 * np.abs(one[layer].ids).max(initial=1))
    steered = [pd.read_parquet(results / f"steering/left-right/{model}.parquet") for model in ("tiny", "summed")]
    np.testing.assert_allclose(steered[0]["d_after"], steered[1]["d_after"], atol=1e-4)


def test_a_second_run_has_nothing_to_do(ran):
    assert ran.plan(*TARGETS) == set()


def test_every_job_leaves_its_log_and_its_cost(ran):
    logs = {path.relative_to(ran.folder / "logs").with_suffix("") for path in (ran.folder / "logs").rglob("*.log")}
    costs = {path.relative_to(ran.folder / "logs").with_suffix("") for path in (ran.folder / "logs").rglob("*.tsv")}
    assert logs - {Path("describe_run")} == costs, "the page about what jobs took is of the others"
    assert Path("steer_model/left-right/tiny") in logs


def test_an_error_in_a_job_is_one_line_with_its_cure(ran, tmp_path):
    project = type(ran)(Path(shutil.copytree(ran.folder, tmp_path / "project")))
    (project.folder / "resources/tiny/tokenizer.json").unlink()
    words = f"results/activations/words/tiny/layer_{LAYERS}.h5"
    done = project.snakemake("--cores", "1", words)
    assert done.returncode != 0
    line = "error: resources/tiny/tokenizer.json is missing; save the tokenizer with save_pretrained into this folder"
    assert any(said == line for said in done.stdout.splitlines()) and "Traceback" not in done.stdout
    project.config(lambda config: config["models"]["tiny"].update(layers=LAYERS + 1))
    planned = project.snakemake("-n", words)
    line = f"error: config key models.tiny.layers is {LAYERS + 1}, and resources/tiny/config.json has {LAYERS}; correct"
    assert planned.returncode != 0 and line in planned.stdout, "seen by its files before any job"
