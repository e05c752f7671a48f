"""The weights of some rows give the IDs of a file that holds these rows alone, at every layer."""

import numpy as np
import pytest

from additive_world import HIDDEN, ids_of
from linmech.ids.additive import UndeterminedError
from linmech.ids.design import describe_rows
from linmech.ids.weights import Weights, cosine


@pytest.fixture(scope="module")
def table(planted):
    return describe_rows(planted[2], planted[0])


def test_ids_of_a_part_are_those_of_a_file_of_its_rows_alone(planted, table):
    items, _, index, values = planted
    noisy = values + np.random.default_rng(2).normal(size=values.shape).astype(np.float32)
    where = np.random.default_rng(1).random(len(index)) < 0.3
    expected = ids_of(index[where].reset_index(drop=True), noisy[where], items)
    part = Weights.of(table, where)
    np.testing.assert_allclose(part.ids(noisy), expected, atol=1e-6)
    other_layer = noisy[:, ::-1] * 3
    np.testing.assert_allclose(part.ids(other_layer), 3 * expected[..., ::-1], atol=1e-5)


def test_an_additive_truth_is_recovered_by_any_part_that_determines_it(planted, table):
    by_size = Weights.of(table, (table["size"] == 10).to_numpy())
    np.testing.assert_allclose(by_size.ids(planted[3]), planted[1]["ids"], atol=5e-5)


def test_a_part_without_some_cell_is_an_error_not_a_zero(table):
    with pytest.raises(UndeterminedError, match="placements"):
        Weights.of(table, (table["cell"] != 6).to_numpy())


def test_rows_that_say_nothing_of_the_cell_give_zero_and_no_cosine(planted, table):
    same = np.float32(table["noun"].factorize()[0])[:, None] * np.ones(HIDDEN, np.float32)
    ids = Weights.of(table, np.ones(len(table), bool)).ids(same)
    assert not ids.any() and np.isnan(cosine(ids, planted[1]["ids"]))


def test_the_cosine_is_of_all_cells_together_and_blind_to_length_and_origin():
    ids = np.random.default_rng(0).normal(size=(4, 4, 9))
    assert cosine(ids, 2 * ids + 5) == pytest.approx(1) and cosine(ids, -ids) == pytest.approx(-1)
    assert abs(cosine(ids, np.random.default_rng(1).normal(size=(4, 4, 9)))) < 0.3
