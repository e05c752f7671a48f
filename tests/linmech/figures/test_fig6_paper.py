"""Laws of the supplement to Figure 6: every mark is a row of its csv, counted, with its interval and its sign."""

import itertools

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import fig6_paper as fig6
from linmech.figures import style as plotting
from moved_tables import ARMS, EXPERIMENTS, steering_table


@pytest.fixture
def outputs(tmp_path):
    return {name: tmp_path / f"figure.{name}" for name in ("pdf", "png", "csv")}


@pytest.fixture
def steered(tmp_path):
    paths = {name.replace("-", "_"): [steering_table(tmp_path, name)] for name in EXPERIMENTS}
    return paths | {"layers": [steering_table(tmp_path, "layers", items=1, layers=range(5))]}


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory):
    """Figure 6, drawn once: the tables, the outputs and the csv."""
    folder = tmp_path_factory.mktemp("fig6")
    paths = {name.replace("-", "_"): [steering_table(folder, name)] for name in EXPERIMENTS}
    paths |= {"layers": [steering_table(folder, "layers", items=1, layers=range(5))]}
    outputs = {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}
    fig6.plot(**paths, **outputs, dpi=50)
    return paths, outputs, pd.read_csv(outputs["csv"])


@pytest.mark.parametrize("models", [("tiny",), ("tiny", "other")])
def test_no_text_of_fig6_is_cut_off_and_every_panel_counts_its_items(models, tmp_path):
    panels = {model: [] for model in models}
    for model, experiment in itertools.product(models, EXPERIMENTS):
        table = fig6.read_tables([steering_table(tmp_path, experiment, model=model)], experiment)
        panels[model] += fig6.make_panels(table, experiment, 0)
    with plotting.style():
        figure = fig6.draw(panels)
        assert cut_off(figure) == [] and silent(figure) == []
    assert all("undecided" in axis.get_title(loc="left") for axis in figure.axes)
    rows = {axis.get_subplotspec().rowspan.start for axis in figure.axes}
    scales = {(axis.get_subplotspec().rowspan.start, axis.get_ylim()) for axis in figure.axes}
    assert len(scales) == len(rows), "a row has one scale in all models"


def test_fig6_is_the_same_bytes_again(drawn_once, outputs):
    paths, once, _ = drawn_once
    fig6.plot(**paths, **outputs, dpi=50)
    assert bytes_of(outputs) == bytes_of(once)


def test_fig6_csv_has_a_row_per_mark_with_its_counts(drawn_once):
    table = drawn_once[2]
    marks = table.groupby("panel").size().to_dict()
    arms = len(ARMS)
    assert marks == {"A": arms * 2 * 5, "B": 2 * arms * 4, "C": 2 * arms * 4, "D": 2 * arms * 4, "E": arms * 2 * 2}
    left = table[(table["panel"] == "B") & (table["split"] == "true answer: left")]
    assert set(left["items"]) == {3} and set(left["undecided"]) == {1} and set(left["layers"]) == {"2, 3"}
    assert (table["low"].isna() | ((table["low"] <= table["estimate"]) & (table["estimate"] <= table["high"]))).all()


def test_delta_is_after_minus_before_of_first_minus_second(drawn_once):
    table = drawn_once[2]
    ids = table[(table["panel"] == "B") & (table["arm"] == "ids")]
    for _, line in ids.groupby("split"):
        np.testing.assert_allclose(line.sort_values("target")["estimate"], [3, 1, -1, -3], atol=0.03)
    controls = table[(table["panel"] == "B") & (table["arm"] != "ids")]
    assert (controls["estimate"].abs() < 0.03).all()


def test_the_csv_says_how_many_items_turned_round(drawn_once):
    marks = drawn_once[2].query("experiment == 'left-right'")
    turned = marks.query("arm == 'ids' and target == 3").set_index("split")["turned"]
    assert turned.to_dict() == {"true answer: left": 1.0, "true answer: right": 0.0}
    assert (marks.query("arm != 'ids'")["turned"] == 0).all()


def test_what_is_drawn_in_fig6_is_what_the_csv_says(steered):
    table = fig6.read_tables(steered["left_right"], "left-right")
    panel = next(iter(fig6.make_panels(table, "left-right", 0)))
    axis = plotting.new_figure(3.0, 2.0).add_subplot()
    fig6.draw_panel(axis, panel)
    drawn = [tuple(np.round(np.asarray(line.get_ydata(), float), 9)) for line in axis.lines]
    for _, marks in panel.marks.groupby("arm"):
        assert tuple(np.round(marks.sort_values("x")["estimate"], 9)) in drawn


def test_in_between_counts_targets_from_the_subjects_own_side(steered):
    table = fig6.read_tables(steered["in_between"], "in-between")
    mirrored = table["target"].where(table["side"] == "left", 3 - table["target"])
    table["delta"] = np.where(table["arm"] == "ids", mirrored, 0.0)
    for panel in fig6.make_panels(table, "in-between", 0):
        ids = panel.marks[panel.marks["arm"] == "ids"].sort_values("x")
        np.testing.assert_allclose(ids["estimate"], [0, 1, 2, 3])


def test_one_item_shows_the_spread_over_draws_and_says_so(steered):
    table = fig6.read_tables(steered["layers"], "layers")
    marks = next(iter(fig6.make_panels(table, "layers", 0))).marks
    noise, ids = (marks[marks["arm"] == arm] for arm in ("noise", "ids"))
    np.testing.assert_allclose(noise["high"] - noise["low"], 0.6)
    assert set(noise["interval"]) == {"1 sd over draws"} and set(ids["interval"]) == {"none"}
    assert ids["low"].isna().all()


def test_a_table_without_rows_is_an_error_that_names_it(steered, outputs):
    path = steered["near_far"][0]
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*no items"):
        fig6.plot(**steered, **outputs)
    assert not any(file.exists() for file in outputs.values())


def test_a_table_without_a_column_or_of_another_experiment_is_an_error(steered):
    path = steered["left_right"][0]
    with pytest.raises(LinmechError, match="not 'near-far'"):
        fig6.read_tables([path], "near-far")
    pd.read_parquet(path).drop(columns="side").to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*'side'"):
        fig6.read_tables([path], "left-right")


def test_several_strengths_where_a_panel_shows_one_are_an_error(steered):
    path = steered["left_right"][0]
    table = pd.read_parquet(path)
    pd.concat([table, table.assign(strength=1.0)]).to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*several strengths"):
        fig6.read_tables([path], "left-right")
