"""Laws of a training as a job: killed at any moment it ends with the same bytes; it leaves what it measured."""

import dataclasses
import json
import random
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText

import train_organism
from killing import killed
from linmech.errors import LinmechError
from linmech.models.vlm import load_model
from linmech.objects.index import read_index
from linmech.organisms import training
from linmech.organisms.checkpoints import Checkpoints
from linmech.organisms.decoder_training import evaluate
from linmech.organisms.recipe import Recipe
from linmech.organisms.training import Plan, Trained, train
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Phase
from train_organism import main


def written(folder: Path) -> dict[str, bytes]:
    """The files of an organism that must not differ, by name, and its curve without the time."""
    names = ["model.safetensors", "accuracies.json", *(f"checkpoints/{n:02}/model.safetensors" for n in range(3))]
    curve = pd.read_csv(folder / "curve.csv").drop(columns="seconds").to_csv().encode()
    return {name: (folder / name).read_bytes() for name in names} | {"curve": curve}


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_kill_9_at_random_moments_leaves_the_bytes_of_an_undisturbed_training(plan, tmp_path, monkeypatch):
    main(plan, tmp_path / "calm")
    draw, log, genuine = random.Random(0), tmp_path / "log", Phase.descend

    def logged(*arguments):
        with log.open("a") as stream:
            stream.write(".")
        genuine(*arguments)

    monkeypatch.setattr(Phase, "descend", logged)
    kills = every = 0
    while killed(lambda: main(plan, tmp_path / "storm", every=0), draw.uniform(0, 0.3 + 0.05 * kills)):
        kills, every = kills + 1, every + 1
        assert every < 100, "the training makes no headway"
        work = tmp_path / ".storm.training"
        over = work.is_dir() or (tmp_path / "storm").is_dir()
        if over and not (work / "identity.json").exists():  # killed while, or after, it cleared up: all is done again
            log.write_text("")
            kills = 0
    steps = sum(plan.recipe.phases().values())
    assert every and steps <= len(log.read_text()) <= steps + kills, "what was committed is done again"
    assert written(tmp_path / "storm") == written(tmp_path / "calm")
    assert not list(tmp_path.glob(".*")), "the work folders are gone"


@pytest.fixture
def seen(monkeypatch) -> list[Trained]:
    """What `main` trained, to be asked again."""
    kept: list[Trained] = []
    monkeypatch.setattr(train_organism, "train", lambda *arguments: kept.append(train(*arguments)) or kept[-1])
    return kept


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_accuracies_are_those_of_the_saved_weights_loaded_as_float32(plan, tmp_path, seen, dtype):
    main(plan, tmp_path / "tiny", dtype)
    saved = load_file(tmp_path / "tiny/model.safetensors")
    assert {str(weight.dtype) for weight in saved.values()} == {f"torch.{dtype}"}
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path / "tiny", dtype=torch.float32)
    for name, weight in seen[0].model.state_dict().items():
        assert torch.equal(weight, loaded.state_dict()[name]), name
    loaded.set_attn_implementation("eager")
    accuracies = {name: evaluate(loaded.eval(), course) for name, course in seen[0].tests.items()}
    assert accuracies == json.loads((tmp_path / "tiny/accuracies.json").read_text())
    assert f"**Weights**: {dtype}" in (tmp_path / "tiny/README.md").read_text()


def test_checkpoints_are_models_of_their_own_and_the_last_is_the_trained_one(plan, tmp_path):
    main(plan, tmp_path / "tiny", "float16")
    folders = sorted((tmp_path / "tiny/checkpoints").iterdir())
    said = [json.loads((folder / "checkpoint.json").read_text()) for folder in folders]
    assert [folder.name for folder in folders] == ["00", "01", "02"]
    assert [(each["phase"], each["step"]) for each in said] == [("encoder", 7), ("decoder", 31), ("joint", 68)]
    assert all(load_model(folder).n_layers == 2 for folder in folders)
    assert (folders[-1] / "model.safetensors").read_bytes() == (tmp_path / "tiny/model.safetensors").read_bytes()
    assert (folders[0] / "model.safetensors").read_bytes() != (folders[1] / "model.safetensors").read_bytes()


def test_the_curve_has_a_row_for_every_kind_of_question_and_line_and_is_written_without_checkpoints(plan, tmp_path):
    main(dataclasses.replace(plan, checkpoints=()), tmp_path / "tiny")
    curve = pd.read_csv(tmp_path / "tiny/curve.csv")
    assert list(curve.columns) == ["phase", "step", "kind", "accuracy", "seconds"]
    assert list(curve.groupby("phase")["step"].unique().map(list).items()) == [
        ("decoder", [58, 64]), ("encoder", [8]), ("joint", [68])
    ]  # fmt: skip
    assert set(curve[curve["phase"] == "encoder"]["kind"]) == {"object-patches"}
    assert {"exists", "left-right"} <= set(curve[curve["phase"] == "decoder"]["kind"])
    assert curve["accuracy"].between(0, 1).all() and curve["seconds"].is_monotonic_increasing
    assert not list((tmp_path / "tiny/checkpoints").iterdir())


def test_a_training_of_other_numbers_starts_over_and_says_what_changed(plan, tmp_path, monkeypatch, capfd):
    def stop(self, phase, trained):
        if trained == 12:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Checkpoints, "after", stop)
        main(plan, tmp_path / "tiny", every=0)
    other = dataclasses.replace(plan, seed=1)
    main(other, tmp_path / "tiny")
    assert "starting over, because another training left it (seed changed)" in capfd.readouterr().out
    main(other, tmp_path / "anew")
    assert written(tmp_path / "tiny") == written(tmp_path / "anew")


def test_a_training_goes_on_in_the_precision_that_was_measured_where_it_began(plan, tmp_path, monkeypatch):
    few = dict(encoder_steps=2, decoder_steps=2, joint_steps=0, binding_steps=1)
    plan = dataclasses.replace(plan, recipe=dataclasses.replace(plan.recipe, **few), checkpoints=())
    measured = dataclasses.replace(plan, recipe=dataclasses.replace(plan.recipe, precision="measured"))
    monkeypatch.setattr(training, "faster_precision", lambda device: "float32")
    begun = measured.begun(tmp_path / "training")
    assert begun.recipe.precision == "float32" and begun.identity() != plan.identity()
    Commits(tmp_path / "training", begun.identity())
    monkeypatch.setattr(training, "faster_precision", lambda device: "bfloat16")
    assert measured.begun(tmp_path / "training") == begun and measured.begun(tmp_path / "other") == plan.begun(tmp_path)
    for name, each in (("a", plan), ("b", begun)):
        main(each, tmp_path / name)
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in "ab"]
    assert weights[0] != weights[1], "and the precision is a part of what is reproducible"


def test_a_device_that_is_not_there_is_told_before_anything_is_made(plan, tmp_path):
    with pytest.raises(LinmechError, match="organism tiny: device 'cuda:99' is not available .*device: cpu"):
        main(dataclasses.replace(plan, device="cuda:99"), tmp_path / "tiny")
    assert not (tmp_path / ".tiny.training").exists()


def test_a_training_depends_on_all_that_it_is_made_of(plan):
    def differing(other: Plan) -> set[str]:
        one, two = plan.identity(), other.identity()
        return {key for key in one if one[key] != two[key]}

    changes = dict(images=21, test_images=8, seed=1, family="gemma3", recipe=Recipe(muon_rate=0.01), checkpoints=[1])
    for key, value in changes.items():
        assert differing(dataclasses.replace(plan, **{key: value})) == {key}
    before = plan.identity()
    for key, path in (("sprites", plan.sprites), ("index", plan.index), ("meshes", read_index(plan.index).file[0])):
        with Path(path).open("a") as stream:
            stream.write("\n")
        assert {name for name, value in plan.identity().items() if before[name] != value} == {key}
        before = plan.identity()


def test_a_training_depends_on_the_rooms_that_decide_its_numbers_and_on_no_other(plan):
    behind = {line[:-64] for line in plan.identity()["code"]}
    assert {f"linmech/{room}.py" for room in ("trainer/loop", "stimuli/stage", "seeds")} <= behind
    assert not {f"linmech/{room}.py" for room in ("organisms/card", "files", "job", "models/vlm", "errors")} & behind


def test_a_training_on_videos_that_was_stopped_ends_with_the_same_bytes_and_its_card_says_what_it_saw(
    video_plan, tmp_path, monkeypatch
):
    main(video_plan, tmp_path / "calm")
    for moment in (4, 11, 40):  # in each phase

        def stop(self, phase, trained, moment=moment):
            if trained == moment:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Checkpoints, "after", stop)
            main(video_plan, tmp_path / "storm", every=0)
    main(video_plan, tmp_path / "storm")
    one, other = (tmp_path / name for name in ("calm", "storm"))
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    assert (one / "accuracies.json").read_bytes() == (other / "accuracies.json").read_bytes()
    assert list(json.loads((one / "accuracies.json").read_text())) == ["moments", "unplaced", "videos"]
    card = (one / "README.md").read_text()
    assert "videos of 6 frames of 64 px" in card and "**Moments** kept from training" in card
