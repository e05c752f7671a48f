"""Laws of the plane: its share of variance is held out, and stands out from both nulls or is no evidence."""

import numpy as np
import pytest

from linmech.ids.plane import shuffled_cosines, statistics


def noisy_grid(seed: int, noise: float, hidden: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    h, v = rng.normal(size=(2, hidden))
    column, row = np.indices((4, 4))[..., None] - 1.5
    one, two = (column * h + row * v + noise * rng.normal(size=(4, 4, hidden)) for _ in range(2))
    return one - one.mean((0, 1)), two - two.mean((0, 1))


def test_a_first_axis_apart_from_all_that_varies_along_the_other_coordinate_has_no_cosine_with_any_order_of_it():
    space, *time = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 9)))[0].T
    column, frame = np.arange(3) - 1.0, np.array(time)
    apart = column[:, None, None] * space + frame[None]
    np.testing.assert_allclose(shuffled_cosines(apart, 1, draws=20), 0, atol=1e-9)
    shared = column[:, None, None] * space + (np.arange(8) - 3.5)[None, :, None] * space
    along = np.abs(shuffled_cosines(shared, 1, draws=40))  # an order without a slope has no direction
    assert np.median(along) == pytest.approx(1) and (along > 0.999).mean() > 0.8
    assert np.isnan(shuffled_cosines(0 * apart, 1, draws=2)).all()


@pytest.mark.parametrize(("cells", "known"), [(3, False), (5, False), (6, True), (8, True)])
def test_a_null_of_orders_is_there_only_where_a_cosine_may_lie_outside_it(cells, known):
    """Own order and reverse are 2 of n! orders: IDs that bend, so that no other order has their axis."""
    draw = np.random.default_rng(1)
    one, *bent = np.linalg.qr(draw.normal(size=(20, cells + 2)))[0].T
    along = 10 * (np.arange(cells) - (cells - 1) / 2)[:, None] * one + np.array(bent[:cells])
    ids = (np.arange(3) - 1.0)[:, None, None] * bent[-1] + along[None]
    null = shuffled_cosines(ids, 1, other=along.T @ (np.arange(cells) - (cells - 1) / 2))
    assert np.isfinite(null).all() == known and len(null) == 200
    if known:
        assert (np.abs(null) > 1 - 1e-9).mean() <= 0.025


def test_held_out_share_is_lower_than_the_share_on_the_points_that_made_the_axes():
    train, held_out = noisy_grid(0, 2.0)
    assert statistics(train, train, draws=2)["plane_share"] > statistics(held_out, train, draws=2)["plane_share"] + 0.02


def test_pure_noise_has_no_held_out_plane_and_its_in_sample_plane_is_no_evidence():
    rng = np.random.default_rng(0)
    train, held_out = rng.normal(size=(2, 4, 4, 200))
    found = statistics(held_out, train)
    assert found["plane_share"] < 0.03 and found["plane_share"] < 2 * found["random"]["high"]["plane_share"]
    assert statistics(train, train, draws=2)["plane_share"] > 0.08


def test_a_true_plane_stands_out_from_both_nulls():
    train, held_out = noisy_grid(1, 0.3)
    found = statistics(held_out, train)
    assert found["plane_share"] > 0.9 > 0.1 > found["random"]["high"]["plane_share"]
    assert min(found["correlation"]) > 0.99 and min(found["agreement"]) > 0.95 and abs(found["cosine"]) < 0.3
    assert max(found["shuffled"]["correlation"]) < 0.9 and found["plane_share"] > found["shuffled"]["plane_share"]
    assert sum(found["axis_share"]) == pytest.approx(found["plane_share"], abs=0.05)


def test_statistics_of_nothing_are_none_and_not_zero():
    found = statistics(np.zeros((4, 4, 9)), np.zeros((4, 4, 9)), draws=3)
    assert found["plane_share"] is None and found["cosine"] is None and found["random"]["plane_share"] is None
