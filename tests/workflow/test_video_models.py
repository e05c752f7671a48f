"""Models of videos: what they run, and that models of images run none of it."""

import re
from dataclasses import replace

import pandas as pd
import pytest
import yaml

import families
from configured import ROOT
from expected import EXPLORER, FIGURES, cached, ids, of_model, stimuli, tables
from linmech.models.declared import Declared
from linmech.stimuli.films.mvbench import VIDEOS
from movies import item, movie, mvbench, sound

READINGS = ("frames", "space-time", "time-words", "seen-time-words")
DATASETS = ("frames", "space-time", "clips", "cuts", "time-words")
EXPERIMENTS = {
    "swapping": {"reverse-frames", "mirror-frames", "recolour-frames", "reverse-cuts"},
    "displacing": {"time-depths", "before-after", "before-after-reference", "before-after-both"},
    "steering": {"before-after"},
}
SHOWN = ("frames", "space-time", "clips", "cuts")
SHEETS = {file for name in SHOWN for file in (f"results/figures/sheet_{name}.png", f"results/films/{name}")}
DRAWN = {f"results/figures/{name}.{end}" for name in ("fig10", "figa13", "figa17") for end in ("pdf", "png", "csv")}


def of_videos(*models: str) -> set[str]:
    """What models of videos leave."""
    made = {f"results/models/{model}.json" for model in models}
    made |= cached(models, READINGS) | ids(models, ("temporal", "space-time"))
    return made.union(*(tables(stage, models, names) for stage, names in EXPERIMENTS.items()))


def added(project, sees: list[str], name: str = "v"):
    stanza = project.add_model(name) | {"sees": sees}
    project.config(lambda config: config["models"].update({name: stanza}))
    return project


def test_models_of_images_ask_for_no_video(finished):
    made = {str(path.relative_to(finished.folder)) for path in finished.folder.rglob("results/**/*") if path.is_file()}
    assert of_model("ab") <= made and not made & (of_videos(*"ab") - of_model("ab"))
    assert not made & (stimuli(*DATASETS) | SHEETS | DRAWN)


def test_a_model_of_videos_runs_what_is_asked_of_videos_and_no_figure_of_images(project):
    plan = added(project, ["videos"]).plan()
    assert plan == of_videos("v") | stimuli(*DATASETS) | SHEETS | DRAWN | EXPLORER, "which shows both kinds"


def test_a_model_of_both_runs_both(project):
    plan = added(project, ["images", "videos"]).plan()
    assert plan == of_videos("v") | of_model("v") | FIGURES | stimuli(*DATASETS) | SHEETS | DRAWN


def test_figure_10_asks_only_for_what_it_shows(project):
    plan = added(project, ["videos"]).plan("results/figures/fig10.pdf")
    assert not any("space-time" in file for file in plan) and not SHEETS & plan
    assert {file for file in plan if "figures" in file} == {
        f"results/figures/fig10.{end}" for end in ("pdf", "png", "csv")
    }
    others = {"results/swapping/reverse-cuts/v.parquet"}
    assert of_videos("v") - plan == cached("v", ("space-time",)) | ids("v", ("space-time",)) | others


@pytest.mark.parametrize(
    "asked", ["activations/frames/a/layer_0.h5", "ids/temporal/a.h5", "displacing/before-after/a.parquet"]
)
def test_a_model_of_images_cannot_be_asked_about_a_video(project, asked):
    ran = project.snakemake("--dry-run", f"results/{asked}")
    assert ran.returncode != 0 and ("Missing" in ran.stdout or "No rule" in ran.stdout), ran.stdout


def overlay(path, change) -> tuple[str, str]:
    """videos.yaml, changed: the arguments that put it on top."""
    own = yaml.safe_load((ROOT / "videos.yaml").read_text())
    change(own)
    path.write_text(yaml.safe_dump(own))
    return "--configfile", str(path)


def test_real_videos_are_downloaded_and_asked_about_in_the_place_of_composed_ones(project):
    figures = [f"results/figures/{name}" for name in ("fig10.pdf", "sheet_mvbench.png")]
    ran = added(project, ["videos"]).snakemake("--dry-run", *figures, "--configfile", str(ROOT / "videos.yaml"))
    assert ran.returncode == 0 and "rule download_videos" in ran.stdout and "rule read_videos" in ran.stdout, ran.stdout
    asking = re.findall(r"rule (\w+):\n    input: [^\n]*results/stimuli/mvbench/questions.parquet", ran.stdout)
    assert set(asking) == {"swap_model", "steer_model", "export_films"}


def test_a_folder_of_videos_is_read_asked_about_and_reversed_by_the_workflow_itself(project, tmp_path):
    items = [item("a.mp4"), item("a.mp4", "hall", "lift"), item("b.mp4")]
    videos = mvbench(project.folder / "resources/mvbench", items) / VIDEOS
    movie(videos / "a.mp4")
    sound(videos / "b.mp4")
    own = families.OPTIONS["llava_video"]
    stanza = {"source": "resources/llava_video", "layers": families.LAYERS, "sees": ["videos"]} | own
    saved = families.save("llava_video", project.folder / "resources")
    project.config(lambda config: config["models"].update(film=stanza))
    known = Declared("film", str(saved), families.LAYERS, **own).identified()  # by `identify_model`, in a second
    replace(known, source=stanza["source"]).write(project.folder / "results/models/film.json")

    def small(config: dict) -> None:
        del config["stimuli"]["mvbench"]["download"]
        config["swapping"]["experiments"]["reverse-frames"].update(items=2, selectors=["image"], layers=[0])

    table = "results/swapping/reverse-frames/film.parquet"
    ran = project.snakemake("--cores", "1", table, *overlay(tmp_path / "own.yaml", small))
    assert ran.returncode == 0 and "rule read_videos" in ran.stdout and "download_videos" not in ran.stdout, ran.stdout
    assert "resources/mvbench/video/scene_qa/video/a.mp4" in ran.stdout, "a video that changes is seen"
    found = pd.read_parquet(project.folder / table)
    assert set(found["item"]) == {"a.mp4#0", "a.mp4#1"} and set(found["answer"]) == {"before", "after"}
    assert set(found["run"]) == {"donor", "swapped"} and {"d_before", "undecided"} <= set(found)
    refused = pd.read_csv(project.folder / "results/stimuli/mvbench/refused.tsv", sep="\t")
    assert refused["item"].tolist() == [2] and "has no video stream" in refused["reason"][0]
    log = (project.folder / "logs/swap_model/reverse-frames/film.log").read_text()
    assert "scene-order of mvbench" in log and "of 2 clean answers are right" in log
