"""Laws of how many images are enough: more are better, a truth without noise needs few, too small parts are told."""

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.ids.design import describe_rows
from linmech.ids.enough import images_needed

COUNTS = [10, 120, 960]


@pytest.fixture(scope="module")
def measured(planted):
    items, _, index, values = planted
    noisy = (values + 6 * np.random.default_rng(0).normal(size=values.shape)).astype(np.float32)
    return table_of(items, index, {0: 0 * values + 1, 1: values, 2: noisy})


def table_of(items, index, layers, counts=COUNTS, **how):
    table = describe_rows(index, items)
    one = table.iloc[::2]
    levels = np.stack([pd.factorize(one[name])[0] for name in ("noun", "cell", "partner", "size")], 1)
    return images_needed(table, layers, index["item"].tolist(), levels, counts=counts, draws=3, **how)


def test_the_agreement_grows_with_the_images_and_is_at_most_one(measured):
    noisy = measured[(measured["layer"] == 2) & measured["told"]]
    for column in ("cosine", "unseen", "axis"):
        means = noisy.groupby(["design", "images"])[column].mean().unstack()
        assert (means[960] > means[120]).all() and noisy[column].max() < 1


def test_images_left_out_agree_less_than_the_whole_which_holds_the_part(measured):
    noisy = measured[(measured["layer"] == 2) & (measured["images"] == 960)]
    assert (noisy["unseen"] < noisy["cosine"]).all()


def test_without_noise_every_part_that_tells_the_cells_tells_them_right(measured):
    exact = measured[(measured["layer"] == 1) & measured["told"]]
    assert len(exact) and np.allclose(exact[["cosine", "unseen", "axis"]], 1, atol=1e-5)
    assert exact["r2"].between(0.9, 1).all()


def test_too_small_parts_and_layers_without_ids_are_kept_and_told(measured):
    few = measured[measured["images"] == 10]
    assert not few["told"].any() and few["cosine"].isna().all()
    assert measured[measured["layer"] == 0]["cosine"].isna().all() and measured[measured["images"] > 10]["told"].all()
    assert len(measured) == 2 * 3 * 3 * 3


def test_the_same_seed_gives_the_same_parts_and_another_one_others(planted, measured):
    items, _, index, values = planted
    again = table_of(items, index, {1: values}, counts=[120])
    noisy = {1: (values + np.random.default_rng(0).normal(size=values.shape)).astype(np.float32)}
    assert again.equals(table_of(items, index, {1: values}, counts=[120]))
    one, other = (table_of(items, index, noisy, counts=[120], seed=seed)["cosine"] for seed in (0, 1))
    assert not np.allclose(one, other)


def test_counts_that_are_no_part_of_the_grid_are_an_error(planted):
    items, _, index, values = planted
    with pytest.raises(LinmechError, match="the grid has 2880 images; give fewer"):
        table_of(items, index, {1: values}, counts=[2880, 9999])
