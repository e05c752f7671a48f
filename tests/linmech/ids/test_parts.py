"""Laws of IDs from a part of the rows: all rows give the file's, their order is nothing, too few are an error."""

import numpy as np
import pytest

from additive_world import NOUNS, ids_of
from linmech.errors import LinmechError
from linmech.ids.design import describe_rows
from linmech.ids.parts import chosen, ids_of_rows


def test_all_rows_give_the_ids_of_the_file_whatever_the_estimator(planted):
    items, _, index, values = planted
    table = describe_rows(index, items)
    for estimator in ("least-squares", "mean"):
        expected = ids_of(index, values, items, NOUNS, estimator)
        np.testing.assert_allclose(ids_of_rows(table, values, estimator), expected, atol=1e-9)


def test_the_order_of_the_rows_does_not_matter(planted):
    items, _, index, values = planted
    order = np.random.default_rng(0).permutation(len(index))
    shuffled = describe_rows(index.iloc[order].reset_index(drop=True), items)
    expected = ids_of_rows(describe_rows(index, items), values)
    np.testing.assert_allclose(ids_of_rows(shuffled, values[order]), expected, atol=1e-8)


def test_a_part_of_the_rows_has_the_ids_of_a_file_of_these_rows_alone(planted):
    items, truth, index, values = planted
    where = (np.arange(len(index)) // 2) % 9 == 0
    noisy = (values + np.random.default_rng(1).normal(size=values.shape)).astype(np.float32)
    part = chosen(describe_rows(index, items), where)
    alone = ids_of(index[where].reset_index(drop=True), noisy[where], items)
    np.testing.assert_allclose(ids_of_rows(part, noisy[where]), alone, atol=1e-9)
    np.testing.assert_allclose(ids_of_rows(part, values[where]), truth["ids"], atol=2e-4)
    assert part.attrs["shape"] == (4, 4) and len(part.attrs["signs"]) == where.sum() == len(part)


@pytest.mark.parametrize("rows", [1, 2, 12, 30])
def test_too_few_rows_are_one_clear_error(planted, rows):
    items, _, index, values = planted
    where = np.arange(len(index)) < rows
    with pytest.raises(LinmechError, match="do not determine the effect of every cell"):
        ids_of_rows(chosen(describe_rows(index, items), where), values[where])


def test_no_rows_and_rows_of_another_choice_are_errors(planted):
    items, _, index, values = planted
    table = describe_rows(index, items)
    with pytest.raises(LinmechError, match="the same rows"):
        ids_of_rows(chosen(table, np.zeros(len(table), bool)), values[:0])
    with pytest.raises(LinmechError, match="the same rows"):
        ids_of_rows(table, values[:-1])
