"""Laws of the chance that one group's values are larger."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from linmech.statistics.ranks import auc


def test_it_is_mann_and_whitneys_u_over_all_pairs_ties_half():
    draw = np.random.default_rng(0)
    values, first = draw.integers(0, 9, 60), draw.random(60) < 0.4
    wanted = mannwhitneyu(values[first], values[~first]).statistic / (first.sum() * (~first).sum())
    found = auc(values, first, np.arange(60))
    assert found.estimate == pytest.approx(wanted) and found.low < wanted < found.high
    assert auc(values, ~first, np.arange(60)).estimate == pytest.approx(1 - wanted)


def test_groups_apart_give_one_and_the_interval_covers_no_difference_about_as_often_as_it_says():
    assert auc([1.0, 2, 3, 4], [False, False, True, True], list("abcd")).estimate == 1
    covered = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        found = auc(draw.normal(size=60), np.arange(60) % 2 == 0, np.arange(60), n=300, seed=seed)
        covered += found.low <= 0.5 <= found.high
    assert covered >= 86


def test_images_that_are_repeated_widen_the_interval_and_an_empty_group_gives_nothing():
    draw = np.random.default_rng(1)
    values, first = draw.normal(size=40), np.arange(40) % 2 == 0
    one = auc(values, first, np.arange(40))
    many = auc(np.tile(values, 5), np.tile(first, 5), np.tile(np.arange(40), 5))
    assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.15)
    assert np.isnan(auc([1.0, 2.0], [True, True], ["a", "b"]).estimate)
