"""Laws of the marks of swaps: shares are those put in, whatever the answer, and what is not known is not said."""

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.figures.swaps.marks import counts_text, crossing_text, make_marks, read_swapped
from swap_tables import CARRIED, LAYERS, swap_table


def marks_of(path, experiment="mirror", values=("share", "delta")):
    return make_marks(read_swapped([path], experiment), values, 0)


def test_shares_and_changes_are_those_put_in_and_items_that_differ_in_strength_only_leave_no_doubt(tmp_path):
    marks = marks_of(swap_table(tmp_path, "mirror")).set_index(["value", "selector", "layer"])
    believed = np.mean([3 + number / 12 for number in range(12)])
    for selector, shares in CARRIED.items():
        for layer in LAYERS:
            share, delta = (marks.loc[(value, selector, layer)] for value in ("share", "delta"))
            assert (share.estimate, share.low, share.high) == pytest.approx((shares[layer],) * 3)
            assert delta.estimate == pytest.approx(-2 * believed * shares[layer])
    donor = marks.loc[("delta", "donor", -1)]
    assert donor.estimate == pytest.approx(-2 * believed) and donor.low < donor.estimate < donor.high
    assert (marks["items"] == 12).all() and (marks["undecided"] == 1).all() and (marks["right"] == 1).all()


def test_image_and_text_cross_where_their_curves_do_and_no_row_says_so_where_one_is_missing(tmp_path):
    marks = marks_of(swap_table(tmp_path, "mirror"))
    (found,) = marks[marks["value"] == "crossing"].itertuples()
    assert (found.estimate, found.low, found.high) == pytest.approx((2 + 0.2 / 1.2,) * 3)
    assert crossing_text(marks) == "image and text cross at 2.17 [2.17, 2.17]"
    assert counts_text(marks) == "n = 12, 1 undecided; 100% right [76, 100]"
    alone = marks_of(swap_table(tmp_path, "mirror", selectors=("text", "nouns")))
    assert "crossing" not in set(alone["value"]) and crossing_text(alone) == ""
    apart = marks_of(swap_table(tmp_path, "mirror", effect=0.0))
    assert crossing_text(apart) == "image and text do not cross"


def test_a_swap_that_undoes_what_a_donor_does_counts_against_it_whichever_way_the_donor_goes(tmp_path):
    path = swap_table(tmp_path, "mirror", selectors=("nouns",))
    table = pd.read_parquet(path)
    own = table["run"] == "swapped"
    table.loc[own, "delta"] = -0.25 * table.loc[own, "item"].map(table[~own].set_index("item")["delta"])
    table.to_parquet(path)
    for turned in (False, True):
        if turned:
            some = table["item"].isin(["1#0", "2#0"])
            table.assign(delta=table["delta"].where(~some, -table["delta"])).to_parquet(path)
        marks = marks_of(path, values=["share"])
        np.testing.assert_allclose(marks[["estimate", "low", "high"]], -0.25)


def test_a_donor_without_an_effect_has_no_share_and_a_change_of_none(tmp_path):
    marks = marks_of(swap_table(tmp_path, "background", effect=0.0), "background").set_index("value")
    assert marks.loc["share", "estimate"].isna().all() and set(marks.loc["share", "interval"]) == {"none"}
    assert (marks.loc["delta", "estimate"] == 0).all()


def test_items_of_two_data_sets_stay_apart_and_intervals_resample_images(tmp_path):
    path = swap_table(tmp_path, "mirror")
    table = pd.read_parquet(path)
    pd.concat([table, table.assign(dataset="scenes")]).to_parquet(path)
    marks = marks_of(path)
    assert (marks["items"] == 24).all() and (marks["images"] == 24).all() and set(marks["datasets"]) == {"pairs scenes"}
    one = table.assign(image="0")
    one.to_parquet(path)
    marks = marks_of(path)
    assert (marks["images"] == 1).all() and marks["low"].isna().all() and set(marks["interval"]) == {"none"}


def test_a_table_that_cannot_be_drawn_is_named(tmp_path):
    path = swap_table(tmp_path, "mirror")
    with pytest.raises(LinmechError, match="holds experiment 'mirror', not 'colour'"):
        read_swapped([path], "colour")
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    with pytest.raises(LinmechError, match="raise swapping.experiments.mirror.items"):
        read_swapped([path], "mirror")
    pd.DataFrame({"item": ["a"]}).to_parquet(path)
    with pytest.raises(LinmechError, match="tiny.parquet: no column 'image': delete the file and run swap_model again"):
        read_swapped([path], "mirror")
    with pytest.raises(LinmechError, match="name at least one model"):
        read_swapped([], "mirror")
