"""Laws of statistics over a few runs."""

import numpy as np
import pytest
from scipy import stats

from linmech.statistics.runs import area, over_runs, paired, steps_to

DRAW = np.random.default_rng(0)


def test_the_interval_of_a_mean_is_students_and_of_one_run_there_is_none():
    values = DRAW.standard_normal(6)
    found = over_runs(values)
    low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert np.isnan(over_runs(values[:1]).low) and over_runs(values[:1]).estimate == values[0]


def test_runs_that_do_not_differ_have_an_interval_of_no_width():
    assert over_runs(np.array([2.0, 2.0])).p == 0 and over_runs(np.zeros(3)).p == 1


def test_where_all_runs_gain_the_exact_test_gives_its_least_value():
    plain = DRAW.standard_normal(5)
    found = paired(plain + [0.1, 0.2, 0.3, 0.2, 0.1], plain)
    assert found.flips == 2 / 2**5 and found.estimate == pytest.approx(0.18) and found.low > 0 and found.runs == 5
    assert paired(plain, plain).flips == 1


def test_the_exact_test_is_level_where_nothing_differs():
    p = [paired(*DRAW.standard_normal((2, 6))).flips for _ in range(400)]
    assert np.mean(np.array(p) <= 0.05) < 0.08


def test_an_area_is_the_mean_height_whatever_the_steps():
    assert area(np.array([0.0, 10, 40]), np.array([0.5, 0.5, 0.5])) == 0.5
    assert area(np.array([0.0, 10, 20]), np.array([0.0, 1, 1])) == 0.75


def test_a_level_is_reached_between_two_steps_or_never():
    steps, values = np.array([0.0, 10, 20]), np.array([0.5, 0.7, 0.6])
    assert steps_to(steps, values, 0.6) == pytest.approx(5) and steps_to(steps, values, 0.5) == 0
    assert np.isnan(steps_to(steps, values, 0.71))
