"""Laws of the additive model: its truth is recovered exactly, nuisances leave the IDs alone."""

import numpy as np
import pandas as pd
import pytest

from additive_world import HIDDEN, NOUNS, ids_of, residuals, summed
from linmech.errors import LinmechError
from linmech.ids.additive import cells, cells_by_noun, noun_means, residual_noise
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


def test_ids_of_one_role_are_those_of_its_rows_and_all_roles_together_those_of_the_file(planted, sums):
    items, truth, index, values = planted
    apart = (
        values
        + np.where(index["role"] == "subject", 1.0, -1.0)[:, None]
        * (truth["ids"][..., ::-1].reshape(16, -1)[describe_rows(index, items)["cell"]])
    )
    found = summed(index, apart.astype(np.float32), items)
    for role, sign in (("subject", 1), ("reference", -1)):
        np.testing.assert_allclose(
            cells(found, NOUNS, role=role), truth["ids"] + sign * truth["ids"][..., ::-1], atol=5e-5
        )
        only = (index["role"] == role).to_numpy()
        alone = summed(index[only].reset_index(drop=True), values[only], items)
        np.testing.assert_allclose(cells(sums, NOUNS, role=role), cells(alone, NOUNS), atol=1e-6)


def test_each_nouns_own_ids_are_those_put_in_with_what_is_its_own(planted, sums):
    items, truth, index, values = planted
    for own in cells_by_noun(sums, NOUNS[:3]).values():
        np.testing.assert_allclose(own, truth["ids"], atol=5e-5)
    table = describe_rows(index, items)
    apart = values.copy()
    apart[(table["noun"] == NOUNS[0]).to_numpy()] += (
        truth["ids"].reshape(16, -1)[table["cell"][table["noun"] == NOUNS[0]]].astype(np.float32)
    )
    found = cells_by_noun(summed(index, apart, items), NOUNS)
    assert np.abs(found[NOUNS[0]] - 2 * truth["ids"]).max() < np.abs(found[NOUNS[0]] - truth["ids"]).max()
    assert list(cells_by_noun(sums, NOUNS[:2])) == NOUNS[:2]


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


def test_noun_means_are_the_means_and_the_noise_varies_as_residuals_do_within_a_noun(planted):
    items, _, index, values = planted
    draw = np.random.default_rng(3)
    spread = np.diag(np.linspace(0.2, 3, HIDDEN)) @ np.linalg.qr(draw.normal(size=(HIDDEN, HIDDEN)))[0]
    noisy = (values + draw.normal(size=values.shape) @ spread).astype(np.float32)
    sums, table = summed(index, noisy, items), describe_rows(index, items)
    means = np.stack([noisy[(table["noun"] == noun).to_numpy()].astype(float).mean(0) for noun in NOUNS])
    np.testing.assert_allclose(noun_means(sums), means, atol=1e-4)
    within = noisy - means[np.searchsorted(NOUNS, table["noun"].to_numpy(dtype=str))]
    true, drawn = np.cov(within.T), residual_noise(sums)
    found = drawn.T @ drawn / len(drawn)
    assert np.trace(found) == pytest.approx(np.trace(true), rel=0.4)
    direction = np.linalg.eigh(true)[1][:, -1]
    assert direction @ found @ direction == pytest.approx(direction @ true @ direction, rel=0.6)


def test_the_noise_depends_on_the_seed_and_on_no_order_of_work(planted):
    items, _, index, values = planted
    one = residual_noise(summed(index, values, items))
    np.testing.assert_allclose(residual_noise(summed(index, values, items, 37)), one, atol=1e-9)
    order = np.random.default_rng(0).permutation(len(index))
    shuffled = summed(index.iloc[order].reset_index(drop=True), values[order], items)
    np.testing.assert_allclose(residual_noise(shuffled), one, atol=1e-9)
    assert np.abs(residual_noise(summed(index, values, items, seed=1)) - one).max() > 0.01
