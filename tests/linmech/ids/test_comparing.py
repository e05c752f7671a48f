"""Laws of comparisons of IDs: equal truths agree up to noise, others do not, and what cannot be told is said so."""

import numpy as np
import pytest

from additive_world import HIDDEN, residuals
from linmech.ids.comparing import Part, Rows, compared, counts_of, thinned
from linmech.ids.design import describe_rows


@pytest.fixture(scope="module")
def rows(planted):
    items, _, index, _ = planted
    pairs = [" + ".join(thing.noun for thing in items[item].things.values()) for item in index["item"]]
    return Rows(describe_rows(index, items), np.array(pairs))


def test_numbers_of_pairs_are_powers_of_two_half_of_all_and_all():
    assert counts_of(49) == [1, 2, 4, 8, 16, 24, 49] and counts_of(2) == [1, 2] and counts_of(1) == [1]


def test_without_noise_every_number_of_pairs_gives_the_ids_of_all(planted, rows):
    found = thinned(rows, iter([(3, planted[3])]), seed=0, draws=3)
    assert found["pairs"].value_counts().to_dict() == {1: 3, 2: 3, 4: 3, 8: 3, 12: 3, 24: 1}
    told = found[found["determined"]]
    assert (told["whole"] > 0.9999).all() and (told["apart"].dropna() > 0.9999).all()
    assert told.loc[told["pairs"] < 24, "apart"].notna().all() and (found["chance"] < 0.6).all()
    last = told[told["pairs"] == 24].iloc[0]
    assert np.isnan(last["apart"]) and np.isnan(last["plane_share"]) and len(last["points"]) == 32


def test_noise_parts_disjoint_pairs_more_the_fewer_there_are_while_the_whole_holds_its_own_part(rows):
    noise = np.random.default_rng(0).normal(size=(len(rows.table), HIDDEN)).astype(np.float32)
    found = thinned(rows, iter([(1, noise)]), seed=0, draws=8)
    means = found[found["pairs"] == 12][["whole", "apart"]].mean()
    assert means["whole"] > 0.5 and abs(means["apart"]) < 0.15


def test_a_draw_that_leaves_a_cell_open_is_a_row_that_says_so(planted, rows):
    few = np.flatnonzero(np.arange(len(rows.table)) % 24 < 2)
    table = rows.table.iloc[few].reset_index(drop=True)
    table.attrs = rows.table.attrs | {"signs": rows.table.attrs["signs"][few]}
    found = thinned(Rows(table, rows.pairs[few]), iter([(0, planted[3][few])]), seed=0, draws=4)
    assert len(found) == 4 * 5 + 1 and not found.loc[found["pairs"] == 1, "determined"].any()
    assert found.loc[~found["determined"].astype(bool), "whole"].isna().all()


def test_readings_of_one_truth_agree_and_turned_ones_do_not(planted, rows):
    items, truth, _, values = planted
    turned = residuals(items, truth | {"ids": truth["ids"].transpose(1, 0, 2)})[1]
    told = {"one": values, "again": 2 * values, "turned": turned}
    found = compared(
        {name: rows for name in told}, {name: Part(name) for name in told}, iter([(2, told)]), 0, axes_of_part="one",
        draws=4,
    )  # fmt: skip
    means = found[found["draw"] >= 0].groupby(["one", "other"])["cosine"].agg(["mean", "count"])
    assert (means["count"] == 4).all() and len(means) == 9
    assert means.loc[("one", "again"), "mean"] == pytest.approx(means.loc[("one", "one"), "mean"], abs=1e-6)
    assert means.loc[("one", "turned"), "mean"] < 0.4 < 0.99 < means.loc[("one", "one"), "mean"]
    whole = found[found["draw"] < 0].set_index(["one", "other"])
    assert whole["points"].notna().groupby("other").all().to_dict() == {"again": False, "one": True, "turned": False}
    assert (whole["r2"] > 0.9).all() and (whole["r2_chance"] < 0.6).all()


def test_things_of_each_size_are_parts_of_one_reading(planted, rows):
    items, truth, _, values = planted
    small = (rows.table["size"] == 10).to_numpy()[:, None]
    grown = values + np.where(small, 0, truth["ids"].reshape(16, -1)[rows.table["cell"]]).astype(np.float32)
    parts = {"10": Part("grid", 10.0), "20": Part("grid", 20.0)}
    found = compared({"grid": rows}, parts, iter([(0, {"grid": grown})]), 0, axes_of_part="20", draws=3)
    points = found[found["points"].notna()].set_index("one")["points"]
    np.testing.assert_allclose(2 * np.array(points["10"]), points["20"], atol=1e-3)
    assert (found.loc[found["draw"] < 0, "rows"] < len(rows.table)).all()


def test_a_layer_without_ids_has_no_numbers_and_no_points(rows):
    nothing = np.ones((len(rows.table), HIDDEN), np.float32)
    found = thinned(rows, iter([(0, nothing)]), seed=0, draws=2)
    assert found[["whole", "apart", "plane_share", "r2", "chance"]].isna().all(axis=None)
    parts = {"10": Part("grid", 10.0), "20": Part("grid", 20.0)}
    found = compared({"grid": rows}, parts, iter([(0, {"grid": nothing})]), 0, axes_of_part="20", draws=2)
    assert found[["cosine", "plane_share", "r2", "r2_chance", "chance"]].isna().all(axis=None)
