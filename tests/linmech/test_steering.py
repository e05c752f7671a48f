"""Laws of steering: one formula for every arm, controls of the same size, resume without a trace, items counted."""

import os
import signal
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import tiny
from linmech import steering
from linmech.answers import AnswerScores
from linmech.arms import ARMS, arms, steering_vectors
from linmech.checkpoints import fingerprint
from linmech.declared import Declared
from linmech.encoding import encode, positions
from linmech.errors import LinmechError
from linmech.hooks import record
from linmech.ids import SpatialIds, axes_of, save_ids
from linmech.interventions import Intervention, sweep_full
from linmech.progress import Progress
from linmech.prompts import ask
from linmech.steering import Settings, plan, steer, steer_item
from linmech.steering_items import axis_of, candidates, side_of, typical
from linmech.stimuli import load_dataset, save_dataset
from steer_model import main

HIDDEN = tiny.HIDDEN


def additive_ids(seed: int = 0, hidden: int = HIDDEN) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """IDs = (column - 1.5) h + (row - 1.5) v, h and v orthogonal."""
    h, v = np.linalg.qr(np.random.default_rng(seed).normal(size=(hidden, 2)))[0].T
    column, row = np.indices((4, 4))[..., None] - 1.5
    return 3 * column * h + 2 * row * v, h, v


def test_a_steering_vector_is_the_mean_over_rows_of_algorithm_2():
    ids, _, _ = additive_ids()
    norm = np.linalg.norm
    by_hand = np.mean([ids[3, r] / norm(ids[3, r]) - ids[0, r] / norm(ids[0, r]) for r in range(4)], axis=0)
    np.testing.assert_allclose(steering_vectors(ids, "horizontal")[3], by_hand, atol=1e-12)
    by_hand = np.mean([ids[c, 1] / norm(ids[c, 1]) - ids[c, 2] / norm(ids[c, 2]) for c in range(4)], axis=0)
    np.testing.assert_allclose(steering_vectors(ids, "vertical")[1], by_hand, atol=1e-12)


def test_steering_moves_along_its_own_axis_only_and_keeps_the_dose():
    ids, h, v = additive_ids()
    vectors = steering_vectors(ids, "horizontal")
    np.testing.assert_allclose(vectors @ v, 0, atol=1e-12)
    assert (np.diff(vectors @ h) > 0.1).all()
    np.testing.assert_allclose(steering_vectors(ids, "vertical") @ h, 0, atol=1e-12)


@pytest.mark.parametrize("axis", ["horizontal", "vertical"])
def test_every_arm_has_the_norm_and_the_antisymmetry_of_the_ids(axis):
    ids = np.random.default_rng(1).normal(size=(4, 4, HIDDEN))
    made = arms(ids - ids.mean((0, 1)), axis, "item", draws=20, few=3)
    assert tuple(made) == ARMS and [len(made[arm]) for arm in ARMS] == [1, 20, 3, 3, 1]
    for vectors in made.values():
        np.testing.assert_allclose(vectors, -vectors[:, ::-1], atol=1e-12)
        norms = np.linalg.norm(vectors, axis=-1)
        np.testing.assert_allclose(norms, np.broadcast_to(np.linalg.norm(made["ids"][0], axis=-1), norms.shape))


def test_span_and_shuffled_stay_in_the_span_noise_leaves_it_and_orthogonal_is_orthogonal():
    ids, h, v = additive_ids()
    made = arms(ids, "horizontal", "item", draws=5)
    for arm in ("ids", "span", "shuffled", "orthogonal"):
        inside = made[arm] @ np.stack([h, v]).T @ np.stack([h, v])
        np.testing.assert_allclose(inside, made[arm], atol=1e-9)
    assert np.abs(made["orthogonal"] @ h).max() < 1e-9 < 0.1 < np.abs(made["orthogonal"] @ v).min()
    assert np.linalg.norm(made["noise"] @ np.stack([h, v]).T) < 0.7 * np.linalg.norm(made["noise"])


def test_draws_depend_on_seed_and_item_and_on_nothing_else():
    ids, _, _ = additive_ids()
    one = arms(ids, "horizontal", "a", 3)
    for arm, vectors in arms(ids, "horizontal", "a", 3).items():
        np.testing.assert_array_equal(vectors, one[arm])
    np.testing.assert_array_equal(arms(ids, "horizontal", "a", 3, draws=2)["noise"], one["noise"][:2])
    for other in (arms(ids, "horizontal", "b", 3), arms(ids, "horizontal", "a", 3, seed=1)):
        assert all(np.abs(other[arm] - one[arm]).max() > 0.01 for arm in ("noise", "span", "shuffled"))


def test_ids_of_zero_steer_nowhere_in_every_arm():
    for vectors in arms(np.zeros((4, 4, HIDDEN)), "horizontal", "item").values():
        assert not vectors.any()


def question(item="a", kind="left-right", **places) -> SimpleNamespace:
    spots = {f"{role}_{axis}": np.nan for role in ("subject", "reference", "third") for axis in "xy"}
    return SimpleNamespace(**({"item": item, "kind": kind, "answer": "left"} | spots | places))


def test_in_between_moves_along_the_line_of_the_two_neighbours():
    wide = question(reference_x=5, reference_y=30, third_x=90, third_y=33, subject_x=20, subject_y=31)
    high = question(reference_x=30, reference_y=5, third_x=33, third_y=90, subject_x=31, subject_y=60)
    assert (axis_of(wide, "in-between"), axis_of(high, "in-between")) == ("horizontal", "vertical")
    assert (side_of(wide, "horizontal"), side_of(high, "vertical")) == ("left", "below")
    assert axis_of(high, "near-far") == "horizontal" and axis_of(wide, "front-behind") == "vertical"


def test_side_is_the_subjects_side_of_the_reference():
    pair = question(subject_x=60, subject_y=10, reference_x=20, reference_y=40)
    assert (side_of(pair, "horizontal"), side_of(pair, "vertical")) == ("right", "above")


def asked(kind: str, count: int = 20) -> pd.DataFrame:
    """Two questions on each of `count` images, every second one without a true answer."""
    names = [f"i{n // 2}#{n % 2}" for n in range(2 * count)]
    images = [name.split("#")[0] for name in names]
    return pd.DataFrame({"item": names, "image": images, "kind": kind, "answer": ["yes", ""] * count})


def test_items_are_drawn_by_name_and_only_questions_with_a_true_answer():
    table = asked("in-between")
    chosen = candidates(table, "in-between", 4, seed=0)
    again = candidates(table.sample(frac=1, random_state=1), "in-between", 4, seed=0)
    assert len(chosen) == 4 and set(chosen["item"]) == set(again["item"]) and (chosen["answer"] == "yes").all()
    assert len(candidates(table, "in-between", 0, seed=0)) == 20
    with pytest.raises(LinmechError, match="near-far"):
        candidates(table, "near-far", 4, seed=0)
    with pytest.raises(LinmechError, match="unknown"):
        candidates(table, "diagonal", 4, seed=0)


def test_layers_and_strengths_are_chosen_on_images_that_the_other_panels_do_not_use():
    table = asked("left-right")
    explored, measured = (set(candidates(table, name, 0, seed=0)["image"]) for name in ("layers", "left-right"))
    assert explored == set(candidates(table, "strengths", 0, seed=0)["image"])
    assert not explored & measured and explored | measured == set(table["image"])


def test_the_typical_item_is_the_median_of_the_correct_ones():
    table = pd.DataFrame({"item": list("abcdef"), "answer": ["left", "left", "right", "left", "right", "left"]})
    d = np.array([0.1, 4.0, -3.0, -9.0, 50.0, 2.0])
    assert typical(table, d, "left", 1)["item"].tolist() == ["c"]
    assert typical(table, d, "left", 3)["item"].tolist() == ["b", "c", "f"]


def test_without_a_correct_item_the_typical_one_is_taken_from_all(capsys):
    table = pd.DataFrame({"item": list("abc"), "answer": ["left", "left", "right"]})
    wrong = np.array([-1.0, -3.0, 2.0])
    assert typical(table, wrong, "left", 1)["item"].tolist() == ["c"]
    assert "no item of 3" in capsys.readouterr().out


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
    return {layer: np.random.default_rng(layer).normal(size=(4, 4, HIDDEN)).astype(np.float32) for layer in (1, 3)}


QUICK = {"items": 2, "draws": 2, "few": 1, "commit_every": 1}


@pytest.fixture(scope="module")
def table(tmp_path_factory, dataset, grids):
    progress = Progress(tmp_path_factory.mktemp("table") / "p", "k")
    return steer(tiny.llava(), dataset, grids, Settings("left-right", (0.0, 2.0), **QUICK), progress)


def test_the_table_has_a_row_per_item_layer_target_strength_and_arm(table):
    keys = ["item", "layer", "target", "strength", "arm"]
    assert len(table) == 2 * 2 * 4 * 2 * 5 == len(table.drop_duplicates(keys))
    np.testing.assert_allclose(table["delta"], table["d_after"] - table["d_before"], atol=1e-9)
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
    moves = list(plan(question(), "horizontal", grids, settings))
    assert sum(len(move.vectors) for move in moves) == 2 * 4 * (1 + 20 + 5 + 5 + 1)
    assert AnswerScores(np.log(0.6), np.log(0.2)).d == pytest.approx(np.log(3))
