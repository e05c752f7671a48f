"""Laws of shares: known values, images count, ends are no exception, and 95 % of intervals hold the truth."""

import numpy as np
import pandas as pd
import pytest

from linmech.statistics.shares import leans_right, right_of, right_text, share
from linmech.statistics.summaries import summarise


def test_the_interval_is_wilsons():
    right = np.arange(100) < 80
    found = share(right, np.arange(100))
    assert found.estimate == pytest.approx(0.8)
    assert (found.low, found.high) == (pytest.approx(0.7112, abs=1e-4), pytest.approx(0.8666, abs=1e-4))


def test_many_questions_about_one_image_are_no_more_than_one():
    right, images = np.arange(100) < 80, np.arange(100) % 10
    assert share(right, images).low < share(right, np.arange(100)).low


@pytest.mark.parametrize("right", [True, False])
def test_all_or_none_right_is_not_certain(right):
    found = share(np.full(20, right), np.arange(20))
    assert found.low >= 0 and found.high <= 1 and found.high - found.low == pytest.approx(0.161, abs=1e-3)


def test_about_95_of_100_intervals_hold_the_truth():
    draw = np.random.default_rng(0)
    held = [s.low <= 0.6 <= s.high for s in (share(draw.random(60) < 0.6, np.arange(60)) for _ in range(1000))]
    assert 0.93 < np.mean(held) < 0.97


def test_an_item_leans_right_by_its_belief_whichever_word_comes_first_and_counts_once_however_many_rows_it_has():
    known = {"answer": ["left", "right", "left", "left"], "first": "left", "d_before": [1.0, -1.0, -1.0, 0.0]}
    items = pd.DataFrame(known | {"item": list("abcd"), "image": list("abcd")})
    assert leans_right(items).tolist() == [True, True, False, False]
    rows = pd.concat([items, items[:1]]).assign(right=lambda table: leans_right(table))
    told = right_of(rows)
    assert told["right"] == 0.5 and right_text(told) == "50% right [15, 85] ≈ ½"
    assert right_text(right_of(rows[:2])).endswith("right [34, 100]")


def test_a_summary_tells_how_many_of_a_groups_items_are_right_unless_that_is_its_value():
    known = {"item": range(4), "image": range(4), "delta": 1.0, "right": [True, True, True, False]}
    table = pd.DataFrame(known).assign(arm=["ids", "ids", "noise", "noise"])
    told = summarise(table, ["arm"], n=20).set_index("arm")
    assert told["right"].to_dict() == {"ids": 1.0, "noise": 0.5} and (told["right_low"] < told["right"]).all()
    assert "right_low" not in summarise(table.astype({"right": float}), ["arm"], "right", n=20)
