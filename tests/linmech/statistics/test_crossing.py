"""Laws of crossings: a line crosses where it says, no crossing is none, and calibration is slope, r and error."""

import numpy as np
import pytest

from linmech.statistics.crossing import calibrated, crossing, mean_crossing

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


def lines(zeros):
    """A falling line for each zero, along x = 0 to 8."""
    return np.arange(9.0), np.array(zeros)[:, None] - np.arange(9.0)


def test_the_mean_of_lines_crosses_at_the_mean_of_their_crossings_and_equal_lines_leave_no_doubt():
    x, curves = lines([2.0, 3.0, 4.5, 5.0])
    found = mean_crossing(x, curves, list("abcd"))
    assert found.estimate == pytest.approx(3.625) and 2 <= found.low < 3.625 < found.high <= 5
    same = mean_crossing(*lines([3.25] * 4), list("abcd"))
    assert (same.estimate, same.low, same.high) == pytest.approx((3.25, 3.25, 3.25))


def test_the_interval_of_a_mean_crossing_resamples_clusters_and_not_curves():
    x, curves = lines([2.0, 4.0] * 8)
    apart, together = (mean_crossing(x, curves, clusters) for clusters in (range(16), ["a", "b"] * 8))
    assert together.high - together.low > 1.5 * (apart.high - apart.low)
    assert np.isnan(mean_crossing(x, curves, ["one"] * 16).low)


def test_a_mean_that_may_not_cross_has_no_interval():
    x, curves = lines([3.0, 3.0, 3.0, 99.0])
    assert np.isnan(mean_crossing(x, curves + 0.0, list("abcd")).estimate)
    one = mean_crossing(x, np.vstack([curves[:3], curves[:1] + 12]), list("abcd"))
    assert one.estimate == pytest.approx(6) and np.isnan([one.low, one.high]).all()
