"""Laws of crossings: a line crosses where it says, no crossing is none, and calibration is slope, r and error."""

import numpy as np
import pytest

from linmech.statistics.crossing import calibrated, crossing

STEPS = np.linspace(-4, 4, 17)


@pytest.mark.parametrize("zero", [-3.9, -0.2, 0.0, 1.0, 2.71])
@pytest.mark.parametrize("slope", [-2.0, 0.5])
def test_a_line_crosses_where_it_is_zero_whatever_the_order_of_the_steps(zero, slope):
    order = np.random.default_rng(0).permutation(len(STEPS))
    assert crossing(STEPS[order], slope * (STEPS - zero)[order]) == pytest.approx(zero, abs=1e-12)


def test_a_curve_that_never_changes_its_sign_has_no_crossing():
    assert np.isnan(crossing(STEPS, STEPS**2 + 1)) and np.isnan(crossing(STEPS, STEPS - 9))


def test_of_several_crossings_the_one_nearest_to_no_move_counts():
    assert crossing(STEPS, (STEPS - 3) * (STEPS + 1.2)) == pytest.approx(-1.2, abs=0.2)


def test_crossings_that_follow_the_truth_by_half_have_slope_one_half():
    true = np.linspace(-3, 3, 13)
    found = calibrated(true, true / 2)
    assert (found.slope, found.r, found.share) == pytest.approx((0.5, 1.0, 1.0))
    assert found.error == pytest.approx(np.median(np.abs(true / 2)))


def test_curves_that_do_not_cross_are_counted_and_too_few_say_nothing():
    true, found = np.arange(6.0), np.array([0, 1, 2, np.nan, np.nan, np.nan])
    assert calibrated(true, found).share == 0.5 and calibrated(true, found).slope == pytest.approx(1)
    few = calibrated(true, np.array([0, 1, *[np.nan] * 4]))
    assert np.isnan([few.slope, few.r, few.error]).all() and few.share == pytest.approx(1 / 3)
