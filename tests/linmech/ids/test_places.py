"""Laws of the ID of any place, and of what a residual says of its place."""

import numpy as np
import pytest

from linmech.ids.places import id_at, placed, span

IDS = np.random.default_rng(0).normal(size=(4, 4, 20))


def test_at_a_cells_centre_it_is_the_cells_id_and_beyond_the_outermost_it_stays():
    for column in range(4):
        for row in range(4):
            np.testing.assert_allclose(id_at(IDS, (column + 0.5) / 4, (row + 0.5) / 4), IDS[column, row])
    np.testing.assert_allclose(id_at(IDS, 0.0, 1.0), IDS[0, 3])
    np.testing.assert_allclose(id_at(IDS, -3, 0.99), IDS[0, 3])


def test_weights_add_up_to_one_and_what_is_linear_stays_linear():
    draw = np.random.default_rng(1)
    x, y = draw.uniform(0.125, 0.875, (2, 50))
    np.testing.assert_allclose([id_at(np.ones((4, 4, 1)), *point) for point in zip(x, y, strict=True)], 1)
    column, row = np.indices((4, 4))
    plane = np.stack([column, row], -1).astype(float)
    np.testing.assert_allclose(
        [id_at(plane, *point) for point in zip(x, y, strict=True)], np.stack([x, y], 1) * 4 - 0.5
    )
    np.testing.assert_allclose(id_at(IDS[:, :1], 0.5, 0.3), (IDS[1, 0] + IDS[2, 0]) / 2)


def test_a_residual_that_was_placed_says_the_new_place_and_keeps_all_else():
    draw = np.random.default_rng(2)
    basis, middle, content = span(IDS), draw.normal(size=20), draw.normal(size=20)
    content -= content @ basis.T @ basis
    residual = middle + IDS[0, 1] + content
    moved = residual + placed(residual, middle, basis, IDS[3, 2])
    np.testing.assert_allclose(moved, middle + IDS[3, 2] + content, atol=1e-12)
    assert placed(residual, middle, basis, IDS[0, 1]) == pytest.approx(0, abs=1e-12)
    nowhere = residual + placed(residual, middle, basis, np.zeros(20))
    np.testing.assert_allclose((nowhere - middle) @ basis.T, 0, atol=1e-12)


def test_the_basis_spans_the_points_and_no_more():
    flat = IDS.reshape(-1, 20)[:, :7] @ np.random.default_rng(3).normal(size=(7, 20))
    basis = span(flat)
    assert len(basis) == 7
    np.testing.assert_allclose(flat @ basis.T @ basis, flat, atol=1e-9)
    np.testing.assert_allclose(basis @ basis.T, np.eye(7), atol=1e-12)
