"""Laws of Figure A16: the cross effects that were put in come out, at the layer of the explored images."""

import pandas as pd
import pytest
from test_fig7 import GOOD, table_of

from figure_tools import bytes_of, cut_off, silent
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import figa16, marks

CROSSED = {
    "left-right-by-column": 1.0, "left-right-by-row": 0.0, "above-below-by-row": 1.0, "above-below-by-column": 0.25,
}  # fmt: skip


def tables_in(folder, models=("tiny",), layers=(1, GOOD)):
    """Tables of above/below by row, whose effects are shrunk to those of CROSSED."""
    found = {}
    for experiment, share in CROSSED.items():
        paths = [table_of(folder, "above-below-by-row", model=model, layers=layers) for model in models]
        found[experiment] = []
        for path in paths:
            kind, axis = experiment.split("-by-")
            table = pd.read_parquet(path).assign(experiment=experiment, kind=kind)
            table["axis"] = {"column": "horizontal", "row": "vertical"}[axis]
            table["delta"] *= share
            table["d_after"] = table["d_before"] + table["delta"]
            own = folder / "across" / experiment / path.name
            own.parent.mkdir(parents=True, exist_ok=True)
            table.to_parquet(own)
            found[experiment].append(own)
    return found


def depths_in(folder, models=("tiny",)):
    return [table_of(folder, "depths", model=model, layers=range(4)) for model in models]


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def row_of(folder):
    tables = tables_in(folder)
    read = {name: ruler.read_displaced(paths, name) for name, paths in tables.items()}
    chance = {name: ruler.read_displaced(tables[name], name, chance=True) for name, _ in figa16.QUESTIONS.values()}
    return figa16.make_row("tiny", GOOD, marks.same_scenes(read), chance, 0)


def test_the_other_axis_has_the_share_of_the_own_that_was_put_in(tmp_path):
    row = row_of(tmp_path)
    ratios = row.ratios.set_index("kind")["estimate"]
    assert ratios.to_dict() == pytest.approx({"left-right": 0.0, "above-below": 0.25})
    cells = row.cells.set_index(["kind", "axis", "arm"])["estimate"]
    assert cells["left-right", "horizontal", "axis"] == pytest.approx(-1)
    assert cells["above-below", "horizontal", "axis"] == pytest.approx(-0.25)
    assert (cells.xs("noise", level="arm") == 0).all()


def test_the_csv_has_every_mark_of_every_model_at_the_layer_chosen(tmp_path):
    models = ("a", "b")
    figa16.plot(tables_in(tmp_path, models), depths_in(tmp_path, models), **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert (csv["layer"] == GOOD).all() and csv.groupby("model").size().to_dict() == {"a": 10, "b": 10}
    assert csv["low"].notna().all() and (csv["images"] == 10).all()
    first = bytes_of(outputs_in(tmp_path))
    figa16.plot(tables_in(tmp_path, models), depths_in(tmp_path, models), **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_no_text_is_cut_off_and_what_does_not_move_is_said(tmp_path):
    row = row_of(tmp_path)
    with plotting.style():
        figure = figa16.draw([row, row, row])
        assert cut_off(figure) == [] and silent(figure) == []
    still = row.ratios.assign(moves=False).iloc[0]
    assert figa16.ratio_text(still) == "its own axis does not move it"
