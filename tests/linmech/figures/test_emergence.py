"""Laws of figure emergence: a row per checkpoint and layer, in the order of training, drawn as the csv says."""

import json

import numpy as np
import pandas as pd
import pytest
from test_codes import ids_file
from test_fig6 import outputs_in

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import emergence
from linmech.figures import style as plotting
from moved_tables import GOOD, displaced_table

LAYERS = (0, 1, 2)


@pytest.fixture
def files(tmp_path):
    """Two checkpoints: after 40 steps a code without order, after 90 a linear one."""
    ids, displaced, steps = [], [], []
    for name, code, step in (("early", "categorical", 40), ("late", "linear", 90)):
        ids.append(ids_file(tmp_path, name, code, LAYERS))
        displaced.append(displaced_table(tmp_path, "depths", layers=LAYERS, model=name))
        steps.append(tmp_path / f"{name}.json")
        steps[-1].write_text(json.dumps({"phase": "decoder", "step": step}))
    return ids, displaced, steps


def test_the_csv_has_every_checkpoint_layer_and_panel(files, tmp_path):
    emergence.plot(*files, **outputs_in(tmp_path), dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert set(table["panel"]) == set("ABCD") and set(table["step"]) == {40, 90}
    shapes = table[table["panel"] == "B"].set_index(["step", "layer"])["code"]
    assert (shapes[40, 2], shapes[90, 2], shapes[90, 0]) == ("categorical", "linear", "none")
    assert (table[table["panel"] == "A"]["estimate"] == 1).all()
    slopes = table[table["panel"] == "D"].set_index(["step", "layer"])["slope"]
    assert slopes[90, 2] == pytest.approx(1) and np.isnan(slopes[90, 1])
    first = bytes_of(outputs_in(tmp_path))
    emergence.plot(*files, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_lines_are_those_of_the_csv_and_no_text_is_cut_off(files):
    marks = emergence.make_marks(*files[:2], [40, 90], 0)
    with plotting.style():
        figure = emergence.draw(marks)
        assert cut_off(figure) == []
    lines = {line.get_label(): line.get_xydata() for line in figure.axes[1].lines}
    for layer in LAYERS:
        part = marks.shapes[marks.shapes["layer"] == layer]
        np.testing.assert_allclose(lines[str(layer)], part[["step", "r2"]].astype(float))
    colours = [{line.get_label(): line.get_color() for line in axis.lines} for axis in figure.axes[1:]]
    assert all(each[str(GOOD)] == colours[0][str(GOOD)] for each in colours), "a layer has one colour"


def test_what_is_missing_is_named(files, tmp_path):
    with pytest.raises(LinmechError, match="of each of its checkpoints"):
        emergence.plot(*files[:2], files[2][:1], **outputs_in(tmp_path))
    files[2][0].write_text("{}")
    with pytest.raises(LinmechError, match="early.json: tells no step .*; name checkpoints of a training"):
        emergence.step_of(files[2][0])
