"""Laws of shares: known values, images count, ends are no exception, and 95 % of intervals hold the truth."""

import numpy as np
import pytest

from linmech.statistics.shares import share


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
