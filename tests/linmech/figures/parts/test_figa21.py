"""Laws of Figure A21: marks are the csv's, the paper's numbers stand at its own models, nothing is cut off."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.diagnosis.marks import read_diagnosed
from linmech.figures.parts import figa21


def table(model="tiny", blind=False):
    """Layer 2 is the one that other objects reproduce best."""
    rows = []
    for layer, quality in ((0, np.nan), (1, 0.5), (2, 0.9)):
        for number, design in enumerate(figa21.DESIGNS):
            if np.isnan(quality) and design != "own":
                continue
            for draw in range(1 if design == "own" else 4):
                for rank in figa21.RANKS:
                    value = np.nan if blind else quality - 0.4 * number + 0.01 * draw
                    known = {"layer": layer, "design": design, "draw": draw, "rank": rank, "reproduced": quality}
                    rows.append(known | {"in_sample": value, "left_out": value - 0.1})
    return pd.DataFrame(rows).assign(model=model, positions="table", cells=64)


def moved(folder, model="tiny", follows=True, layers=(0, 1, 2)):
    """A table of diagnosing: what is told other positions turns the answers and the margins, or neither."""
    rows = []
    for number in range(12):
        known = {"item": f"{number}", "image": f"{number}", "dataset": "pairs", "undecided": number == 0, "turned": 0.0}
        known |= {"answer": "left", "first": "left", "d_before": 1.0 if number < 9 else -1.0}
        for layer in layers:
            rows.append(known | {"what": "bound", "arm": "", "layer": layer, "relabelling": 0, "margin": 1.0})
            for arm in figa21.EXCHANGES[: 2 if number == 1 else None]:
                turns = follows and arm != "elsewhere"
                told = {"what": "repositioned", "arm": arm, "turned": float(turns), "margin": -1.0 if turns else 1.0}
                rows.append(known | {"layer": layer, "relabelling": 0} | told)
    pd.DataFrame(rows).to_parquet(folder / f"{model}.parquet")
    return folder / f"{model}.parquet"


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def test_the_marks_are_the_numbers_of_the_csv_and_equal_bytes_come_of_equal_tables(tmp_path):
    table("llava-7b").to_parquet(tmp_path / "one.parquet")
    told = [moved(tmp_path, "llava-7b")]
    figa21.plot([tmp_path / "one.parquet"], told, **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    turns = csv[csv["what"].isin(figa21.TURNED)].set_index(["what", "design"])
    assert set(csv.loc[csv["shown"], "layer"]) == {2} and set(csv.loc[~csv["what"].isin(figa21.TURNED), "items"]) == {
        64
    }
    for what in figa21.TURNED:
        assert turns.loc[what, "estimate"].to_dict() == {"mirrored": 1, "objects": 1, "elsewhere": 0}
        assert turns.loc[what, "items"].to_dict() == {"mirrored": 11, "objects": 11, "elsewhere": 10}
    assert set(turns["layer"]) == {2} and turns.loc[("answers turned", "elsewhere"), "without"] == 1
    assert set(turns["undecided"]) == {1}
    own = csv[csv["shown"] & (csv["design"] == "own") & (csv["what"] == "in_sample")].set_index("rank")
    assert own["paper"].dropna().to_dict() == {2: 0.458, 3: 0.854} and own["low"].isna().all()
    assert own.loc[2, "estimate"] == pytest.approx(0.9)
    with plotting.style():
        figure = figa21.draw(csv)
    line = figure.axes[2].lines[0]
    expected = csv[(csv["design"] == "own") & (csv["what"] == "left_out") & (csv["rank"] == 0) & (csv["draws"] > 0)]
    np.testing.assert_allclose(line.get_ydata(), expected["estimate"])
    first = bytes_of(outputs_in(tmp_path))
    figa21.plot([tmp_path / "one.parquet"], told, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_the_range_is_that_of_the_draws():
    found = figa21.reduce(table())
    drawn = found[(found["design"] == "fourier") & found["shown"] & (found["what"] == "in_sample")]
    assert (drawn["draws"] == 4).all() and (drawn["low"] < drawn["estimate"]).all()
    assert drawn["estimate"].tolist() == pytest.approx([0.515] * 3)


def test_nothing_is_cut_off_with_five_models_of_which_one_has_no_ids(tmp_path):
    names = ["organism-llava", "organism-llava-supervised", "llava-7b", "gemma-12b"]
    with plotting.style():
        reduced = pd.concat([figa21.reduce(table(name)) for name in names] + [figa21.reduce(table("blind", True))])
        paths = [moved(tmp_path, name, name != "gemma-12b") for name in names[1:]]
        told = figa21.turned(read_diagnosed(paths), reduced, 0)
        figure = figa21.draw(pd.concat([reduced, told], ignore_index=True))
        assert cut_off(figure) == [] and sum("right" in axis.get_title(loc="left") for axis in figure.axes) == 3
    assert ["no table, or" in axis.texts[0].get_text() if axis.texts else False for axis in figure.axes[3::4]] == [
        True, False, False, False, True,
    ]  # fmt: skip


def test_a_layer_that_was_not_diagnosed_is_told(tmp_path):
    table().to_parquet(tmp_path / "table.parquet")
    with pytest.raises(LinmechError, match="layer 2 of tiny was not diagnosed; let experiment easy read all"):
        figa21.plot([tmp_path / "table.parquet"], [moved(tmp_path, layers=(0, 1))], **outputs_in(tmp_path), dpi=50)
