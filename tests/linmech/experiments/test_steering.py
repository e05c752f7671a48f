"""Laws of steering: the plain model's numbers, resume without a trace, items counted."""

import os
import signal
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import tiny
from linmech.engine.full_passes import sweep_full
from linmech.engine.hooks import record
from linmech.engine.interventions import Intervention
from linmech.errors import LinmechError
from linmech.experiments import steering
from linmech.experiments.arms import steering_vectors
from linmech.experiments.progress import Progress
from linmech.experiments.steering import Settings, plan, steer, steer_item
from linmech.ids.axes import axes_of
from linmech.ids.files import SpatialIds, save_ids
from linmech.models.checkpoints import fingerprint
from linmech.models.declared import Declared
from linmech.models.encoding import encode, positions
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import ask
from linmech.stimuli.datasets import load_dataset, save_dataset
from steer_model import main


def make_dataset(folder, items: int = 6):
    """Left/right and in-between questions about random images of the tiny model's size."""
    draw = np.random.default_rng(0)
    images, questions = [], []
    for n in range(items):
        folder.mkdir(parents=True, exist_ok=True)
        tiny.image(n).save(folder / f"{n}.png")
        images.append({"image": f"{n}", "background": 0, "size_px": 48, "objects": "[]", "file": f"{n}.png"})
        nouns = draw.permutation(tiny.NOUNS)[:3]
        places = {f"{role}_{axis}": draw.uniform(0, 48) for role in ("subject", "reference", "third") for axis in "xy"}
        row = {"image": f"{n}", "subject": nouns[0], "reference": nouns[1], "size_px": 48, "size": 10.0} | places
        left = row["subject_x"] < row["reference_x"]
        answer, other = ("left", "right") if left else ("right", "left")
        two = {"third": "", "third_x": np.nan, "third_y": np.nan, "kind": "left-right"}
        questions.append(row | two | {"item": f"{n}#0", "answer": answer, "other": other})
        three = {"third": nouns[2], "kind": "in-between", "answer": "no", "other": "yes"}
        questions.append(row | three | {"item": f"{n}#1"})
    save_dataset(folder, pd.DataFrame(images), pd.DataFrame(questions))
    return load_dataset(folder, {})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("stimuli") / "pairs")


@pytest.fixture(scope="module")
def grids():
    return {layer: np.random.default_rng(layer).normal(size=(4, 4, tiny.HIDDEN)).astype(np.float32) for layer in (1, 3)}


QUICK = {"items": 2, "draws": 2, "few": 1, "commit_every": 1}


@pytest.fixture(scope="module")
def table(tmp_path_factory, dataset, grids):
    progress = Progress(tmp_path_factory.mktemp("table") / "p", "k")
    return steer(tiny.llava(), dataset, grids, Settings("left-right", (0.0, 2.0), **QUICK), progress)


def test_the_table_has_a_row_per_item_layer_target_strength_and_arm(table):
    keys = ["item", "layer", "target", "strength", "arm"]
    assert len(table) == 2 * 2 * 4 * 2 * 5 == len(table.drop_duplicates(keys))
    np.testing.assert_allclose(table["delta"], table["d_after"] - table["d_before"], atol=1e-9)
    single = table[table["draws"] == 1]
    assert ((single["d_after"] * single["d_before"] < 0) == (single["turned"] == 1)).all()
    assert table["turned"].between(0, 1).all()
    assert table.groupby("item")["d_before"].nunique().max() == 1
    assert set(table["dataset"]) == {"pairs"} and set(table["first"]) == {"left"} and set(table["second"]) == {"right"}
    assert (table["undecided"] == (table["mass_before"] < 0.05)).all()
    right = table["side"] == "right"
    assert (table["target_relative"] == np.where(right, 3 - table["target"], table["target"])).all()
    several = table["draws"] > 1
    assert table.loc[~several, "delta_sd"].isna().all() and table.loc[several & (table.strength > 0), "delta_sd"].all()


def test_steering_by_strength_zero_changes_nothing(table):
    change = table.groupby("strength")["delta_abs"].max()
    assert change[0.0] < 1e-4 < 0.01 < change[2.0]


def check_by_hand(table, dataset, ids, signs):
    """The largest change at layer 3 equals the plain model with a |h| v added at the tokens that `signs` names."""
    vlm, item = tiny.llava(), next(dataset.questions[dataset.questions["item"] == table["item"][0]].itertuples())
    rows = table.query("item == @item.item and layer == 3 and arm == 'ids' and strength == 2")
    row = rows.loc[rows["delta"].abs().idxmax()]
    vector = torch.tensor(steering_vectors(ids.astype(float), "horizontal")[row["target"]], dtype=torch.float32)
    beliefs = []
    for order in (0, 1):
        asked = ask("left-right", item.subject, item.reference, order=order)
        encoded = encode(vlm, [dataset.image(item.image)], [asked])
        with record(vlm, [3]) as clean, torch.no_grad():
            vlm.model(**encoded.inputs)
        places = {positions(encoded, 0, role, vlm)[0]: sign for role, sign in signs.items()}
        added = torch.stack([2.0 * sign * clean[3][0, place].norm() * vector for place, sign in places.items()])
        plain = sweep_full(vlm, dataset.image(item.image), asked, [Intervention(3, tuple(places), added)])
        beliefs.append(plain[1].d)
    assert row["d_after"] == pytest.approx(np.mean(beliefs), abs=1e-4) and abs(row["delta"]) > 0.01


def test_the_table_equals_a_plain_forward_pass_with_the_vector_added_by_hand(table, dataset, grids):
    check_by_hand(table, dataset, grids[3], {"subject": 1})


def test_both_nouns_move_in_opposite_directions(tmp_path, dataset, grids):
    settings = Settings("left-right", (2.0,), items=1, draws=1, few=1, tokens="nouns")
    table = steer(tiny.llava(), dataset, {3: grids[3]}, settings, Progress(tmp_path / "p", "k"))
    check_by_hand(table, dataset, grids[3], {"subject": 1, "reference": -1})


def test_in_between_and_the_layers_experiment_run_with_their_own_axis_and_targets(tmp_path, dataset, grids):
    vlm, grids = tiny.llava(), {3: grids[3]}
    between = steer(vlm, dataset, grids, Settings("in-between", (1.0,), **QUICK), Progress(tmp_path / "a", "k"))
    asked = dataset.questions.set_index("item").loc[between["item"]]
    wide = (asked.reference_x - asked.third_x).abs() >= (asked.reference_y - asked.third_y).abs()
    assert (between["axis"].to_numpy() == np.where(wide, "horizontal", "vertical")).all()
    layers = steer(
        vlm, dataset, grids, Settings("layers", (1.0,), **QUICK | {"items": 1}), Progress(tmp_path / "b", "k")
    )
    assert layers["item"].nunique() == 1 and set(layers["target"]) == {0, 3} and set(layers["layer"]) == {3}


def test_progress_goes_on_only_under_the_same_key(tmp_path):
    first = Progress(tmp_path / "p", "k")
    first.commit([{"item": "b", "x": 1.0}])
    (tmp_path / "p" / ".chunk_000001.partial-1.parquet").write_bytes(b"torn")
    assert Progress(tmp_path / "p", "k").done() == {"b"}
    again = Progress(tmp_path / "p", "k")
    again.commit([{"item": "a", "x": 2.0}])
    assert again.table(["a", "b"])["x"].tolist() == [2.0, 1.0]
    assert Progress(tmp_path / "p", "other").done() == set()


@pytest.fixture
def job(tmp_path, grids):
    """Arguments of main for a tiny model on disk; every file made once."""
    make_dataset(tmp_path / "pairs", items=4)
    np.savez(tmp_path / "sprites.npz", **{"cat/0": np.zeros((4, 4, 4), np.uint8)})
    source = tiny.llava_folder(tmp_path)
    paths = []
    for layer, grid in [(3, grids[3])]:
        paths.append(tmp_path / f"layer_{layer}.h5")
        axes = axes_of(grid.astype(np.float64))
        save_ids(paths[-1], SpatialIds(grid, grid, grid, axes, layer, "tiny", fingerprint=fingerprint(source)))
    return {
        "model": Declared("tiny", str(source), tiny.LAYERS), "ids": paths, "datasets": [tmp_path / "pairs"],
        "sprites": tmp_path / "sprites.npz", "experiment": "left-right", "items": 3,
        "draws": 1, "few": 1, "commit_every": 1,
    }  # fmt: skip


def test_a_job_killed_with_signal_9_resumes_to_the_identical_table(tmp_path, job, monkeypatch):
    output = tmp_path / "out" / "tiny.parquet"
    child = os.fork()
    if child == 0:
        main(output=output, **job)
        os._exit(0)
    chunk = output.parent / ".tiny.progress" / "pairs" / "chunk_000000.parquet"
    for _ in range(3000):
        if chunk.exists():
            break
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]) and chunk.exists() and not output.exists()
    committed, run = len(list(chunk.parent.glob("chunk_*.parquet"))), []
    monkeypatch.setattr(steering, "steer_item", lambda *given: run.append(given[2].item) or steer_item(*given))
    main(output=output, **job)
    assert len(run) == 3 - committed < 3
    main(output=tmp_path / "whole.parquet", **job)
    pd.testing.assert_frame_equal(
        pd.read_parquet(output), pd.read_parquet(tmp_path / "whole.parquet"), check_exact=True
    )
    assert not (output.parent / ".tiny.progress").exists()


def test_ids_of_other_weights_and_a_layer_given_twice_are_refused(tmp_path, job):
    with pytest.raises(LinmechError, match="twice"):
        main(output=tmp_path / "x.parquet", **job | {"ids": [job["ids"][0]] * 2})
    other = tiny.llava_folder(tmp_path / "other", seed=1)
    with pytest.raises(LinmechError, match="other weights"):
        main(output=tmp_path / "x.parquet", **job | {"model": Declared("tiny", str(other), tiny.LAYERS)})


def test_a_plan_asks_for_no_more_than_the_arms(grids):
    settings = Settings("left-right", (1.0,), draws=20, few=5)
    moves = list(plan(SimpleNamespace(item="a"), "horizontal", grids, settings))
    assert sum(len(move.vectors) for move in moves) == 2 * 4 * (1 + 20 + 5 + 5 + 1)
    assert AnswerScores(np.log(0.6), np.log(0.2)).d == pytest.approx(np.log(3))
