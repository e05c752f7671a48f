"""Laws of displacing: a vector in natural units, and the rule applied to what was moved."""

import numpy as np
import pandas as pd
import pytest
import torch

import planted
import tiny
from linmech.engine.full_passes import sweep_full
from linmech.engine.interventions import Intervention
from linmech.errors import LinmechError
from linmech.experiments.arms import relabelled
from linmech.experiments.displacing import COLUMNS, Settings, displace
from linmech.experiments.places import displaced, gap, place
from linmech.experiments.progress import Progress
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.models.encoding import encode, positions
from linmech.statistics.crossing import calibrated, crossing
from linmech.stimuli.items import Item, Thing, question
from linmech.stimuli.layouts.stimulus import Query
from stored import pair, photographed

ASKED = (
    Query("left-right", 0, 1, -1, "left", "right"), Query("in-between", 0, 1, 2, "no", "yes"),
    Query("near-far", 0, 1, -1, "near", "far"),
)  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    places = [[(10, 10), (38, 12), (24, 30)], [(6, 40), (30, 8), (44, 40)], [(12, 24), (36, 24), (24, 40)]]
    made = [pair(f"{n}", ("frog", "car", "dog"), where, *ASKED) for n, where in enumerate(places)]
    shown = [(stimulus, tiny.image(n)) for n, stimulus in enumerate(made)]
    return photographed(tmp_path_factory.mktemp("displaced") / "pairs", shown)


@pytest.fixture(scope="module")
def ids():
    draw, found = np.random.default_rng(0), {}
    for layer in (1, 3):
        every, train = draw.normal(size=(2, 4, 4, tiny.HIDDEN)).astype(np.float32)
        nouns = {name: draw.normal(size=tiny.HIDDEN).astype(np.float32) for name in ("frog", "car", "dog")}
        noise, told = draw.normal(size=(8, tiny.HIDDEN)).astype(np.float32), {"held_out": ["frog"]}
        axes = axes_of(train.astype(float))
        found[layer] = Ids(every, train, every, axes, layer, "tiny", nouns=nouns, noise=noise, statistics=told)
    return found


def moved(dataset, ids, tmp_path, **settings):
    settings = Settings("e", **{"draws": 1, "displacements": (-1.0, 2.0)} | settings)
    return displace(tiny.llava(), dataset, ids, settings, Progress(tmp_path / "p", "k"))


def test_the_table_has_a_row_per_layer_displacement_and_arm(dataset, ids, tmp_path):
    table = moved(dataset, ids, tmp_path)
    arms = {"axis", "noise", "span", "shuffled", "nouns", "covariance", "orthogonal"}
    assert list(table) == COLUMNS and set(table["arm"]) == arms and len(table) == 3 * 2 * 2 * len(arms)
    assert table["held_out"].all() and set(table["tokens"]) == {"subject"}
    alone = moved(dataset, ids, tmp_path / "alone", draws=0)
    assert set(alone["arm"]) == {"axis", "orthogonal"}


def test_a_relabelling_is_the_same_in_every_item_and_a_row_each(dataset, ids, tmp_path):
    how = {"draws": 0, "relabellings": 3, "relabelled_at": (2.0,)}
    table = moved(dataset, ids, tmp_path, **how)
    runs = table[table["arm"] == "relabelled"]
    assert len(runs) == 3 * 2 * 3 and set(runs["relabelling"]) == {1, 2, 3} and set(runs["displacement"]) == {2.0}
    assert (table.loc[table["arm"] != "relabelled", "relabelling"] == 0).all() and (runs["draws"] == 1).all()
    plain = moved(dataset, ids, tmp_path / "plain", draws=0)
    pd.testing.assert_frame_equal(table[table["relabelling"] == 0].reset_index(drop=True), plain)
    row, vlm = runs[(runs["layer"] == 3) & (runs["relabelling"] == 2)].iloc[-1], tiny.llava()
    item = next(item for item in dataset.items() if item.id == row["item"])
    added = relabelled(ids[3], 0, np.array([2.0]), 3, runs=3, seed=0)[1, 0]
    beliefs = []
    for order in (0, 1):
        asked, visual = question(item, order), dataset.visual(item.visual)
        place = tuple(positions(encode(vlm, [visual], [asked]), 0, "subject", vlm))
        beliefs.append(sweep_full(vlm, visual, asked, [Intervention(3, place, torch.tensor(added).float())])[1].d)
    assert row["d_after"] == pytest.approx(np.mean(beliefs), abs=1e-5)


def test_the_change_is_that_of_a_plain_forward_pass_with_so_many_axes_added(dataset, ids, tmp_path):
    table, vlm = moved(dataset, ids, tmp_path, draws=0, tokens=("reference",)), tiny.llava()
    for row in table[(table["arm"] == "axis") & (table["layer"] == 3)].itertuples():
        item = next(item for item in dataset.items() if item.id == row.item)
        beliefs = []
        for order in (0, 1):
            asked, visual = question(item, order), dataset.visual(item.visual)
            place = positions(encode(vlm, [visual], [asked]), 0, "reference", vlm)
            added = torch.tensor(row.displacement * ids[3].axes[0], dtype=torch.float32)
            beliefs.append(sweep_full(vlm, visual, asked, [Intervention(3, tuple(place), added)])[1].d)
        assert row.d_after == pytest.approx(np.mean(beliefs), abs=1e-5)
    assert table["delta"].abs().max() > 1e-3


def test_an_exchange_moves_each_noun_by_its_dose_of_the_gap_towards_the_other(dataset, ids, tmp_path):
    table, vlm = moved(dataset, ids, tmp_path, draws=0, exchange=(-0.5, 1.0)), tiny.llava()
    assert set(table["tokens"]) == {"subject+reference"} and set(table["dose"]) == {-0.5, 1.0}
    np.testing.assert_allclose(table["displacement"], -table["dose"] * table["gap"])
    for row in table[(table["arm"] == "axis") & (table["layer"] == 3)].itertuples():
        item = next(item for item in dataset.items() if item.id == row.item)
        beliefs = []
        for order in (0, 1):
            asked, visual = question(item, order), dataset.visual(item.visual)
            prompt = encode(vlm, [visual], [asked])
            added = torch.tensor(row.displacement * ids[3].axes[0], dtype=torch.float32)
            one, other = (tuple(positions(prompt, 0, role, vlm)) for role in ("subject", "reference"))
            edits = [Intervention(3, one, added), Intervention(3, other, -added)]
            beliefs.append(sweep_full(vlm, visual, asked, [edits])[1].d)
        assert row.d_after == pytest.approx(np.mean(beliefs), abs=1e-5)
    assert table["delta"].abs().max() > 1e-3


def test_what_is_exchanged_whole_lies_in_the_picture_and_has_the_other_answer(dataset, ids, tmp_path):
    table = moved(dataset, ids, tmp_path, draws=0, exchange=(-1.0, 0.25, 1.0))
    whole, apart = table[table["dose"] == 1], table[table["dose"] == -1]
    assert (
        whole["inside"].all() and (whole["truth_after"] != whole["answer"]).all() and (whole["truth_after"] != "").all()
    )
    assert (apart["truth_after"] == apart["answer"]).all() and set(table["kind"]) == {"left-right"}
    alone = moved(dataset, ids, tmp_path / "alone", draws=0)
    assert alone["dose"].isna().all(), "no dose where nothing is exchanged"


def things(*places) -> dict:
    names = ("subject", "reference", "third")
    return {name: Thing(name, x, y) for name, (x, y) in zip(names, places, strict=False)}


def test_gap_and_truth_are_those_of_the_things_where_they_would_be():
    item = Item("a", "i", "left-right", things((20, 50), (60, 50)), "left", "right", width=100, height=100)
    assert gap(item, "column", 4) == pytest.approx(-1.6) and gap(item, "row", 4) == 0
    answers = {by: displaced(item, {"subject": by}, "column", 4).answer for by in (-1, 0.5, 1.5, 2, 3)}
    assert answers == {-1: "left", 0.5: "left", 1.5: "", 2: "", 3: "right"}
    assert displaced(item, {"reference": -3}, "column", 4).answer == "right"
    assert displaced(item, {"subject": 3, "reference": 3}, "column", 4).answer == "left"
    assert displaced(item, {"subject": 3}, "row", 4).answer == "left"


def test_in_time_a_thing_is_moved_by_frames_and_the_order_is_that_of_the_displaced_things():
    seen = {"subject": Thing("cat", 9, 9, frames=(1, 2)), "reference": Thing("dog", 9, 9, frames=(5,))}
    item = Item("a", "i", "before-after", seen, "before", "after", width=20, height=20)
    assert gap(item, "frame", 8) == -4 and place(seen["reference"], item, "frame", 8) == 5.5
    answers = {by: displaced(item, {"subject": by}, "frame", 8).answer for by in (-1, 3, 3.5, 4, 4.5, 5)}
    assert answers == {-1: "before", 3: "before", 3.5: "", 4: "", 4.5: "", 5: "after"}
    assert displaced(item, {"reference": -6}, "frame", 8).answer == "after"
    both = displaced(item, {"subject": 2, "reference": 2}, "frame", 8)
    assert both.answer == "before" and [thing.frames for thing in both.things.values()] == [(3, 4), (7,)]
    across = displaced(item, {"subject": 3}, "column", 4)
    assert across.answer == "before" and across.things["subject"].frames == (1, 2) and across.things["subject"].x == 24


def test_motion_in_height_leaves_depth_and_sides_as_they_were():
    for kind, answer in (("front-behind", "behind"), ("left-right", "left")):
        item = Item("a", "i", kind, things((20, 50), (34, 50)), answer, "", width=100, height=100)
        moved = [displaced(item, {"subject": by}, "row", 4) for by in (-2, 3)]
        assert [each.answer for each in moved] == [answer] * 2 and [each.things["subject"].y for each in moved] == [
            0,
            125,
        ]
        assert gap(moved[0], "row", 4) == pytest.approx(-2)


def test_near_far_and_in_between_are_scored_by_their_rule():
    near = Item("a", "i", "near-far", things((20, 50), (40, 50)), "near", "far", width=100, height=100)
    assert [displaced(near, {"subject": by}, "column", 4).answer for by in (0, -1, 3.2)] == ["near", "", "far"]
    ends = Item("b", "i", "in-between", things((10, 50), (30, 50), (90, 50)), "no", "yes", width=100, height=100)
    assert [displaced(ends, {"subject": by}, "column", 4).answer for by in (0, 2, 5)] == ["no", "yes", "no"]
    assert gap(ends, "column", 4) == pytest.approx(-2)


def test_what_leaves_the_picture_is_said(dataset, ids, tmp_path):
    table = moved(dataset, ids, tmp_path, draws=0, displacements=(-4.0, -0.1, 4.0))
    assert not table.loc[table["displacement"].abs() == 4, "inside"].any()
    assert table.loc[table["displacement"] == -0.1, "inside"].all()


def test_in_between_is_moved_along_the_line_of_its_neighbours(dataset, ids, tmp_path):
    table = moved(dataset, ids, tmp_path, kind="in-between", coordinate="neighbours", draws=0)
    axes = table.drop_duplicates("image").set_index("image")["axis"]
    assert axes.to_dict() == {"0": "vertical", "1": "vertical", "2": "vertical"}
    with pytest.raises(LinmechError, match="displacing.experiments.e.coordinate is 'frame'"):
        moved(dataset, ids, tmp_path / "x", coordinate="frame")


def test_on_a_model_whose_ids_are_known_answers_turn_exactly_where_the_gap_is_made_up_for(tmp_path):
    plant = planted.plant(2, ("frog", "car"))
    draw, shown = np.random.default_rng(0), []
    for number in range(8):
        one, two = draw.permutation(4)[:2].tolist()
        rows = draw.integers(4, size=2).tolist()
        where = [(12 * column + 6, 12 * row + 6) for column, row in zip((one, two), rows, strict=True)]
        asked = Query("left-right", 0, 1, -1, *(("left", "right") if one < two else ("right", "left")))
        stimulus = pair(f"{number}", ("frog", "car"), where, asked)
        shown.append((stimulus, planted.paint((one, rows[0]), (two, rows[1]))))
    column, row = np.indices((4, 4))[..., None] - 1.5
    grid = column * plant.W[0].numpy() + row * plant.W[1].numpy()
    ids = {2: Ids(grid, grid, grid, axes_of(grid), 2, "planted")}
    steps = tuple(float(step) for step in np.arange(-8, 8.5) if step)
    settings = Settings("e", displacements=steps, draws=0)
    found = photographed(tmp_path / "pairs", shown)
    table = displace(plant.vlm, found, ids, settings, Progress(tmp_path / "p", "k"))
    table = table[table["arm"] == "axis"]
    curves = {
        item: crossing(np.r_[0, part["displacement"]], np.r_[part["d_before"].iloc[0], part["d_after"]])
        for item, part in table.groupby("item")
    }
    gaps = table.drop_duplicates("item").set_index("item")["gap"]
    # the planted readout adds the two nouns' columns, so an answer turns where the moved one cancels the other
    wanted = np.array([-(2 * place_sum(found, item)) for item in curves])
    assert np.isfinite(list(curves.values())).mean() > 0.5 and len(gaps) == 8
    assert calibrated(wanted, np.array(list(curves.values()))).r > 0.9


def place_sum(dataset, name: str) -> float:
    item = next(item for item in dataset.items() if item.id == name)
    return float(np.mean([thing.x / 12 - 2 for thing in item.things.values()]))
