"""Laws of the figures of time: known IDs are told as they are, the pages show their csv, and no text is cut off."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.across import axis_pairs
from linmech.figures.time import fig10, figa13, figa17, id_panels
from linmech.figures.time.id_marks import read_times, times_of
from timed import FRAMES, GOOD, NOUNS, both_ids, ids_files, tables_of, time_ids

FIGURES = {"fig10": fig10, "figa13": figa13, "figa17": figa17}


def outputs_in(folder, name):
    return {end: folder / f"{name}.{end}" for end in ("pdf", "png", "csv")}


def plotted(name, folder, models=("tiny",)):
    """A figure of some models, drawn; its files."""
    outputs = outputs_in(folder, name)
    if name == "fig10":
        fig10.plot(*tables_of(folder, models), ids_files(folder, models), **outputs, dpi=50)
    else:
        make = time_ids if name == "figa13" else both_ids
        FIGURES[name].plot(ids_files(folder, models, make), **outputs, dpi=50)
    return outputs


def test_ids_in_order_have_slope_and_tau_of_one_and_shuffled_ones_have_none():
    good, none, nothing = times_of(time_ids(2), 0), times_of(time_ids(2, ordered=False), 0), times_of(time_ids(0), 0)
    assert good.quality["slope"] == pytest.approx(1, abs=0.05) and good.quality["tau"] > 0.95
    assert good.quality["slope_low"] < good.quality["slope"] < good.quality["slope_high"]
    assert abs(none.quality["tau"]) < 0.6 and good.quality["r2_held_out"] > none.quality["r2_held_out"]
    assert np.isnan(nothing.quality["slope"]) and nothing.words == {}
    assert good.words["clips"]["before"] < 0 < good.words["clips"]["after"]


def test_marks_are_the_means_over_held_out_objects_frame_by_frame():
    times = times_of(time_ids(3), 0)
    held = times.marks[times.marks["point"] == "held out"].set_index("frame")
    np.testing.assert_allclose(held["coordinate"], times.nouns.groupby("frame")["coordinate"].mean())
    assert (held["n"] == len(NOUNS)).all() and (held["low"] <= held["coordinate"]).all()
    assert set(times.numbers()["point"]) == {"held out", "fitted", "time-words", "clips"}


def test_space_and_time_apart_have_no_cosine_and_one_direction_for_both_has_all():
    apart, shared = (axis_pairs.cosines(both_ids(3, apart=how), figa17.LOOK, 0) for how in (True, False))
    assert apart["cosine_held_out"] < 0.1 and shared["cosine_held_out"] > 0.99
    assert apart["cosine_held_out_shuffled"] < 0.5 < shared["cosine_held_out_shuffled"]
    assert np.isnan(axis_pairs.cosines(both_ids(0), figa17.LOOK, 0)["cosine_fitted"])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_its_csv_and_a_second_run_writes_the_same_bytes(name, tmp_path):
    first = plotted(name, tmp_path, ("tiny", "other"))
    csv, before = pd.read_csv(first["csv"]), bytes_of(first)
    assert set(csv["model"]) == {"tiny", "other"} and bytes_of(plotted(name, tmp_path, ("tiny", "other"))) == before
    if name == "fig10":
        assert set(csv["panel"]) == set("ABCD") and set(csv["chosen_layer"]) == {GOOD}
        fits = csv[csv["within"].notna() & csv["dataset"].notna()]
        assert fits["slope"].to_numpy() == pytest.approx(1, abs=1e-6)
        told = csv[csv["experiment"].isin(fig10.SWAPS)]
        assert set(told["value"]) == {"share", "delta", "crossing"}
    elif name == "figa17":
        assert len(csv) == 2 * 5 * 3 * FRAMES


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("count", [1, 3])
def test_no_text_is_cut_off_with_one_model_and_with_many(name, count, tmp_path, monkeypatch):
    pages = []
    monkeypatch.setattr(
        plotting, "save_figure", lambda drawn, *_: pages.extend(drawn if isinstance(drawn, list) else [drawn])
    )
    monkeypatch.setattr(plotting, "write_csv", lambda *_: None)
    plotted(name, tmp_path, [f"organism-{n}-of-some-class" for n in range(count)])
    with plotting.style():
        assert pages and [cut_off(page) for page in pages] == [[]] * len(pages)
        if name == "fig10":
            assert all(
                "layer" in title for page in pages for title in silent(page)
            )  # of IDs, which nobody is asked for


def test_files_that_cannot_be_drawn_are_named(tmp_path):
    both = ids_files(tmp_path, make=both_ids)
    with pytest.raises(LinmechError, match="IDs of column, frame, not of frame"):
        list(read_times(both, 0))
    with pytest.raises(LinmechError, match="name those of the kind space-time"):
        figa17.plot(ids_files(tmp_path), **outputs_in(tmp_path, "x"))
    for figure in (figa13, figa17):
        with pytest.raises(LinmechError, match="at least one video model"):
            figure.plot([], **outputs_in(tmp_path, "x"))


@pytest.mark.parametrize("heights", [[50, 50, 50], [3, 4, 90], [0, 1, 2, 98, 99], [20, 60]])
def test_names_of_words_stand_apart_in_the_order_of_their_places_and_no_farther_off_than_that_takes(heights):
    found = id_panels.spread(np.array(heights, float), 10, 0, 100)
    assert (np.diff(found) >= 10 - 1e-9).all() and found[0] >= 5 - 1e-9 and found[-1] <= 95 + 1e-9
    assert heights != [20, 60] or found.tolist() == heights
    assert heights != [50, 50, 50] or found.tolist() == [40, 50, 60]


def test_names_of_too_many_words_begin_at_the_bottom():
    assert id_panels.spread(np.array([50.0, 50.0, 50.0]), 10, 0, 20).tolist() == [5, 15, 25]
