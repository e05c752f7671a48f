"""Laws of steering: the plain model's numbers, items counted."""

import dataclasses

import numpy as np
import pytest
import torch

import tiny
from linmech.engine.full_passes import sweep_full
from linmech.engine.hooks import record
from linmech.engine.interventions import Intervention
from linmech.errors import LinmechError
from linmech.experiments.arms import steering_vectors
from linmech.experiments.places import coordinate_of, side_of
from linmech.experiments.progress import Progress
from linmech.experiments.steering import Settings, plan, steer
from linmech.models.encoding import encode, positions
from linmech.stimuli.items import Item, Thing, question
from steered import ids_of, make_dataset, random_ids

ALONG = {"column": 0, "row": 1}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("stimuli") / "pairs")


@pytest.fixture(scope="module")
def ids():
    return {layer: random_ids(layer) for layer in (1, 3)}


QUICK = {"items": 2, "draws": 2, "few": 1, "commit_every": 1}


@pytest.fixture(scope="module")
def table(tmp_path_factory, dataset, ids):
    progress = Progress(tmp_path_factory.mktemp("table") / "p", "k")
    return steer(tiny.llava(), dataset, ids, Settings("sides", strengths=(0.0, 2.0), **QUICK), progress)


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
    vlm, name = tiny.llava(), table["item"][0]
    item = next(item for item in dataset.items() if item.id == name)
    rows = table.query("item == @name and layer == 3 and arm == 'ids' and strength == 2")
    row = rows.loc[rows["delta"].abs().idxmax()]
    along = {"horizontal": 0, "vertical": 1}[row["axis"]]
    vector = torch.tensor(steering_vectors(ids.ids.astype(float), along)[row["target"]], dtype=torch.float32)
    beliefs = []
    for order in (0, 1):
        asked = question(item, order)
        encoded = encode(vlm, [dataset.visual(item.visual)], [asked])
        with record(vlm, [3]) as clean, torch.no_grad():
            vlm.model(**encoded.inputs)
        places = {place: sign for role, sign in signs.items() for place in positions(encoded, 0, role, vlm)}
        added = torch.stack([2.0 * sign * clean[3][0, place].norm() * vector for place, sign in places.items()])
        plain = sweep_full(vlm, dataset.visual(item.visual), asked, [Intervention(3, tuple(places), added)])
        beliefs.append(plain[1].d)
    assert row["d_after"] == pytest.approx(np.mean(beliefs), abs=1e-4) and abs(row["delta"]) > 0.01


def test_the_table_equals_a_plain_forward_pass_with_the_vector_added_by_hand(table, dataset, ids):
    check_by_hand(table, dataset, ids[3], {"subject": 1})


TOKENS = [
    (("subject", "reference"), {"subject": 1, "reference": -1}),
    (("reference",), {"reference": 1}),
    (("relation",), {"relation": 1}),
    (("last",), {"last": 1}),
]


@pytest.mark.parametrize(("tokens", "signs"), TOKENS, ids=["both nouns", "reference", "relation", "last"])
@pytest.mark.parametrize("coordinate", ["column", "row"])
def test_the_words_that_a_stanza_names_are_moved_and_both_nouns_in_opposite_directions(
    tmp_path, dataset, ids, tokens, signs, coordinate
):
    settings = Settings(
        "e", coordinate=coordinate, strengths=(2.0,), items=1, draws=1, few=1, tokens=tokens, targets=(0, -1)
    )
    table = steer(tiny.llava(), dataset, {3: ids[3]}, settings, Progress(tmp_path / "p", "k"))
    check_by_hand(table, dataset, ids[3], signs)


KINDS = {
    "exists": ("yes", "no"), "column": None, "row": None, "left-right": ("left", "right"),
    "above-below": ("above", "below"), "near-far": ("near", "far"), "in-between": ("yes", "no"),
    "front-behind": ("front", "behind"), "colour": ("blue", "red"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_can_be_steered_along_every_coordinate(tmp_path, dataset, ids, kind):
    for coordinate in ("column", "row", *(["neighbours"] * (kind == "in-between"))):
        settings = Settings("e", kind, coordinate, targets=(0, -1), **QUICK)
        table = steer(tiny.llava(), dataset, {3: ids[3]}, settings, Progress(tmp_path / coordinate, "k"))
        assert set(table["kind"]) == {kind} and set(table["target"]) == {0, 3} and len(table) == 2 * 2 * 5
        assert ((table["answer"] == table["first"]) | (table["answer"] == table["second"])).all()
        asked = set(zip(table["first"], table["second"], strict=True))
        assert asked == {KINDS[kind]} or not KINDS[kind]
        assert table["delta"].abs().max() > 1e-4


def test_in_between_moves_along_the_line_of_the_two_neighbours():
    def between(subject, reference, third) -> Item:
        roles = zip(("subject", "reference", "third"), (subject, reference, third), strict=True)
        return Item("a", "i", "in-between", {role: Thing(role, x, y) for role, (x, y) in roles}, width=100, height=100)

    wide, high = between((20, 31), (5, 30), (90, 33)), between((31, 60), (30, 5), (33, 90))
    assert (coordinate_of(wide, "neighbours"), coordinate_of(high, "neighbours")) == ("column", "row")
    assert (side_of(wide, "column", 4), side_of(high, "row", 4)) == ("left", "below")
    assert coordinate_of(high, "column") == "column"


def test_side_is_the_subjects_side_of_the_reference_or_of_the_middle():
    things = {"subject": Thing("cat", 60, 10, frames=(5,)), "reference": Thing("dog", 20, 40, frames=(2,))}
    pair = Item("a", "i", "left-right", things, width=100, height=100)
    assert [side_of(pair, name, 8) for name in ("column", "row", "frame")] == ["right", "above", "after"]
    alone = dataclasses.replace(pair, things={"subject": things["subject"]}, width=200, height=15)
    assert (side_of(alone, "column", 4), side_of(alone, "row", 4)) == ("left", "below")
    assert (side_of(alone, "frame", 8), side_of(alone, "frame", 12)) == ("after", "before"), "of the video's middle"


def test_on_a_grid_with_fewer_rows_than_columns_the_last_row_is_the_last_target(tmp_path, dataset):
    grid = np.random.default_rng(0).normal(size=(4, 3, tiny.HIDDEN)).astype(np.float32)
    settings = Settings("e", "above-below", "row", **QUICK)
    table = steer(tiny.llava(), dataset, {3: ids_of(grid, 3)}, settings, Progress(tmp_path / "p", "k"))
    assert set(table["target"]) == {0, 1, 2}
    away = np.where(table["side"] == "above", table["target"], 2 - table["target"])
    assert (table["target_relative"] == away).all()


def test_the_typical_item_is_steered_where_it_is_asked_for(tmp_path, dataset, ids):
    settings = Settings("e", targets=(0, -1), typical=True, images="explored", **QUICK | {"items": 1})
    table = steer(tiny.llava(), dataset, {3: ids[3]}, settings, Progress(tmp_path / "p", "k"))
    assert table["item"].nunique() == 1 and set(table["target"]) == {0, 3} and set(table["layer"]) == {3}


def test_a_coordinate_that_the_ids_do_not_have_is_an_error(tmp_path, dataset, ids):
    with pytest.raises(LinmechError, match="steering.experiments.e.coordinate is 'frame'; these IDs have column, row"):
        steer(tiny.llava(), dataset, ids, Settings("e", coordinate="frame"), Progress(tmp_path / "p", "k"))


def test_a_plan_asks_for_no_more_than_the_arms(ids, dataset):
    moves = list(plan(dataset.items("left-right")[0], ids, Settings("e", draws=20, few=5)))
    assert sum(len(move.vectors) for move in moves) == 2 * 4 * (1 + 20 + 5 + 5 + 1)


@pytest.mark.parametrize(("answer", "other"), [("before", "after"), ("after", "before")])
def test_where_no_frames_are_known_the_true_answer_tells_the_side(answer, other):
    things = {"subject": Thing("the hall"), "reference": Thing("the street")}
    item = Item("i", "v", "scene-order", things, answer, other)
    assert side_of(item, "frame", 8) == answer
