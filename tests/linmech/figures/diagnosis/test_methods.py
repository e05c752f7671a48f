"""Laws of figure methods: what is planted is scored as it is, and every number drawn stands in the csv."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.diagnosis import methods
from linmech.models.faults import Fault
from methods_tables import FAULTS, compared

MODELS = (*FAULTS, "healthy")
PLANTED = {model: Fault.of(stanza) for model, stanza in FAULTS.items()}


@pytest.fixture(scope="module")
def table():
    return methods.numbers({model: compared(model) for model in MODELS}, PLANTED)


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def one(table, **where):
    for key, value in where.items():
        table = table[table[key] == value]
    return table


def test_broken_items_are_found_and_parts_named_where_they_can_be_told(table):
    assert one(table, asks="broken")["estimate"].eq(1).all() and len(one(table, asks="broken")) == 3 * 6
    named = one(table, asks="part").set_index(["method", "truth"])
    assert (named.loc[["ids", "probe", "attention"], "named"] == 1).all()
    assert named.loc[("lens", "vision"), "named"] == 0.5 == named.loc[("patching", "readout"), "named"]
    assert named.loc[("ids", "vision"), "estimate"] == 1 > named.loc[("lens", "vision"), "estimate"]


def test_sound_items_and_sound_models_raise_no_alarm_and_undecided_ones_are_counted(table):
    alarms = one(table, asks="alarms")
    assert (alarms["estimate"] == 0).all() and (one(alarms, model="healthy")["afflicted"] == 0).all()
    assert (alarms["undecided"] == 1).all() and (alarms["items"] == 120).all()


def test_layers_stand_beside_those_of_what_is_planted(table):
    layers = one(table, asks="layer").set_index(["model", "method"])
    assert layers.loc[("readout-fault", "ids"), "hit"] and not layers.loc[("readout-fault", "lens"), "hit"]
    assert layers.loc[("binding-fault", "ids"), ["true_after", "true_at"]].tolist() == [0, 2]
    assert layers.loc["healthy"]["at"].isna().all()


def test_the_figure_is_the_same_again_and_needs_a_fault(tmp_path):
    paths = []
    for model in MODELS:
        paths.append(tmp_path / f"{model}.parquet")
        compared(model).to_parquet(paths[-1])
    methods.plot(paths, **outputs_in(tmp_path), faults=FAULTS | {"healthy": {}}, dpi=50)
    first = bytes_of(outputs_in(tmp_path))
    methods.plot(paths, **outputs_in(tmp_path), faults=FAULTS | {"healthy": {}}, dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    assert {"broken", "alarms", "part", "layer"} == set(pd.read_csv(outputs_in(tmp_path)["csv"])["asks"])
    with pytest.raises(LinmechError, match="faults.yaml has three"):
        methods.plot(paths, **outputs_in(tmp_path), faults={"healthy": {}})


def test_marks_are_those_of_the_csv_and_no_text_is_cut_off(table):
    with plotting.style():
        figure = methods.draw(table)
        assert cut_off(figure) == [] and silent(figure) == []
    marks = sorted(line.get_xdata()[0] for line in figure.axes[1].lines if line.get_marker() not in ("None", "", None))
    np.testing.assert_allclose(marks, sorted(one(table, asks="part")["estimate"]))
