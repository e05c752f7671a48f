"""Laws of the verdict: what was planted is named, from wrong answers alone, and nothing where little is wrong."""

import pandas as pd
import pytest

from diagnosed import READ_AT, diagnosed
from linmech.errors import LinmechError
from linmech.statistics.verdicts import NONE, PARTS, balanced_accuracy, evidence, verdict


@pytest.mark.parametrize("fault", PARTS)
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_fault_is_named_at_the_layer_where_ids_are_read(fault, seed):
    found = evidence(diagnosed(fault, seed=seed))
    told = verdict(found)
    assert (told["verdict"], told["layer"], told["why"]) == (fault, READ_AT, "")
    assert told[fault] > 0.9 and told["wrong"] == (~found["right"]).sum() >= 15 and told["items"] == 100
    assert found["sensitivity"].to_numpy() == pytest.approx(0.8)
    assert (found.loc[found["right"], "part"] == "").all() and not found.loc[found["right"], "mended"].any()


def test_where_nothing_is_planted_there_is_no_verdict_and_it_says_why():
    told = verdict(evidence(diagnosed(NONE)))
    assert told["verdict"] == NONE and told["why"] == "only 0 wrong answers" and told["wrong"] == 0
    told = verdict(evidence(diagnosed("vision", share=0.1)))
    assert told["verdict"] == NONE and "wrong answers" in told["why"]


def test_where_ids_are_not_read_there_is_no_verdict():
    told = verdict(evidence(diagnosed("readout", read=False)))
    assert told["verdict"] == NONE and told["why"].startswith("IDs are not read") and told["read"] < 0.5


def test_where_parts_fail_alike_there_is_no_verdict():
    parts = [diagnosed(fault, seed=n).assign(item=lambda t, n=n: t["item"] + f"/{n}") for n, fault in enumerate(PARTS)]
    told = verdict(evidence(pd.concat([part.assign(image=part["item"]) for part in parts], ignore_index=True)))
    assert told["verdict"] == NONE and told["why"].startswith("no part")


def test_undecided_items_and_right_answers_do_not_speak():
    whole = diagnosed("vision")
    unsure = whole.assign(undecided=whole["item"].isin({"0", "1"}))
    assert set(evidence(whole)["item"]) - set(evidence(unsure)["item"]) == {"0", "1"}
    assert verdict(evidence(unsure))["undecided"] == 2 and verdict(evidence(whole))["undecided"] == 0


def test_a_table_of_something_else_and_one_without_a_right_answer_are_errors():
    with pytest.raises(LinmechError, match="run diagnose_model again"):
        evidence(pd.DataFrame({"item": []}))
    wrong = diagnosed(NONE)
    with pytest.raises(LinmechError, match="no answer is right"):
        evidence(wrong.assign(d_before=-wrong["d_before"]))


def test_balanced_accuracy_weighs_every_truth_alike():
    assert balanced_accuracy(["a"] * 9 + ["b"], ["a"] * 10) == 0.5
    assert balanced_accuracy(["a", "b"], ["a", "b"]) == 1.0
