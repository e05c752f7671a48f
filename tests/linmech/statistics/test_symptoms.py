"""Laws of symptoms: what is planted is told where it can be told, no item judges itself, layers bracket the fault."""

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.models.faults import Fault
from linmech.statistics.symptoms import WAYS, costs, judged, pointed
from linmech.statistics.verdicts import PARTS
from methods_tables import FAULTS, compared

TELLS = {"ids": PARTS, "probe": PARTS, "attention": PARTS, "patching": ("binding",), "lens": ("binding",)}


@pytest.fixture(scope="module")
def tables():
    return {model: compared(model) for model in (*FAULTS, "healthy")}


def evidence(table, method, seed=0):
    found = judged(table, seed)
    return found[found["method"] == method].set_index("item")


@pytest.mark.parametrize("model", FAULTS)
@pytest.mark.parametrize("method", TELLS)
def test_a_method_names_the_parts_that_it_can_tell_and_ties_where_it_cannot(tables, model, method):
    found, fault = evidence(tables[model], method), Fault.of(FAULTS[model])
    broken = np.array([fault.afflicts(item) for item in found.index])
    assert (found["broken"][broken] > 0).all() and (found["broken"][~broken] < 0).all()
    sick = found.loc[broken, list(PARTS)]
    if fault.kind in TELLS[method]:
        assert (sick.idxmax(axis=1) == fault.kind).all()
    else:
        np.testing.assert_allclose(sick["vision"], sick["readout"])


def test_of_a_sound_model_no_item_looks_broken_and_no_layer_is_pointed_at(tables):
    assert (judged(tables["healthy"])["broken"] < 0).all()
    assert pointed(tables["healthy"])["at"].isna().all()


def test_every_item_is_judged_once_by_every_method_and_by_the_other_half_alone(tables):
    found = judged(tables["vision-fault"])
    assert (found.groupby("method").size() == 120).all() and set(found["method"]) == set(WAYS)
    one, method = "007#0", "probe"
    table = tables["vision-fault"]
    others = table["value"].where((table["item"] != one) | (table["method"] != method), 99.0)
    before, after = (evidence(each, method) for each in (table, table.assign(value=others)))
    half = {item for item in before.index if before["broken"][item] == after["broken"][item]}
    assert one not in half and len(half) == 59, "an item changes itself and what its own half is used for"


def test_the_layers_bracket_the_fault_as_far_as_a_method_can_see(tables):
    told = {model: pointed(table).set_index("method")[["after", "at"]] for model, table in tables.items()}
    assert told["vision-fault"].loc["ids"].tolist() == [-1, 2] == told["binding-fault"].loc["probe"].tolist()
    assert told["readout-fault"].loc["ids"].tolist() == [4, 5] == told["readout-fault"].loc["probe"].tolist()
    assert told["readout-fault"].loc["lens"].tolist() == [-1, 3], "it sees through the broken readout"
    assert told["readout-fault"].loc["attention"].tolist() == [2, 5]


def test_costs_are_medians_by_method(tables):
    spent = costs(tables["healthy"]).set_index("method")
    assert spent.loc["patching"].to_dict() == {"passes": 3.0, "seconds": 0.03}


def test_other_tables_and_models_that_are_never_right_are_errors(tables):
    with pytest.raises(LinmechError, match="run compare_methods again"):
        judged(pd.DataFrame({"method": []}))
    with pytest.raises(LinmechError, match="no mended of ids"):
        judged(tables["healthy"][tables["healthy"]["what"] != "mended"])
    with pytest.raises(LinmechError, match="answers of a half are right"):
        judged(tables["healthy"].assign(value=-1.0))
