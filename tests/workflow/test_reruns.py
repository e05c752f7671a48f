"""What a change makes Snakemake run again, and what it leaves alone."""

import os
import shutil
from collections.abc import Iterable

import pytest

FIG5 = {f"results/figures/{name}.{end}" for name in ("fig5", "fig5-layers", "codes") for end in ("pdf", "png", "csv")}
FIG6 = {f"results/figures/fig6.{end}" for end in ("pdf", "png", "csv")}
FIG6_PAPER = {f"results/figures/fig6-paper.{end}" for end in ("pdf", "png", "csv")}
FIG2 = {f"results/figures/fig2.{end}" for end in ("pdf", "png", "csv")}
FIG9 = {f"results/figures/fig9.{end}" for end in ("pdf", "png", "csv")}
EXCHANGED = FIG2 | FIG9
FIGURES = EXCHANGED | FIG5 | FIG6 | FIG6_PAPER
EXPERIMENTS = {"layers", "left-right", "near-far", "in-between", "strengths"}
FIG6_DISPLACED = {"depths", "left-right", "reference", "both", "near-far", "in-between"}
DISPLACED = FIG6_DISPLACED | {"adversarial"}
SPRITES = "results/sprites/sprites.npz"


def steered(models: str, experiments: set[str] = EXPERIMENTS) -> set[str]:
    return {f"results/steering/{experiment}/{model}.parquet" for experiment in experiments for model in models}


def displaced(models: str, experiments: set[str] = DISPLACED) -> set[str]:
    return {f"results/displacing/{experiment}/{model}.parquet" for experiment in experiments for model in models}


def swapped(models: str) -> set[str]:
    return {f"results/swapping/mirror/{model}.parquet" for model in models}


def cached(models: str, readings: tuple[str, ...] = ("grid", "words", "seen-words"), count: int = 4) -> set[str]:
    layers = [(reading, model, layer) for reading in readings for model in models for layer in range(count + 1)]
    return {f"results/activations/{reading}/{model}/layer_{layer}.h5" for reading, model, layer in layers}


def ids(models: str, kind: str = "spatial") -> set[str]:
    return {f"results/ids/{kind}/{model}.h5" for model in models}


def of_model(models: Iterable[str]) -> set[str]:
    own = {f"results/models/{model}.json" for model in models}
    return own | cached(models) | ids(models) | steered(models) | displaced(models) | swapped(models)


def stimuli(*datasets: str) -> set[str]:
    return {f"results/stimuli/{name}/{table}.parquet" for name in datasets for table in ("manifest", "questions")}


def test_the_seed_decides_which_meshes_are_downloaded_and_no_builtin_one(project):
    index = "results/objects/index.tsv"
    project.config(lambda config: config.update(seed=1))
    assert index not in project.plan(index)
    project.config(lambda config: config["objects"].update(source="objaverse", nouns=list("abcdefgh")))
    assert project.snakemake("--touch", "--force", "--cores", "1", index).returncode == 0
    assert index not in project.plan(index)
    project.config(lambda config: config.update(seed=2))
    assert index in project.plan(index)


def test_an_organism_has_a_seed_of_its_own_or_else_the_configs(project):
    files = {name: f"results/organisms/{name}/curve.csv" for name in ("llava", "mllama")}
    project.config(lambda config: config["organisms"]["llava"].update(seed=5, checkpoints=12))
    for file in project.plan(*files.values()):
        path = project.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if path.name == "checkpoints" else path.touch()
    touched = project.snakemake("--touch", "--force", "--cores", "1", *files.values())
    assert touched.returncode == 0 and project.plan(*files.values()) == set()
    project.config(lambda config: config.update(seed=1))
    plan = project.plan(*files.values())
    assert files["mllama"] in plan and "results/organisms/mllama/checkpoints" in plan and files["llava"] not in plan
    project.config(lambda config: config["organisms"]["llava"].update(dtype="float32"))
    assert files["llava"] in project.plan(*files.values())


def test_a_model_that_is_trained_here_asks_for_its_training(project):
    def add(config):
        for name, source in (("last", "results/organisms/llava"), ("early", "results/organisms/llava/checkpoints/03")):
            config["models"][name] = config["models"]["a"] | {"source": source}

    project.config(add)
    plan = project.plan()
    assert {"results/organisms/llava/model.safetensors", "results/organisms/llava/checkpoints"} <= plan
    assert of_model(["last", "early"]) <= plan and not of_model("a") & plan


def test_the_seed_decides_which_words_are_asked_for(project):
    project.config(lambda config: config.update(seed=1))
    assert stimuli("words") <= project.plan("results/stimuli/words/questions.parquet")


def test_touching_any_file_reruns_nothing(project):
    for folder in ("scripts", "workflow", "envs", "resources", "results"):
        for path in (project.folder / folder).rglob("*"):
            if path.is_file():
                os.utime(path)
    assert project.plan() == set()


def test_a_new_model_runs_its_own_jobs_and_the_comparing_figures(project):
    project.config(lambda config: config["models"].update(c=project.add_model("c")))
    assert project.plan() == of_model("c") | FIGURES


def test_a_removed_model_runs_only_the_comparing_figures(project):
    project.config(lambda config: config["models"].pop("b"))
    assert project.plan() == FIGURES


def test_changed_weights_run_that_model_only(project):
    project.append("resources/a/model.safetensors", "trained further\n")
    assert project.plan() == of_model("a") | FIGURES


def test_a_steering_layer_recaches_nothing(project):
    project.config(lambda config: config["models"]["a"].update(steering_layers=[1, 3]))
    moved = steered("a", EXPERIMENTS - {"layers"}) | displaced("a", DISPLACED - {"depths"})
    assert project.plan() == moved | EXCHANGED | FIG6 | FIG6_PAPER


def test_a_strength_runs_its_experiment_only(project):
    project.config(lambda config: config["steering"]["experiments"]["strengths"]["strengths"].append(9))
    assert project.plan() == steered("ab", {"strengths"}) | FIG6_PAPER


def test_a_new_steering_experiment_is_a_stanza_that_runs_itself_only(project):
    stanza = {"kind": "front-behind", "coordinate": "row", "datasets": ["scenes"], "items": 100}
    project.config(lambda config: config["steering"]["experiments"].update(depth=stanza))
    assert project.plan() == steered("ab", {"depth"})


def test_an_experiment_that_explores_takes_its_images_from_the_others_of_its_kind(project):
    stanza = {"kind": "near-far", "datasets": ["near-far"], "items": 5, "explores": True}
    project.config(lambda config: config["steering"]["experiments"].update(tried=stanza))
    near_far = steered("ab", {"near-far"}) | displaced("ab", {"near-far"})
    assert project.plan() == steered("ab", {"tried"}) | near_far | FIG6 | FIG6_PAPER


def test_a_new_swapping_experiment_is_a_stanza_that_runs_itself_only(project):
    def add(config):
        own = config["swapping"]["experiments"]
        own["recoloured"] = own["mirror"] | {"change": "recolour:7"}

    project.config(add)
    assert project.plan() == {f"results/swapping/recoloured/{model}.parquet" for model in "ab"}


def test_a_new_reading_and_its_kind_of_ids_are_stanzas_that_run_themselves_only(project):
    def add(config):
        config["activations"]["readings"]["relation"] = {"dataset": "grid", "roles": ["relation"]}
        config["ids"]["kinds"]["relation"] = {"reading": "relation", "coordinates": ["column", "row"]}

    project.config(add)
    assert project.plan() == cached("ab", ("relation",)) | ids("ab", "relation")


def test_a_new_data_set_is_a_stanza_that_runs_itself_only(project):
    stanza = {"layout": "pairs", "side": 128, "asks": ["exists", "column"], "items": 20}
    project.config(lambda config: config["stimuli"].update(rooms=stanza))
    sheet = "results/figures/sheet_rooms.png"
    assert project.plan() == stimuli("rooms") | {sheet}


def test_a_model_that_keeps_sums_caches_that_reading_anew_and_no_other_model(project):
    project.config(lambda config: config["models"]["a"].update(keep="sums"))
    assert project.plan() == cached("a", ("grid",)) | ids("a") | steered("a") | displaced("a") | FIGURES


def test_how_fast_a_model_runs_decides_no_number_and_reruns_nothing(project):
    def change(config):
        config["models"]["a"].update(batch=7, device="cuda", memory_mb=9000)
        config["activations"].update(workers=3, chunk=64)

    project.config(change)
    assert project.plan() == set()


def test_what_is_known_of_a_model_is_written_into_its_figure_alone(project):
    project.config(lambda config: config["models"]["a"].update(taught="nothing"))
    assert project.plan() == {file for file in FIG5 if "codes" in file}


def test_a_family_is_written_into_figure_9_alone(project):
    project.config(lambda config: config["models"]["a"].update(family="one recipe"))
    assert project.plan() == FIG9


def test_the_order_of_keys_reruns_nothing(project):
    def turn(config):
        for key in ("models", "stimuli", "objects", "sprites", "ids"):
            config[key] = dict(reversed(config[key].items()))
        config["stimuli"]["grid"] = dict(reversed(config["stimuli"]["grid"].items()))
        config["models"] = dict(reversed(config["models"].items()))
        experiments = config["steering"]["experiments"]
        experiments["layers"] = dict(reversed(experiments["layers"].items()))

    project.config(turn)
    assert project.plan() == set()


EDITS = {
    "figures/style.py": FIGURES,
    "figures/fig6.py": FIG6,
    "figures/ruler_marks.py": EXCHANGED | FIG6,
    "figures/exchange/fig2.py": FIG2,
    "figures/exchange/marks.py": EXCHANGED,
    "figures/exchange/steerability.py": FIG9,
    "statistics/association.py": FIG9,
    "figures/ruler_panels.py": FIG6,
    "figures/fig6_paper.py": FIG6 | FIG6_PAPER,  # its panels stand in figure 6, too
    "figures/fig5_layers.py": {file for file in FIG5 if "layers" in file},
    "figures/codes.py": {file for file in FIG5 if "codes" in file},
    "statistics/bootstrap.py": EXCHANGED | FIG6 | FIG6_PAPER,
    "statistics/choosing.py": EXCHANGED,
    "ids/plane.py": ids("ab") | steered("ab") | displaced("ab") | FIGURES,
    "experiments/steering.py": steered("ab") | FIG6 | FIG6_PAPER,
    "experiments/displacing.py": displaced("ab") | EXCHANGED | FIG6,
    "experiments/swapping.py": swapped("ab"),
    "experiments/running.py": steered("ab") | displaced("ab") | swapped("ab") | EXCHANGED | FIG6 | FIG6_PAPER,
    "engine/interventions.py": steered("ab") | displaced("ab") | swapped("ab") | EXCHANGED | FIG6 | FIG6_PAPER,
    "engine/fan_out.py": steered("ab") | displaced("ab") | swapped("ab") | EXCHANGED | FIG6 | FIG6_PAPER,
    "engine/swaps.py": swapped("ab"),
    "organisms/curriculum.py": set(),
}


@pytest.mark.parametrize("room", EDITS)
def test_an_edit_of_the_library_reruns_what_imports_it_and_nothing_else(project, room):
    project.append(f"scripts/linmech/{room}", "\n# edited\n")
    assert project.plan() == EDITS[room]


def test_an_edit_of_a_layout_lays_out_its_own_data_sets_only(project):
    project.append("scripts/linmech/stimuli/layouts/near_far.py", "\n# edited\n")
    plan = project.plan()
    assert stimuli("near-far") <= plan and not any("activations" in file or "ids" in file for file in plan)
    assert {file for file in plan if "steering" in file} == steered("ab", {"near-far"})


def test_an_edit_of_the_renderer_renders_again_and_where_no_sprite_changes_caches_nothing(project):
    project.append("scripts/linmech/rendering/solids.py", "\n# edited\n")
    assert SPRITES in project.plan(SPRITES)
    scenes = [f"results/stimuli/{name}/manifest.parquet" for name in ("scenes", "untied")]
    rendered = project.snakemake(
        "--touch", "--cores", "1", "--forcerun", "render_sprites", "write_scenes", "--", SPRITES, *scenes
    )
    assert rendered.returncode == 0, rendered.stdout  # as if it had run, and come out the same
    assert project.plan() == set()


def test_an_edit_of_a_script_reruns_its_rule_and_what_comes_after(project):
    project.append("scripts/derive_ids.py", "\n# edited\n")
    assert project.plan() == ids("ab") | steered("ab") | displaced("ab") | FIGURES


def test_a_deleted_result_is_made_again_with_what_depends_on_it(project):
    (project.folder / "results/ids/spatial/b.h5").unlink()
    assert project.plan() == ids("b") | steered("b") | displaced("b") | FIGURES


def test_a_figure_asks_only_for_what_it_shows(project):
    shutil.rmtree(project.folder / "results")
    plan = project.plan("--cores", "8", "results/figures/fig6.pdf")
    assert {file for file in plan if "figures" in file} == FIG6
    assert displaced("ab", FIG6_DISPLACED) | ids("ab") <= plan and not any("swapping" in file for file in plan)
    assert {file for file in plan if "steering" in file} == steered("ab", {"left-right"})
