"""What a change makes Snakemake run again, and what it leaves alone."""

import os
from pathlib import Path

from expected import (
    ARMS,
    COMPARED,
    DIAGNOSIS,
    DISPLACED,
    EXPERIMENTS,
    FIG4,
    FIG6,
    FIG6_PAPER,
    FIG_A18,
    FIG_A21,
    FIGURES,
    LEARNED,
    MOVED,
    OF_RELATION,
    PLACED,
    cached,
    diagnosed,
    displaced,
    drawn,
    finetuned,
    ids,
    moved,
    of_model,
    positions,
    steered,
    stimuli,
    swapped,
)

LARGE = ("--max-checksum-file-size", "0")  # every file is looked at as one of more than a megabyte is


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
    assert project.plan() == of_model("a") | finetuned() | FIGURES


def test_a_steering_layer_recaches_nothing(project):
    project.config(lambda config: config["models"]["a"].update(steering_layers=[1, 3]))
    own = steered("a", EXPERIMENTS - {"layers"}) | displaced("a", DISPLACED - {"depths"})
    assert project.plan() == own | MOVED


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
        own["blurred"] = own["mirror"] | {"change": "blur:0,0,9,9"}

    project.config(add)
    assert project.plan() == swapped("ab", {"blurred"})


def test_another_seed_of_a_donor_runs_its_experiment_and_its_figure(project):
    project.config(lambda config: config["swapping"]["experiments"]["recolour"].update(change="recolour:2"))
    assert project.plan() == swapped("ab", {"recolour"}) | FIG4


def test_another_run_of_a_finetuning_runs_itself_and_its_figures(project):
    project.config(lambda config: config["finetuning"]["experiments"]["spatial-ids"].update(runs=6))
    assert project.plan() == LEARNED | {
        f"results/finetuning/spatial-ids/{arm}/5.{end}" for arm in ARMS for end in ("parquet", "safetensors")
    }


def test_another_start_of_a_finetuning_runs_it_alone(project):
    project.append("resources/early/model.safetensors", "trained further\n")
    assert project.plan() == finetuned()


def test_without_finetuning_nothing_asks_for_it(project):
    project.config(lambda config: config.pop("finetuning"))
    assert project.plan() == COMPARED


def test_how_many_boxes_are_blurred_runs_diagnoses_only(project):
    project.config(lambda config: config["diagnosing"].update(masks=2))
    assert project.plan() == diagnosed("ab") | DIAGNOSIS


def test_a_planted_fault_is_another_model_and_the_verdict_is_told_of_it(project):
    project.config(lambda config: config["models"]["a"].update(fault={"kind": "binding"}))
    assert project.plan() == of_model("a") | finetuned() | FIGURES


def test_a_photograph_to_be_probed_is_a_stanza_that_runs_itself_only(project):
    (project.folder / "cups.png").write_text("a photograph\n")
    stanza = {"photo": "cups.png", "nouns": ["apple", "cup"]}
    project.config(lambda config: config.update(probes={"cups": stanza}))
    ends = ("png", "pdf", "json", "txt")
    assert project.plan() == {f"results/probes/{model}/cups.{end}" for model in "ab" for end in ends}


def test_methods_are_compared_where_a_stanza_asks_for_it_and_a_fault_is_planted(project):
    asked = {"kind": "left-right", "datasets": ["pairs"], "items": 9, "min_mass": 0.05}
    project.config(lambda config: config.update(comparing=asked))
    project.config(lambda config: config["models"]["a"].update(fault={"kind": "binding"}))
    compared = {f"results/comparing/{model}.parquet" for model in "ab"} | drawn("methods")
    assert project.plan() == of_model("a") | FIGURES | compared | finetuned()


def test_a_new_reading_and_its_kind_of_ids_are_stanzas_that_run_themselves_only(project):
    def add(config):
        config["activations"]["readings"]["last"] = {"dataset": "grid", "roles": ["last"]}
        config["ids"]["kinds"]["last"] = {"reading": "last", "coordinates": ["column", "row"]}

    project.config(add)
    assert project.plan() == cached("ab", ("last",)) | ids("ab", ("last",))


def test_a_new_data_set_is_a_stanza_that_runs_itself_only(project):
    stanza = {"layout": "pairs", "side": 128, "asks": ["exists", "column"], "items": 20}
    project.config(lambda config: config["stimuli"].update(rooms=stanza))
    sheet = "results/figures/sheet_rooms.png"
    assert project.plan() == stimuli("rooms") | {sheet}


def test_a_model_that_keeps_sums_caches_that_reading_anew_and_no_other_model(project):
    project.config(lambda config: config["models"]["a"].update(keep="sums"))
    own = cached("a", ("grid", "relation", "fine", "depths")) | ids("a") | positions("a") | moved("a") | finetuned()
    assert project.plan() == own | PLACED | FIG_A18 | FIG_A21  # its pairs cannot be told apart any more


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
        experiments = config["steering"]["experiments"]
        experiments["layers"] = dict(reversed(experiments["layers"].items()))

    project.config(turn)
    assert project.plan() == set()


def test_a_deleted_result_is_made_again_with_what_depends_on_it(project):
    (project.folder / "results/ids/spatial/b.h5").unlink()
    steps = ids("b", ("spatial",)) | steered("b", EXPERIMENTS - OF_RELATION) | displaced("b") | diagnosed("b")
    assert project.plan() == steps | PLACED


def test_a_clock_that_goes_wrong_costs_one_models_time_and_a_touch_sets_it_right(project):
    for hours in (-1, 2):  # first an hour slow, then an hour fast
        for file in (project.folder / "results/activations/grid/a").iterdir():
            os.utime(file, (then := file.stat().st_mtime + 3600 * hours, then))
        again = project.plan(*LARGE)
        assert again and not any(Path(file).stem == "b" for file in again)
        assert any("activations" in file for file in again) == (hours < 0)
    assert project.plan() == set(), "small files are compared by what they hold"
    touched = project.snakemake("--touch", "--forceall", "--cores", "1")
    assert touched.returncode == 0 and project.plan(*LARGE) == set()
