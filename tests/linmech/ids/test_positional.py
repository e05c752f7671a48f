"""Laws of the regression on positions: what follows the table is found on cells left out, what does not is not."""

import numpy as np
import pytest

from linmech.ids.positional import RANKS, Regression, blocks, copies, explained, fourier, likeness

PLACES = np.moveaxis(np.indices((8, 8)), 0, -1)


def sinusoids(width=40):
    rates = 10.0 ** -(np.arange(width // 4) / (width // 4))
    waves = [wave(PLACES[..., axis, None] * rates) for axis in (0, 1) for wave in (np.sin, np.cos)]
    return np.concatenate(waves, axis=-1)


def told(table, ids):
    flat = ids.reshape(64, -1)
    return {rank: (inside, outside) for rank, inside, outside in Regression(table).r2(flat - flat.mean(0))}


def test_blocks_cover_the_grid_once():
    found = list(blocks((8, 8)))
    assert len(found) == 16 and (np.sum(found, axis=0) == 1).all()


def test_ids_that_are_linear_in_the_table_are_foretold_where_no_cell_was_seen():
    table, draw = sinusoids(), np.random.default_rng(0)
    ids = table @ draw.normal(size=(40, 2)) @ draw.normal(size=(2, 30))
    inside, outside = told(table, ids)[2]
    assert inside > 0.999 and outside > 0.99
    assert told(table, ids)[0][0] == pytest.approx(1)


def test_any_table_of_as_many_features_as_cells_fits_in_sample_and_foretells_nothing():
    draw = np.random.default_rng(1)
    inside, outside = told(draw.normal(size=(8, 8, 128)), np.concatenate([PLACES, PLACES**2], -1) * 1.0)[0]
    assert inside == pytest.approx(1) and outside < 0.2


def test_a_permuted_table_is_told_from_places_if_ids_follow_it():
    """The planted truth that smooth bases cannot fit: neighbours of a permuted table are no longer alike."""
    order = np.random.default_rng(2).permutation(64)
    table = sinusoids().reshape(64, -1)[order].reshape(8, 8, -1)
    ids = table @ np.random.default_rng(3).normal(size=(40, 30))
    found = explained(table, {4: ids, 0: 0 * ids}, 0)
    means = found[(found["layer"] == 4) & (found["rank"] == 0)].groupby("design")["left_out"].mean()
    assert means["own"] > 0.9 > 0.2 > max(means["fourier"], means["untrained"], means["shuffled"])
    nothing = found[found["layer"] == 0]
    assert len(nothing) == len(RANKS) and nothing[["in_sample", "left_out"]].isna().all(axis=None)


def test_ids_that_follow_the_tables_own_wiggles_are_a_copy_and_smooth_ones_are_not():
    draw, table = np.random.default_rng(4), sinusoids()
    other = fourier(table, np.random.default_rng(9))
    copy, smooth = (each @ draw.normal(size=(40, 30)) for each in (table, other))
    found = copies(explained(table, {0: 0 * copy, 1: copy, 2: smooth}, 0)).set_index("layer")
    assert found["copied"].to_dict() == {0: False, 1: True, 2: False} and set(found["smooth_draws"]) == {0, 20}
    assert found.loc[1, "own_left_out"] > 0.99 and np.isnan(found.loc[0, "own_left_out"])


def test_a_tower_whose_positions_cannot_be_told_gives_no_numbers():
    found = explained(np.zeros((8, 8, 0)), {0: np.ones((8, 8, 3)), 1: np.ones((8, 8, 3))}, 0)
    assert len(found) == 2 * len(RANKS) and found[["in_sample", "left_out"]].isna().all(axis=None)
    assert not copies(found)["copied"].any()


def test_fourier_features_have_the_tables_width_and_bandwidth():
    table = sinusoids()
    drawn = [fourier(table, np.random.default_rng(seed)) for seed in range(5)]
    assert all(each.shape == table.shape for each in drawn)
    assert np.mean([likeness(each) for each in drawn]) == pytest.approx(likeness(table), abs=0.03)


def test_r2_does_not_depend_on_turning_the_features_or_the_hidden_units():
    table, draw = sinusoids(), np.random.default_rng(5)
    ids = draw.normal(size=(8, 8, 30)) + table @ draw.normal(size=(40, 30))
    turned = [np.linalg.qr(draw.normal(size=(size, size)))[0] for size in (40, 30)]
    for rank, pair in told(table, ids).items():
        np.testing.assert_allclose(told(table @ turned[0], ids @ turned[1])[rank], pair, atol=1e-6)
