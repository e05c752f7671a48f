"""Laws of the items that are steered: drawn by name, explored on other images, their axis and side."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.experiments.choosing import axis_of, candidates, side_of, typical


def question(item="a", kind="left-right", **places) -> SimpleNamespace:
    spots = {f"{role}_{axis}": np.nan for role in ("subject", "reference", "third") for axis in "xy"}
    return SimpleNamespace(**({"item": item, "kind": kind, "answer": "left"} | spots | places))


def test_in_between_moves_along_the_line_of_the_two_neighbours():
    wide = question(reference_x=5, reference_y=30, third_x=90, third_y=33, subject_x=20, subject_y=31)
    high = question(reference_x=30, reference_y=5, third_x=33, third_y=90, subject_x=31, subject_y=60)
    assert (axis_of(wide, "in-between"), axis_of(high, "in-between")) == ("horizontal", "vertical")
    assert (side_of(wide, "horizontal"), side_of(high, "vertical")) == ("left", "below")
    assert axis_of(high, "near-far") == "horizontal" and axis_of(wide, "front-behind") == "vertical"


def test_side_is_the_subjects_side_of_the_reference():
    pair = question(subject_x=60, subject_y=10, reference_x=20, reference_y=40)
    assert (side_of(pair, "horizontal"), side_of(pair, "vertical")) == ("right", "above")


def asked(kind: str, count: int = 20) -> pd.DataFrame:
    """Two questions on each of `count` images, every second one without a true answer."""
    names = [f"i{n // 2}#{n % 2}" for n in range(2 * count)]
    images = [name.split("#")[0] for name in names]
    return pd.DataFrame({"item": names, "image": images, "kind": kind, "answer": ["yes", ""] * count})


def test_items_are_drawn_by_name_and_only_questions_with_a_true_answer():
    table = asked("in-between")
    chosen = candidates(table, "in-between", 4, seed=0)
    again = candidates(table.sample(frac=1, random_state=1), "in-between", 4, seed=0)
    assert len(chosen) == 4 and set(chosen["item"]) == set(again["item"]) and (chosen["answer"] == "yes").all()
    assert len(candidates(table, "in-between", 0, seed=0)) == 20
    with pytest.raises(LinmechError, match="near-far"):
        candidates(table, "near-far", 4, seed=0)
    with pytest.raises(LinmechError, match="unknown"):
        candidates(table, "diagonal", 4, seed=0)


def test_layers_and_strengths_are_chosen_on_images_that_the_other_panels_do_not_use():
    table = asked("left-right")
    explored, measured = (set(candidates(table, name, 0, seed=0)["image"]) for name in ("layers", "left-right"))
    assert explored == set(candidates(table, "strengths", 0, seed=0)["image"])
    assert not explored & measured and explored | measured == set(table["image"])


def test_the_typical_item_is_the_median_of_the_correct_ones():
    table = pd.DataFrame({"item": list("abcdef"), "answer": ["left", "left", "right", "left", "right", "left"]})
    d = np.array([0.1, 4.0, -3.0, -9.0, 50.0, 2.0])
    assert typical(table, d, "left", 1)["item"].tolist() == ["c"]
    assert typical(table, d, "left", 3)["item"].tolist() == ["b", "c", "f"]


def test_without_a_correct_item_the_typical_one_is_taken_from_all(capsys):
    table = pd.DataFrame({"item": list("abc"), "answer": ["left", "left", "right"]})
    wrong = np.array([-1.0, -3.0, 2.0])
    assert typical(table, wrong, "left", 1)["item"].tolist() == ["c"]
    assert "no item of 3" in capsys.readouterr().out


def test_fewer_items_than_wanted_are_said(capsys):
    table = pd.DataFrame({"item": [f"{n}#0" for n in range(5)], "image": [str(n) for n in range(5)]})
    table = table.assign(kind="near-far", answer="near")
    assert len(candidates(table, "near-far", 5, seed=0)) == 5 and not capsys.readouterr().out
    assert len(candidates(table, "near-far", 9, seed=0)) == 5
    assert "near-far: 9 items are wanted, the data set has 5 for it; raise" in capsys.readouterr().out
