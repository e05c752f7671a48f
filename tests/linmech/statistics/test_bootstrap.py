"""Laws of the intervals: equal to scipy where scipy applies, honest coverage on clustered data, no free choices."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from linmech.errors import LinmechError
from linmech.statistics.bootstrap import (
    _drawn,
    _median,
    _resamples,
    bootstrap,
    interval_of,
    paired_difference,
    ratio_of_sums,
    slope,
)
from linmech.statistics.holm import holm
from linmech.statistics.summaries import summarise


def sample(seed: int, n: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, size=n)


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_singleton_clusters_agree_with_scipy(statistic):
    values = sample(1)
    ours = bootstrap(values, np.arange(60), statistic, n=9999)
    theirs = scipy.stats.bootstrap(
        (values,), getattr(np, statistic), method="percentile", n_resamples=9999, rng=np.random.default_rng(0)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours.estimate == pytest.approx(getattr(np, statistic)(values))
    assert abs(ours.low - theirs.low) < 0.06 * width and abs(ours.high - theirs.high) < 0.06 * width


def test_median_of_a_resample_is_the_median_of_the_repeated_values():
    values, codes = sample(2, 9), np.array([0, 0, 1, 1, 1, 2, 3, 3, 4])
    weights = np.random.default_rng(0).integers(0, 4, size=(50, 5)) + np.array([1, 0, 0, 0, 0])
    expected = [np.median(np.repeat(values, row[codes])) for row in weights]
    np.testing.assert_allclose(_median(values, codes, weights), expected)


def clustered(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """40 images of 6 questions each; most of the variance is between the images; true mean 0."""
    codes = np.repeat(np.arange(40), 6)
    return rng.normal(size=40)[codes] + 0.5 * rng.normal(size=240), codes


def test_cluster_intervals_cover_the_truth_and_row_intervals_do_not():
    rng, covered, naive = np.random.default_rng(0), 0, 0
    for _ in range(300):
        values, codes = clustered(rng)
        by_image, by_row = bootstrap(values, codes, n=500), bootstrap(values, np.arange(240), n=500)
        covered += by_image.low <= 0 <= by_image.high
        naive += by_row.low <= 0 <= by_row.high
    assert 0.90 <= covered / 300 <= 0.98
    assert naive / 300 < 0.75


def test_ratio_intervals_cover_the_true_ratio_even_where_single_denominators_vanish():
    rng, covered = np.random.default_rng(1), 0
    for _ in range(300):
        codes = np.repeat(np.arange(40), 3)
        below = rng.normal(1.0, 1.0, size=40)[codes] + rng.normal(0, 0.3, size=120)
        above = 0.4 * below + rng.normal(0, 0.5, size=40)[codes]
        interval = ratio_of_sums(above, below, codes, n=500)
        covered += interval.low <= 0.4 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


def test_bootstrap_p_values_are_uniform_without_an_effect_and_small_with_one():
    rng = np.random.default_rng(2)
    without = [bootstrap(*clustered(rng), n=500).p for _ in range(300)]
    assert 0.02 <= np.mean(np.array(without) < 0.05) <= 0.10
    values, codes = clustered(rng)
    assert bootstrap(values + 2, codes).p < 0.005


def test_paired_difference_of_means_is_the_mean_of_differences_and_is_tighter_than_unpaired():
    rng = np.random.default_rng(3)
    values, codes = clustered(rng)
    other = values + 0.1 + 0.1 * rng.normal(size=240)
    paired, direct = paired_difference(other, values, codes), bootstrap(other - values, codes)
    assert (paired.estimate, paired.low, paired.high) == pytest.approx((direct.estimate, direct.low, direct.high))
    alone = bootstrap(other, codes)
    assert paired.low > 0 and paired.high - paired.low < 0.2 * (alone.high - alone.low)
    medians = paired_difference(other, values, codes, "median")
    assert medians.estimate == pytest.approx(np.median(other) - np.median(values))


def test_order_of_rows_and_names_of_images_do_not_matter():
    values, codes = clustered(np.random.default_rng(4))
    names = np.array([f"image-{code:03d}" for code in codes])
    shuffle = np.random.default_rng(5).permutation(240)
    one, two = bootstrap(values, codes), bootstrap(values[shuffle], names[shuffle])
    assert (one.estimate, one.low, one.high) == pytest.approx((two.estimate, two.low, two.high))
    assert one == bootstrap(values, codes) != bootstrap(values, codes, seed=1)


def test_blocks_of_replicates_do_not_change_the_interval(monkeypatch):
    values, codes = clustered(np.random.default_rng(6))
    whole = bootstrap(values, codes)
    monkeypatch.setattr("linmech.statistics.bootstrap.KEPT", 0)
    monkeypatch.setattr("linmech.statistics.bootstrap.BLOCK", 40 * 7)
    blocks = bootstrap(values, codes)
    assert (blocks.low, blocks.high, blocks.p) == pytest.approx((whole.low, whole.high, whole.p))


def test_resamples_that_are_kept_cannot_be_changed_and_are_those_that_are_drawn():
    codes = np.arange(30)
    (kept,), drawn = _resamples(codes, 50, 3), np.concatenate(list(_drawn(30, 50, 3)))
    assert (kept == drawn).all() and next(_resamples(codes, 50, 3)) is kept
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 9
    assert not (next(_resamples(codes, 50, 4)) == kept).all()


def test_one_image_has_no_interval():
    interval = bootstrap([1.0, 2.0], ["a", "a"])
    assert interval.estimate == 1.5 and np.isnan([interval.low, interval.high, interval.p]).all()


@pytest.mark.parametrize(
    ("values", "clusters", "statistic"),
    [([1.0, np.nan], ["a", "b"], "mean"), ([1.0], ["a", "b"], "mean"), ([], [], "mean"), ([1.0], ["a"], "mode")],
)
def test_bad_values_raise_one_line(values, clusters, statistic):
    with pytest.raises(LinmechError) as caught:
        bootstrap(values, clusters, statistic)
    assert "\n" not in str(caught.value)


def test_holm_gives_the_values_worked_out_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, 0.9]), [1.0, 1.0])


def test_holm_keeps_the_family_wise_error_where_raw_p_values_do_not():
    p = np.random.default_rng(0).random((2000, 11))
    assert np.mean([holm(row).min() < 0.05 for row in p]) < 0.07 < 0.3 < np.mean(p.min(axis=1) < 0.05)
    with pytest.raises(LinmechError):
        holm([0.1, np.nan])


def test_summary_counts_undecided_items_and_keeps_them():
    table = pd.DataFrame(
        {
            "item": ["a", "b", "c", "a"],
            "image": ["x", "x", "y", "x"],
            "arm": ["ids", "ids", "ids", "noise"],
            "delta": [1.0, 2.0, 6.0, 0.5],
            "undecided": [True, False, False, True],
        }
    )
    summary = summarise(table, ["arm"]).set_index("arm")
    assert summary.loc["ids", ["estimate", "items", "images", "undecided"]].tolist() == [3.0, 3, 2, 1]
    assert np.isnan(summary.loc["noise", "low"])
    with pytest.raises(LinmechError, match="layer"):
        summarise(table, ["layer"])


def test_summary_of_one_column_over_another_is_the_ratio_of_their_sums():
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.normal(2, 1, (30, 2)), columns=["delta", "whole"]).assign(arm="ids")
    table = table.assign(image=[f"{n // 2}" for n in range(30)], item=[f"{n}" for n in range(30)])
    (found,) = summarise(table, ["arm"], over="whole").itertuples()
    alone = ratio_of_sums(table["delta"], table["whole"], table["image"])
    assert (found.estimate, found.low, found.high) == (alone.estimate, alone.low, alone.high)
    assert found.estimate == pytest.approx(table["delta"].sum() / table["whole"].sum())
    with pytest.raises(LinmechError, match="no column 'part'"):
        summarise(table, ["arm"], over="part")


def test_the_interval_of_any_statistic_of_clusters_is_that_of_the_mean_where_it_is_the_mean():
    values, images = sample(3), [f"{n % 20:02}" for n in range(60)]
    sums = np.bincount(np.arange(60) % 20, values)
    found = interval_of(lambda weights: weights @ sums / 60, images)
    wanted = bootstrap(values, images)
    assert (found.estimate, found.low, found.high) == pytest.approx((wanted.estimate, wanted.low, wanted.high))


def test_slope_is_that_of_least_squares_and_its_interval_covers_the_truth():
    rng, covered = np.random.default_rng(2), 0
    for _ in range(300):
        x, codes = clustered(rng)
        y = 0.7 * x + 3 + 0.5 * rng.normal(size=40)[codes]
        found = slope(x + 100, y, codes, n=500)
        assert found.estimate == pytest.approx(scipy.stats.linregress(x, y).slope)
        covered += found.low <= 0.7 <= found.high
    assert 0.90 <= covered / 300 <= 0.98
