"""Laws of diagnosing: the plain model's numbers where nothing is done, boxes that meet nothing, places put in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tiny
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.experiments.arms import relabellings
from linmech.experiments.choosing import matched
from linmech.experiments.clean import towards_truth
from linmech.experiments.diagnosing import (
    ARMS,
    COLUMNS,
    Settings,
    at_nouns,
    diagnose,
    injection,
    margin,
    margins_of,
    masks,
    meets,
)
from linmech.experiments.progress import Progress
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.ids.places import id_at, span
from linmech.models.encoding import encode
from linmech.models.position_tables import repositioned, side_of
from linmech.stimuli.items import Item, Thing, question
from linmech.stimuli.layouts.stimulus import Query
from stored import pair, photographed

ASKED = Query("left-right", 0, 1, -1, "left", "right")
SETTINGS = Settings("x", masks=3, items=0)
LAYERS = (0, 2)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    made = [pair(f"{n}", ("frog", "car"), [(10, 20), (36, 24)], ASKED) for n in range(3)]
    shown = [(stimulus, tiny.image(n)) for n, stimulus in enumerate(made)]
    return photographed(tmp_path_factory.mktemp("diagnosed") / "pairs", shown)


def ids_at(layer: int) -> Ids:
    draw = np.random.default_rng(layer)
    axes = draw.normal(size=(2, tiny.HIDDEN)) * 3
    column, row = np.indices((4, 4)) - 1.5
    cells = column[..., None] * axes[0] + row[..., None] * axes[1]
    nouns = {noun: draw.normal(size=tiny.HIDDEN) for noun in tiny.NOUNS}
    return Ids(cells, cells, cells, axes_of(cells), layer, "tiny", nouns=nouns)


IDS = {layer: ids_at(layer) for layer in LAYERS}


@pytest.fixture(scope="module")
def table(dataset, tmp_path_factory):
    return diagnose(tiny.llava(), dataset, IDS, SETTINGS, Progress(tmp_path_factory.mktemp("p"), "k"))


def test_the_table_has_a_row_per_layer_two_of_masks_and_one_per_layer_and_arm(table):
    assert list(table) == COLUMNS and table.groupby("item").size().eq(len(LAYERS) * (1 + len(ARMS)) + 2).all()
    bound = table[table["what"] == "bound"]
    assert (bound["delta"] == 0).all() and bound[["margin", "true_margin"]].notna().all().all()
    assert table["gap"].to_numpy() == pytest.approx(4 * (10 - 36) / 48)
    assert table.loc[table["what"] != "bound", "margin"].isna().all()
    masked = table[table["what"] == "masked"]
    assert (
        set(masked["arm"]) == {"inside", "outside"} and (masked["draws"] == 3).all() and (masked["delta_abs"] > 0).all()
    )
    # IDs that are linear say the true gap: both points lie between the outermost centres
    assert bound["true_margin"].to_numpy() == pytest.approx(4 * (10 - 36) / 48)


def test_relabelled_ids_read_the_same_residuals_and_nothing_else_changes(table, dataset, tmp_path):
    settings = replace(SETTINGS, relabellings=3)
    whole = diagnose(tiny.llava(), dataset, IDS, settings, Progress(tmp_path / "p", "k"))
    runs = whole[whole["relabelling"] > 0]
    pd.testing.assert_frame_equal(whole[whole["relabelling"] == 0].reset_index(drop=True), table)
    assert set(runs["arm"]) == {"relabelled"} and set(runs["what"]) == {"bound"}
    assert len(runs) == 3 * len(LAYERS) * table["item"].nunique() and (runs["delta"] == 0).all()
    item, vlm = next(iter(dataset.items())), tiny.llava()
    *_, grid = relabellings(IDS[2], 2, runs=3, seed=0)
    other = replace(IDS[2], ids_train=grid, axes=axes_of(grid))
    held = []
    for order in (0, 1):
        pictures = [dataset.visual(item.visual, change) for change in ("", "blank")]
        own, base = (at_nouns(vlm, encode(vlm, [each], [question(item, order)]), [2])[2] for each in pictures)
        held.append(margins_of(other, own - base, item, SETTINGS))
    row = runs[(runs["item"] == item.id) & (runs["layer"] == 2) & (runs["relabelling"] == 3)].iloc[0]
    for name in ("margin", "true_margin"):
        assert row[name] == pytest.approx(np.mean([each[name] for each in held]), rel=1e-4)


def test_a_tower_told_mirrored_positions_answers_and_reads_as_if_it_were_such_a_tower(table, dataset, tmp_path):
    vlm = tiny.llava()
    whole = diagnose(vlm, dataset, IDS, replace(SETTINGS, repositioned=True), Progress(tmp_path / "p", "k"))
    told = whole[whole["what"] == "repositioned"]
    pd.testing.assert_frame_equal(whole[whole["what"] != "repositioned"].reset_index(drop=True), table)
    assert set(told["arm"]) >= {"mirrored"} and told.groupby(["item", "arm"]).size().eq(len(LAYERS)).all()
    item, side = next(iter(dataset.items())), side_of(vlm)
    with repositioned(vlm, np.arange(side**2).reshape(side, side)[:, ::-1].copy()):
        alone = [
            beliefs(vlm, encode(vlm, [dataset.visual(item.visual)], [question(item, order)]))[0].d for order in (0, 1)
        ]
    row = told[(told["item"] == item.id) & (told["arm"] == "mirrored") & (told["layer"] == 2)].iloc[0]
    assert row["d_after"] == pytest.approx(np.mean(alone), abs=1e-4) and row["delta"] != 0
    plain = table[(table["item"] == item.id) & (table["what"] == "bound") & (table["layer"] == 2)].iloc[0]
    assert row["true_margin"] == plain["true_margin"] and row["margin"] != plain["margin"]


def test_the_clean_belief_is_the_plain_models(table, dataset):
    for item in dataset.items():
        vlm = tiny.llava()
        plain = [
            beliefs(vlm, encode(vlm, [dataset.visual(item.visual)], [question(item, order)]))[0].d for order in (0, 1)
        ]
        assert table.loc[table["item"] == item.id, "d_before"].iloc[0] == pytest.approx(np.mean(plain), abs=1e-4)


@pytest.mark.parametrize("arm", ARMS)
def test_what_is_injected_is_what_the_nouns_then_say(arm, dataset):
    vlm, item = tiny.llava(), dataset.items()[0]
    prompt = encode(vlm, [dataset.visual(item.visual)], [question(item)])
    for layer, ids in IDS.items():
        own = at_nouns(vlm, prompt, IDS)[layer]
        edit = injection(vlm, prompt, own, ids, item, arm, SETTINGS)
        assert edit.layer == layer and edit.mode == "add" and list(edit.positions) == sorted(edit.positions)
        after = own + edit.vector.numpy()  # the subject stands before the reference in this question
        middles = np.stack([ids.nouns[item.things[role].noun] for role in ("subject", "reference")])
        said, basis = after - middles, span(ids.ids_train)
        wanted = {
            "true": [(10, 20), (36, 24)], "exchanged": [(36, 24), (10, 20)], "nowhere": None, "shuffled": None,
        }[arm]  # fmt: skip
        if wanted:
            there = np.stack([id_at(ids.ids_train, x / 48, y / 48) for x, y in wanted])
            np.testing.assert_allclose(said @ basis.T, there @ basis.T, atol=1e-3)
            sign = 1 if arm == "exchanged" else -1
            assert margin(ids, said, "column") == pytest.approx(sign * 4 * 26 / 48, abs=1e-3)
        elif arm == "nowhere":
            np.testing.assert_allclose(said @ basis.T, 0, atol=1e-3)
        np.testing.assert_allclose(after - after @ basis.T @ basis, own - own @ basis.T @ basis, atol=1e-3)


def test_masks_are_about_the_subject_or_meet_no_object_and_lie_in_the_picture():
    things = {
        "subject": Thing("frog", 20, 20, box=(10, 12, 30, 28)),
        "reference": Thing("car", 70, 50, box=(60, 40, 80, 60)),
    }
    item = Item("a", "a", "left-right", things, "left", "right", width=100, height=80)
    found = list(masks(item, Settings("x", masks=8)))
    assert [arm for arm, _ in found] == ["inside"] * 8 + ["outside"] * 8 and found == list(
        masks(item, Settings("x", masks=8))
    )
    for arm, box in found:
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((20, 16))
        assert min(box[:2]) >= 0 and box[2] <= 100 and box[3] <= 80
        assert meets(box, things["subject"].box) == (arm == "inside") and not meets(box, things["reference"].box)
    assert len({box for _, box in found}) == 16


def test_where_there_is_no_room_outside_no_mask_is_there():
    things = {
        "subject": Thing("frog", 50, 40, box=(10, 5, 90, 75)),
        "reference": Thing("car", 95, 5, box=(92, 2, 98, 8)),
    }
    item = Item("a", "a", "left-right", things, "left", "right", width=100, height=80)
    assert {arm for arm, _ in masks(item, SETTINGS)} == {"inside"}


def test_items_without_boxes_and_unknown_coordinates_are_told(dataset, tmp_path, monkeypatch):
    with pytest.raises(LinmechError, match="diagnosing.experiments.x.coordinate is 'frame'"):
        diagnose(tiny.llava(), dataset, IDS, Settings("x", coordinate="frame"), Progress(tmp_path, "k"))
    bare = [replace(i, things={r: replace(t, box=None) for r, t in i.things.items()}) for i in dataset.items()]
    monkeypatch.setattr(type(dataset), "items", lambda self, kind="": bare)
    with pytest.raises(LinmechError, match="has no boxes; name a data set that has"):
        diagnose(tiny.llava(), dataset, IDS, SETTINGS, Progress(tmp_path, "k"))


def test_without_a_picture_as_baseline_margins_are_counted_from_the_text_alone(dataset, tmp_path, table):
    text = diagnose(tiny.llava(), dataset, IDS, replace(SETTINGS, baseline="text"), Progress(tmp_path, "k"))
    one, other = (t[t["what"] == "bound"] for t in (text, table))
    assert (one["margin"].to_numpy() != other["margin"].to_numpy()).any()
    assert (one["true_margin"].to_numpy() == other["true_margin"].to_numpy()).all()


def test_matched_items_are_wrong_and_right_ones_of_like_gaps():
    def item(name, gap):
        things = {"subject": Thing("frog", 20, 20), "reference": Thing("car", 20 + gap, 20)}
        return Item(name, name, "left-right", things, "left", "right", width=100, height=100)

    items = [item(f"{n}", gap) for n, gap in enumerate((10, 30, 60, 11, 29, 61, 62, 90))]
    toward = np.array([-1.0, -1, -1, 1, 1, 1, 1, 1])
    assert [each.id for each in matched(items, toward, 6, 0)] == ["0", "1", "2", "3", "4", "5"]
    two = matched(items, toward, 2, 0)
    assert len(two) == 2 and two[0].id in "012" and two[1].id == {"0": "3", "1": "4", "2": "5"}[two[0].id]
    assert two == matched(items, toward, 2, 0)


def test_fewer_wrong_answers_than_wanted_are_told(capsys):
    assert matched([], np.zeros(0), 4, 0, "diagnosing.experiments.x") == []
    assert "diagnosing.experiments.x: 4 items are wanted; 0 answers are wrong" in capsys.readouterr().out


def test_clean_beliefs_are_towards_the_truth(dataset):
    items = dataset.items()
    toward = towards_truth(tiny.llava(), dataset, items)
    other = towards_truth(
        tiny.llava(), dataset, [replace(each, answer=each.other, other=each.answer) for each in items]
    )
    assert toward == pytest.approx(-other) and (np.abs(toward) > 1e-3).all()
