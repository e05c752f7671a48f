"""Laws of the additive model: its truth is recovered exactly, nuisances leave the IDs alone."""

import numpy as np
import pandas as pd
import pytest

from additive_world import HIDDEN, NOUNS, ids_of, residuals, summed
from linmech.errors import LinmechError
from linmech.ids.additive import cells
from linmech.ids.design import describe_rows


@pytest.fixture(scope="module")
def sums(planted):
    return summed(planted[2], planted[3], planted[0])


def test_an_additive_truth_is_recovered_for_all_and_for_any_part_of_the_nouns(planted, sums):
    truth = planted[1]["ids"]
    for nouns in (NOUNS, NOUNS[:3], NOUNS[3:]):
        np.testing.assert_allclose(cells(sums, nouns), truth, atol=2e-5)


def test_the_papers_mean_is_biased_by_partner_and_size_where_least_squares_is_not(planted, sums):
    truth = planted[1]["ids"]
    assert np.abs(cells(sums, NOUNS, "mean") - truth).max() > 0.1 > 1e3 * np.abs(cells(sums, NOUNS) - truth).max()


def test_the_papers_mean_is_the_mean_over_objects_of_object_centred_cell_means(planted, sums):
    items, _, index, values = planted
    table = describe_rows(index, items).assign(n=np.arange(len(index)))
    expected = np.zeros((16, HIDDEN))
    for _, part in table.groupby("noun"):
        means = np.stack([values[part["n"][part["cell"] == cell]].astype(float).mean(0) for cell in range(16)])
        expected += (means - means.mean(0)) / len(NOUNS)
    np.testing.assert_allclose(cells(sums, NOUNS, "mean").reshape(16, -1), expected, atol=1e-6)


def test_least_squares_equals_a_dense_solution_of_the_whole_file(planted):
    items, _, index, values = planted
    noisy = values + np.random.default_rng(1).normal(size=values.shape).astype(np.float32)
    table = describe_rows(index, items)
    design = np.concatenate(
        [pd.get_dummies(table[name]).to_numpy(float) for name in ("cell", "noun", "role", "partner", "size")], 1
    )
    effects = np.linalg.lstsq(design, noisy.astype(float), rcond=None)[0][:16]
    np.testing.assert_allclose(ids_of(index, noisy, items).reshape(16, -1), effects - effects.mean(0), atol=1e-8)


def test_the_size_of_the_chunks_does_not_matter(planted, sums):
    items, _, index, values = planted
    small = summed(index, values, items, 37)
    np.testing.assert_allclose(cells(small, NOUNS), cells(sums, NOUNS), atol=1e-9)


def test_rows_that_say_nothing_of_the_cell_have_ids_of_exactly_zero(planted):
    items, truth, index, _ = planted
    values = residuals(items, truth | {"ids": 0 * truth["ids"], "partner": 0 * truth["partner"], "size": 0})[1]
    assert not ids_of(index, values, items).any()


def test_a_cell_that_is_never_shown_is_an_error_not_a_zero(planted):
    items, _, index, values = planted
    shown = (describe_rows(index, items)["cell"] != 6).to_numpy()
    one = summed(index[shown].reset_index(drop=True), values[shown], items)
    with pytest.raises(LinmechError, match="placements"):
        cells(one, NOUNS)
    with pytest.raises(LinmechError, match="never shown"):
        cells(one, NOUNS, "mean")
    with pytest.raises(LinmechError, match="ids.estimator"):
        cells(one, NOUNS, "median")


def test_an_overflowed_residual_is_an_error(planted):
    items, _, index, values = planted
    broken = values.copy()
    broken[3, 0] = np.inf
    with pytest.raises(LinmechError, match="not finite"):
        summed(index, broken, items)
