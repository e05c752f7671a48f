"""Laws of the sentences: each number is the table's, with its interval; where there is nothing to say, they say so."""

import pandas as pd
import pytest

from explored import sources
from linmech.explorer.findings import findings
from linmech.explorer.tables import read_tables


@pytest.fixture
def tables(tmp_path):
    return read_tables(sources(tmp_path, ("tiny", "other")).figures)


def test_the_sentences_hold_the_numbers_of_the_tables(tables):
    told = findings(tables, "other")
    assert "At layer 3" in told["ids"] and "R² 0.60" in told["ids"] and "reach 0.30" in told["ids"]
    assert "turns 40 % [30, 50]" in told["moved"] and "slope 0.50 [0.20, 0.70]" in told["moved"]
    assert "swaps 11 % [1, 50] of beliefs; noise of the same size 2 %" in told["exchanged"]
    assert "40 % [30, 50] of the effect (n = 50)" in told["swaps"] and "layer 2.50 [2.00, 3.00]" in told["swaps"]
    assert told["wrong"].startswith("Wrong answers go with wrong places: AUC 0.80 [0.70, 0.90]; of IDs whose cells")
    assert "[0.40, 0.60], p = 0.05 (30 right and 20 wrong" in told["wrong"]
    assert "fails is binding: 70 % [50, 90] of its 20 wrong answers" in told["verdict"]
    assert "first at step 20, and answers are better than guessing first at step 40" in told["emergence"]


def test_another_table_gives_other_sentences(tables):
    at = tables["fig2"].index[(tables["fig2"]["panel"] == "A") & (tables["fig2"]["arm"] == "axis")]
    tables["fig2"].loc[at, ["estimate", "low", "high"]] = [0.9, 0.8, 0.95]
    assert "swaps 90 % [80, 95] of beliefs" in findings(tables, "tiny")["exchanged"]


def test_what_cannot_be_told_is_said_and_not_guessed(tables):
    tables["codes"]["r2"] = float("nan")
    tables["fig8"]["auc"] = float("nan")
    tables["verdict"] = tables["verdict"].assign(verdict="none", why="only 7 wrong answers")
    tables["swaps"]["low"] = float("nan")
    told = findings(tables, "tiny")
    assert told["ids"] == "No layer holds spatial IDs."
    assert told["wrong"] == "Only 20 wrong answers: too few to say what they have in common."
    assert told["verdict"] == "No part of it is said to fail: only 7 wrong answers (n = 100)."
    assert "40 % (no interval)" in told["swaps"]


def test_an_interval_that_holds_chance_claims_nothing(tables):
    tables["fig8"] = tables["fig8"].assign(low=0.45)
    by_chance = tables | {"fig8": tables["fig8"].assign(low=0.7, p_chance=0.2)}
    tables["swaps"] = tables["swaps"].assign(low=-0.1)
    assert "do not clearly go with wrong places" in findings(tables, "tiny")["wrong"]
    assert "do not clearly go with wrong places" in findings(by_chance, "tiny")["wrong"]
    assert "carry no clear share of the effect at any layer" in findings(tables, "tiny")["swaps"]


def test_of_a_table_that_is_absent_nothing_is_said(tables):
    assert set(findings({"codes": tables["codes"]}, "tiny")) == {"ids"}
    assert findings({"codes": pd.DataFrame(tables["codes"])}, "unknown") == {}


def test_a_code_is_called_copied_where_that_is_known_and_true(tables):
    said = {}
    for copied in (True, False, float("nan")):
        codes = tables["codes"].assign(copied=pd.Series([copied] * len(tables["codes"]), dtype=object))
        said[str(copied)] = "copied" in findings({"codes": codes}, "tiny")["ids"]
    assert said == {"True": True, "False": False, "nan": False}
