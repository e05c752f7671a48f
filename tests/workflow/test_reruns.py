"""What a change makes Snakemake run again, and what it leaves alone."""

import os
import shutil

FIG5 = {f"results/figures/{name}.{end}" for name in ("fig5", "fig5-layers") for end in ("pdf", "png", "csv")}
FIG6 = {f"results/figures/fig6.{end}" for end in ("pdf", "png", "csv")}
EXPERIMENTS = {"layers", "left-right", "near-far", "in-between", "strengths"}


def steered(models: str, experiments: set[str] = EXPERIMENTS) -> set[str]:
    return {f"results/steering/{experiment}/{model}.parquet" for experiment in experiments for model in models}


def layers(stage: str, models: str, count: int = 4) -> set[str]:
    return {f"results/{stage}/{model}/layer_{layer}.h5" for model in models for layer in range(count + 1)}


def of_model(models: str) -> set[str]:
    stages = ("activations/grid", "activations/words", "ids/spatial")
    return set().union(*(layers(stage, models) for stage in stages), steered(models))


def test_the_seed_decides_which_meshes_are_downloaded_and_no_builtin_one(project):
    index = "results/objects/index.tsv"
    project.config(lambda config: config.update(seed=1))
    assert index not in project.plan(index)
    project.config(lambda config: config["objects"].update(source="objaverse", nouns=list("abcdefgh")))
    assert project.snakemake("--touch", "--force", "--cores", "1", index).returncode == 0
    assert index not in project.plan(index)
    project.config(lambda config: config.update(seed=2))
    assert index in project.plan(index)


def test_touching_any_file_reruns_nothing(project):
    for folder in ("scripts", "workflow", "envs", "resources", "results"):
        for path in (project.folder / folder).rglob("*"):
            if path.is_file():
                os.utime(path)
    assert project.plan() == set()


def test_a_new_model_runs_its_own_jobs_and_the_comparing_figures(project):
    project.config(lambda config: config["models"].update(c=project.add_model("c")))
    assert project.plan() == of_model("c") | FIG5 | FIG6


def test_a_removed_model_runs_only_the_comparing_figures(project):
    project.config(lambda config: config["models"].pop("b"))
    assert project.plan() == FIG5 | FIG6


def test_changed_weights_run_that_model_only(project):
    project.append("resources/a/model.safetensors", "trained further\n")
    assert project.plan() == of_model("a") | FIG5 | FIG6


def test_a_steering_layer_recaches_nothing(project):
    project.config(lambda config: config["models"]["a"].update(steering_layers=[1, 3]))
    assert project.plan() == steered("a", EXPERIMENTS - {"layers"}) | FIG6


def test_a_strength_recaches_nothing(project):
    project.config(lambda config: config["steering"].update(strength=9))
    assert project.plan() == steered("ab", EXPERIMENTS - {"strengths"}) | FIG6


def test_another_strength_to_sweep_runs_the_sweep_only(project):
    project.config(lambda config: config["steering"]["strengths"].append(9))
    assert project.plan() == steered("ab", {"strengths"}) | FIG6


def test_how_fast_a_model_runs_decides_no_number_and_reruns_nothing(project):
    def change(config):
        config["models"]["a"].update(batch=7, device="cuda", memory_mb=9000)
        config["activations"].update(workers=3, chunk=64)

    project.config(change)
    assert project.plan() == set()


def test_the_order_of_keys_reruns_nothing(project):
    def turn(config):
        for key in ("models", "stimuli", "objects", "sprites", "ids"):
            config[key] = dict(reversed(config[key].items()))
        config["stimuli"]["grid"] = dict(reversed(config["stimuli"]["grid"].items()))
        config["models"] = dict(reversed(config["models"].items()))

    project.config(turn)
    assert project.plan() == set()


def test_an_edit_of_the_library_reruns_what_imports_it_and_nothing_else(project):
    project.append("scripts/linmech/figures/style.py", "\n# edited\n")
    assert project.plan() == FIG5 | FIG6


def test_an_edit_of_the_steering_code_recaches_nothing(project):
    project.append("scripts/linmech/experiments/steering.py", "\n# edited\n")
    assert project.plan() == steered("ab") | FIG6


def test_an_edit_of_a_script_reruns_its_rule_and_what_comes_after(project):
    project.append("scripts/derive_ids.py", "\n# edited\n")
    assert project.plan() == layers("ids/spatial", "ab") | steered("ab") | FIG5 | FIG6


def test_a_deleted_result_is_made_again_with_what_depends_on_it(project):
    (project.folder / "results/ids/spatial/b/layer_2.h5").unlink()
    plan = project.plan()
    assert "results/ids/spatial/b/layer_2.h5" in plan
    assert not any("activations" in file or "/a" in file for file in plan)


def test_a_figure_asks_only_for_what_it_shows(project):
    shutil.rmtree(project.folder / "results")
    plan = project.plan("--cores", "8", "results/figures/fig6.pdf")
    assert {file for file in plan if "figures" in file} == FIG6
    assert steered("ab") <= plan and layers("ids/spatial", "ab") <= plan
