"""Laws of the items that an experiment asks about: drawn by name, explored on other images."""

import random

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.experiments.choosing import candidates, typical
from linmech.stimuli.items import Item, Thing

THINGS = {"subject": Thing("cat"), "reference": Thing("dog"), "third": Thing("hat")}


def asked(kind: str, count: int = 20) -> list[Item]:
    """Two questions on each of `count` images, every second one without a true answer."""
    names = [(f"i{n // 2}", n % 2) for n in range(2 * count)]
    return [Item(f"{image}#{n}", image, kind, THINGS, "yes" if n == 0 else "") for image, n in names]


def test_items_are_drawn_by_name_and_only_questions_with_a_true_answer():
    items = asked("in-between")
    chosen = candidates(items, "in-between", 4, seed=0)
    shuffled = random.Random(1).sample(items, len(items))
    again = candidates(shuffled, "in-between", 4, seed=0)
    assert len(chosen) == 4 and {item.id for item in chosen} == {item.id for item in again}
    assert all(item.answer == "yes" for item in chosen)
    assert [item.id for item in chosen] == [item.id for item in items if item in chosen], "the table's order"
    assert len(candidates(items, "in-between", 0, seed=0)) == 20
    with pytest.raises(LinmechError, match="steering.experiments.x: the data set has no near-far question"):
        candidates(items, "near-far", 4, seed=0, where="steering.experiments.x")


def test_what_layers_and_strengths_are_chosen_by_shares_no_image_with_what_is_measured():
    items = asked("left-right")
    explored, measured = (
        {item.visual for item in candidates(items, "left-right", 0, 0, images)} for images in ("explored", "others")
    )
    assert len(explored) == 7 and not explored & measured and explored | measured == {item.visual for item in items}


def side(name: str, answer: str) -> Item:
    return Item(name, name, "left-right", THINGS, answer, "")


def test_the_typical_item_is_the_median_of_the_correct_ones():
    items = [side(name, answer) for name, answer in zip("abcdef", "llrlrl", strict=True)]
    items = [side(item.id, {"l": "left", "r": "right"}[item.answer]) for item in items]
    d = np.array([0.1, 4.0, -3.0, -9.0, 50.0, 2.0])
    assert [item.id for item in typical(items, d, 1)] == ["c"]
    assert [item.id for item in typical(items, d, 3)] == ["b", "c", "f"]


@pytest.mark.parametrize(("kind", "first"), [("above-below", "above"), ("near-far", "near"), ("exists", "yes")])
def test_what_is_correct_hangs_on_the_kinds_own_first_answer(kind, first):
    items = [Item(name, name, kind, THINGS, first, "other") for name in "abc"]
    assert [item.id for item in typical(items, np.array([3.0, -1.0, 1.0]), 2)] == ["a", "c"]


def test_without_a_correct_item_the_typical_one_is_taken_from_all(capsys):
    items = [side("a", "left"), side("b", "left"), side("c", "right")]
    assert [item.id for item in typical(items, np.array([-1.0, -3.0, 2.0]), 1)] == ["c"]
    assert "no item of 3" in capsys.readouterr().out


def test_fewer_items_than_wanted_are_said(capsys):
    items = [Item(f"{n}#0", str(n), "near-far", THINGS, "near", "far") for n in range(5)]
    assert len(candidates(items, "near-far", 5, seed=0)) == 5 and not capsys.readouterr().out
    assert len(candidates(items, "near-far", 9, seed=0)) == 5
    assert "near-far questions: 9 items are wanted, the data set has 5 for it; raise" in capsys.readouterr().out
