"""Laws of the shape of IDs: linear, curved and categorical ones are told apart, and chance is what it is."""

import numpy as np
import pytest

from linmech.ids.shape import contrasts, left_out, regressed, reproduced, shape

HIDDEN = 60


def grid(kind: str, seed: int = 0, noise: float = 0.0, bend: float = 1.0) -> np.ndarray:
    """IDs of a code: "linear" axes, "curved" (an arc in three dimensions), or "cells" (a vector of its own per column
    and per row), with noise of its own on top.
    """
    fixed, draw = np.random.default_rng(7), np.random.default_rng(seed)
    place = np.arange(4) - 1.5
    columns, rows = fixed.normal(size=(2, 4, HIDDEN))
    if kind == "linear":
        columns, rows = (place[:, None] * vectors[0] for vectors in (columns, rows))
    if kind == "curved":
        columns, rows = (
            np.sin(bend * place)[:, None] * vectors[0] + np.cos(bend * place)[:, None] * vectors[1]
            for vectors in (columns, rows)
        )
    made = columns[:, None] + rows[None] + noise * draw.normal(size=(4, 4, HIDDEN))
    return made - made.mean((0, 1))


def test_linear_ids_are_explained_by_their_coordinates_and_go_on_as_a_line():
    found = shape(grid("linear", 1, 0.05), grid("linear", 2, 0.05), draws=50)
    assert found["r2"] > 0.95 > 0.4 > found["r2_shuffled"]["high"]
    assert all(shares[0] > 0.98 for shares in found["contrasts"]) and min(found["left_out"]) > 0.95


def test_one_vector_per_column_has_equal_contrasts_and_no_line():
    draws = np.random.default_rng(0)
    shares = [contrasts(draws.normal(size=(4, 1, HIDDEN)) + 0 * draws.normal(size=(1, 4, 1)))[0][0] for _ in range(100)]
    np.testing.assert_allclose(np.mean(shares, axis=0), [1 / 3] * 3, atol=0.02)
    assert max(shape(grid("cells"), grid("cells"), draws=5)["left_out"]) < 0


def test_an_arc_is_ordered_and_curved():
    found = shape(grid("curved"), grid("curved"), draws=5)
    for linear, quadratic, cubic in found["contrasts"]:
        assert 0.3 < linear < 0.9 and quadratic > 0.1 > cubic
    assert found["interaction"] == pytest.approx(0, abs=1e-12)


def test_what_columns_and_rows_do_together_is_interaction():
    draw = np.random.default_rng(0)
    both = draw.normal(size=(4, 4, HIDDEN))
    both -= both.mean(0, keepdims=True)
    both -= both.mean(1, keepdims=True)
    assert contrasts(both)[1] == pytest.approx(1) and contrasts(grid("cells"))[1] == pytest.approx(0, abs=1e-12)


def test_chance_of_two_regressors_on_sixteen_cells_is_two_fifteenths():
    draw = np.random.default_rng(0)
    places = np.indices((4, 4)).reshape(2, -1).T.astype(float)
    chance = [regressed(draw.normal(size=(16, HIDDEN)), places) for _ in range(300)]
    assert np.mean(chance) == pytest.approx(2 / 15, abs=0.01)


def test_leaving_out_does_not_hang_on_the_slices_that_are_left_out():
    train = grid("linear")
    train[3] += 100
    worse = left_out(grid("linear"), train, 0)
    assert left_out(grid("linear"), grid("linear"), 0) == pytest.approx(1) and worse < 1


def test_ids_of_one_coordinate_and_ids_that_are_zero_have_a_shape_too():
    line = (np.arange(8) - 3.5)[:, None] * np.random.default_rng(0).normal(size=HIDDEN)
    found = shape(line, line, draws=20)
    assert (
        found["r2"] == pytest.approx(1) and len(found["contrasts"][0]) == 7 and found["left_out"][0] == pytest.approx(1)
    )
    nothing = shape(np.zeros((4, 4, 3)), np.zeros((4, 4, 3)), draws=3)
    assert nothing.pop("code") == "none" and set(nothing.values()) == {None}


@pytest.mark.parametrize("kind", ["linear", "curved", "cells"])
def test_codes_are_named_for_what_they_are_whatever_the_noise(kind):
    named = {"cells": "categorical"}.get(kind, kind)
    for seed in range(10):
        assert shape(grid(kind, seed, 0.3, 1.3), grid(kind, seed + 10, 0.1, 1.3), draws=200)["code"] == named


def test_a_vector_of_its_own_for_every_cell_is_categorical_and_what_objects_do_not_share_is_no_code():
    draw = np.random.default_rng(0)
    for _ in range(10):
        own, other = draw.normal(size=(2, 4, 4, HIDDEN))
        assert shape(own + 0.2 * other, own, draws=200)["code"] == "categorical"
        assert shape(own, other, draws=200)["code"] == "none"


def test_ids_are_reproduced_at_any_length_and_not_where_they_are_turned_round():
    own = grid("curved")
    assert shape(0.2 * own, own, draws=3)["length"] == pytest.approx(0.2)
    assert reproduced(0.2 * own, own) == pytest.approx(1) and reproduced(-own, own) == pytest.approx(-1)
    assert abs(reproduced(np.random.default_rng(0).normal(size=own.shape), own)) < 0.05
