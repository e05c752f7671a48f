"""Laws of Figure 6: where beliefs move as they should, slope and shares are 1, and the page shows the csv."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import fig6, fig6_paper, ruler_marks, ruler_panels
from linmech.figures import style as plotting
from moved_tables import GOOD, displaced_table, steering_table


def tables_of(folder, models=("tiny",), **how):
    """The tables of every experiment and of the paper's steering, of several models."""
    layers = {name: range(5) if name == "depths" else (GOOD,) for name in fig6.EXPERIMENTS}
    tables = {
        name: [displaced_table(folder, name, layers=layers[name], model=model, **how) for model in models]
        for name in fig6.EXPERIMENTS
    }
    return tables, [steering_table(folder, "left-right", model=model) for model in models]


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory):
    """Figure 6 of two models, drawn once: its outputs and its csv."""
    folder = tmp_path_factory.mktemp("fig6")
    outputs = outputs_in(folder)
    fig6.plot(*tables_of(folder, ("tiny", "other")), **outputs, dpi=50)
    return outputs, pd.read_csv(outputs["csv"])


def test_an_endless_interval_of_a_slope_is_cut_and_said_to_be_and_every_slope_is_seen():
    known = {"slope": 1.0, "slope_low": 0.5, "slope_high": 1.5, "within": 0.8, "within_low": 0.2, "within_high": 1.4}
    known |= {"items": 8, "right": 0.75, "right_low": 0.4, "right_high": 0.9}
    slopes = pd.DataFrame([known | {"layer": 3}, known | {"layer": 4, "within": -5.0, "within_low": -600.0}])
    for table, reach in ((slopes, 5.5), (slopes[:1], None)):
        axis = plotting.new_figure(2, 2).subplots()
        ruler_panels.draw_slopes(axis, table, 3)
        low, high = axis.get_ylim()
        assert [text.get_text() for text in axis.texts] == ["long intervals are cut"] * (reach is not None)
        assert low == (pytest.approx(-reach) if reach else 0) and high >= 1.4


@pytest.fixture
def block(tmp_path):
    tables, steered = tables_of(tmp_path)
    read = {name: ruler_marks.read_displaced(paths, name) for name, paths in tables.items()}
    return fig6.make_block("tiny", read, fig6_paper.read_tables(steered, "left-right"), 0)


def test_in_a_calibrated_world_the_slope_is_one_and_every_answer_follows_the_rule(block):
    fit = block.fits.iloc[0]
    assert (fit["slope"], fit["r"], fit["error"]) == pytest.approx((1, 1, 0), abs=1e-6)
    assert (fit["slope_low"], fit["slope_high"]) == pytest.approx((1, 1), abs=1e-6)
    own = block.answers[block.answers["arm"] == "axis"]
    assert {"turn", "stay"} == set(own["need"]) and (own["estimate"] == 1).all()
    noise = block.answers[block.answers["arm"] == "noise"].set_index("need")["estimate"]
    assert (noise["turn"] == 0).all() and (noise["stay"] == 1).all()


def test_beliefs_that_move_half_as_far_have_a_slope_of_two(tmp_path):
    table = ruler_marks.read_displaced([displaced_table(tmp_path, "left-right", slope=2.0)], "left-right")
    fit = ruler_marks.calibration(ruler_marks.crossings(table), 0)
    assert fit["slope"] == pytest.approx(2) and fit["slope_low"] <= 2 <= fit["slope_high"]


def test_crossings_that_know_the_side_alone_have_no_slope_within_it():
    draw, side = np.random.default_rng(0), np.repeat([-1.0, 1.0], 40)
    far = draw.uniform(1, 3, size=(2, 80))
    points = {
        "true": side * far[0],
        "crossing": side * far[1],
        "image": range(80),
        "item": range(80),
        "right": side > 0,
    }
    points = pd.DataFrame(points)
    fit = ruler_marks.calibration(points, 0)
    assert fit["slope"] > 0.7 and fit["within_low"] < 0 < fit["within_high"] and abs(fit["within"]) < 0.3
    fit = ruler_marks.calibration(points.assign(crossing=points["true"]), 0)
    assert (fit["slope"], fit["within"]) == pytest.approx((1, 1))


def test_the_layer_is_chosen_by_the_explored_images_alone(block, tmp_path):
    depths = ruler_marks.read_displaced([displaced_table(tmp_path, "depths", layers=range(5))], "depths")
    assert block.layer == ruler_marks.chosen_layer(depths, range(5)) == GOOD
    with pytest.raises(LinmechError, match="scores no layer"):
        ruler_marks.chosen_layer(depths, [7])


def test_what_is_outside_the_picture_or_unclear_is_not_scored(tmp_path):
    table = ruler_marks.read_displaced([displaced_table(tmp_path, "left-right")], "left-right")
    scored = ruler_marks.scored(table)
    assert 0 < len(scored) < len(table)
    assert scored["inside"].all() and (scored["truth_after"] != "").all()


@pytest.mark.parametrize("models", [("tiny",), ("tiny", "other")])
def test_no_text_is_cut_off(models, tmp_path):
    tables, steered = tables_of(tmp_path, models)
    for model in models:
        read = {name: ruler_marks.read_displaced(paths, name) for name, paths in tables.items()}
        part = {name: table[table["model"] == model] for name, table in read.items()}
        alg2 = fig6_paper.read_tables(steered, "left-right")
        with plotting.style():
            made = fig6.make_block(model, part, alg2[alg2["model"] == model], 0)
            figure = fig6.draw(made, fig6.reach_of([made]))
            assert cut_off(figure) == [] and silent(figure) == []


def test_the_csv_tells_every_panel_of_every_model_with_its_counts(drawn_once):
    _, csv = drawn_once
    assert set(csv["panel"]) == set("ABCDE") and set(csv["model"]) == {"tiny", "other"}
    assert (csv["chosen_layer"] == GOOD).all()
    shares = csv[csv["need"].notna()]
    assert (shares["items"] > 0).all() and (shares["interval"] == ruler_marks.INTERVAL).all()
    assert (csv.groupby("model").size() == len(csv) / 2).all()


def test_what_is_drawn_is_what_the_csv_says(block):
    with plotting.style():
        figure = fig6.draw(block, fig6.reach_of([block]))
    shares, crossed = figure.axes[0], figure.axes[2]
    drawn = np.sort(np.concatenate([line.get_ydata() for line in shares.lines if len(line.get_xdata()) == 5]))
    np.testing.assert_allclose(drawn, np.sort(block.depths["estimate"]))
    points = np.concatenate([np.asarray(each.get_offsets()) for each in crossed.collections])
    expected = block.points[["true", "crossing"]].dropna().to_numpy()
    np.testing.assert_allclose(points[np.lexsort(points.T)], expected[np.lexsort(expected.T)])


def test_the_papers_panels_have_one_scale_in_all_models_and_no_mark_lies_beyond(block):
    tall = dataclasses.replace(block.paper[0], marks=block.paper[0].marks.assign(high=40.0))
    low, high = reach = fig6.reach_of([block, dataclasses.replace(block, model="other", paper=[tall])])
    marks = pd.concat([panel.marks for panel in block.paper])
    assert low < marks["low"].min() and high > 40 and (low, high) != fig6.reach_of([block])
    with plotting.style():
        axes = [axis for axis in fig6.draw(block, reach).axes if axis.get_xlabel() == "target column"]
    assert len(axes) == len(block.paper) and {axis.get_ylim() for axis in axes} == {reach}


def test_it_is_the_same_bytes_again(drawn_once, tmp_path):
    outputs, _ = drawn_once
    fig6.plot(*tables_of(tmp_path, ("tiny", "other")), **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == bytes_of(outputs)


def test_tables_that_cannot_be_drawn_are_named(tmp_path):
    path = displaced_table(tmp_path, "left-right")
    with pytest.raises(LinmechError, match=r"left-right/tiny.parquet: holds experiment 'left-right', not 'near-far'"):
        ruler_marks.read_displaced([path], "near-far")
    with pytest.raises(LinmechError, match="name at least one model"):
        ruler_marks.read_displaced([], "near-far")
    pd.read_parquet(path).drop(columns="gap").to_parquet(path)
    with pytest.raises(LinmechError, match="tiny.parquet: no column 'gap': delete the file and run displace_model"):
        ruler_marks.read_displaced([path], "left-right")
    displaced_table(tmp_path, "left-right", items=0)
    with pytest.raises(LinmechError, match=r"holds no items: raise displacing.experiments.left-right.items"):
        ruler_marks.read_displaced([path], "left-right")
