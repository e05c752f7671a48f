"""Laws of what is found beside chance."""

import numpy as np
import pytest

from linmech.statistics.permutation import by_chance


def test_p_is_the_share_of_runs_as_far_from_zero_with_what_was_found_among_them():
    runs = np.array([-3.0, -1.0, 0.5, 2.0])
    assert [by_chance(found, runs).p for found in (4.0, -2.5, 0.1)] == [1 / 5, 2 / 5, 1.0]
    assert by_chance(9.0, np.zeros(19)).p == 0.05 and by_chance(0.0, np.zeros(19)).p == 1


def test_where_nothing_is_to_be_found_one_in_twenty_is_found():
    draw = np.random.default_rng(0)
    found = [by_chance(values[0], values[1:]).p <= 0.05 for values in draw.normal(size=(4000, 20))]
    assert np.mean(found) == pytest.approx(0.05, abs=0.012)


def test_without_runs_nothing_is_told():
    told = by_chance(1.0, np.zeros(0))
    assert told.runs == 0 and np.isnan([told.p, told.low, told.high]).all()
