"""Models of videos: what they run, and that models of images run none of it."""

import pytest

from expected import FIGURES, cached, ids, of_model, stimuli, tables

READINGS = ("frames", "space-time", "time-words", "seen-time-words")
DATASETS = ("frames", "space-time", "clips", "time-words")
EXPERIMENTS = {
    "swapping": {"reverse-frames", "mirror-frames", "recolour-frames"},
    "displacing": {"time-depths", "before-after", "before-after-reference", "before-after-both"},
    "steering": {"before-after"},
}
SHEETS = {f"results/figures/sheet_{name}.png" for name in ("frames", "space-time", "clips")}
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
    assert plan == of_videos("v") | stimuli(*DATASETS) | SHEETS | DRAWN


def test_a_model_of_both_runs_both(project):
    plan = added(project, ["images", "videos"]).plan()
    assert plan == of_videos("v") | of_model("v") | FIGURES | stimuli(*DATASETS) | SHEETS | DRAWN


def test_figure_10_asks_only_for_what_it_shows(project):
    plan = added(project, ["videos"]).plan("results/figures/fig10.pdf")
    assert not any("space-time" in file for file in plan) and not SHEETS & plan
    assert {file for file in plan if "figures" in file} == {
        f"results/figures/fig10.{end}" for end in ("pdf", "png", "csv")
    }
    assert of_videos("v") - plan == cached("v", ("space-time",)) | ids("v", ("space-time",))


@pytest.mark.parametrize(
    "asked", ["activations/frames/a/layer_0.h5", "ids/temporal/a.h5", "displacing/before-after/a.parquet"]
)
def test_a_model_of_images_cannot_be_asked_about_a_video(project, asked):
    ran = project.snakemake("--dry-run", f"results/{asked}")
    assert ran.returncode != 0 and ("Missing" in ran.stdout or "No rule" in ran.stdout), ran.stdout
