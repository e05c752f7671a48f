"""Laws of the one way in which experiments are run."""

import math

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.experiments.progress import Progress
from linmech.experiments.running import STATISTICS, Reading, rows_of, run
from linmech.questions.answers import AnswerScores
from linmech.stimuli.items import Item, Thing

THINGS = {"subject": Thing("cat"), "reference": Thing("dog")}


def item(name: str, kind: str = "left-right") -> Item:
    return Item(name, f"image {name}", kind, THINGS, "left", "right")


def belief(d: float, mass: float = 0.9) -> AnswerScores:
    first = mass / (1 + math.exp(-d))
    return AnswerScores(math.log(first), math.log(mass - first))


def measure(each, asked):
    """A clean belief of 1 or 3 by order, one reading of "a", and three draws of "b"."""
    clean = 1.0 if "left or right" in asked.text else 3.0
    draws = [Reading(belief(clean + change), {"arm": "b"}) for change in (-4.0, 0.0, 1.0)]
    return [Reading(belief(clean)), Reading(belief(clean + 2), {"arm": "a"}), *draws]


def test_orders_are_averaged_changes_are_after_minus_before_and_draws_are_summed_up():
    one, several = rows_of(item("x"), measure, 0.05)
    assert (one["first"], one["second"], one["answer"], one["kind"]) == ("left", "right", "left", "left-right")
    assert one["d_before"] == pytest.approx(2.0) and one["mass_before"] == pytest.approx(0.9)
    assert one["d_after"] == pytest.approx(4.0) and one["delta"] == pytest.approx(2.0)
    assert one["draws"] == 1 and np.isnan(one["delta_sd"]) and one["turned"] == 0
    assert several["draws"] == 3 and several["delta"] == pytest.approx(-1.0)
    assert several["delta_sd"] == pytest.approx(np.std([-4, 0, 1], ddof=1))
    assert several["delta_abs"] == pytest.approx(5 / 3) and several["turned"] == pytest.approx(1 / 3)


def test_a_kind_without_orders_is_asked_once():
    asked = []

    def counted(each, question):
        asked.append(question.text)
        return [Reading(belief(1.0)), Reading(belief(2.0), {"arm": "a"})]

    rows_of(Item("x", "i", "exists", {"subject": Thing("cat")}, "yes", "no"), counted, 0.05)
    rows_of(item("y"), counted, 0.05)
    assert len(asked) == 3 == len(set(asked))


def test_equal_columns_apart_are_rows_of_their_own():
    def twice(each, asked):
        return [Reading(belief(1.0)), *(Reading(belief(d), {"arm": arm}) for d, arm in ((2, "a"), (3, "b"), (4, "a")))]

    assert [row["arm"] for row in rows_of(item("x"), twice, 0.05)] == ["a", "b", "a"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda each, asked: [Reading(belief(1.0), {"arm": "a"})],
        lambda each, asked: [Reading(belief(1.0)), Reading(belief(1.0), {"arm": asked.text})],
        lambda each, asked: [Reading(belief(1.0))] * (1 + ("left or right" in asked.text)),
    ],
)
def test_readings_that_do_not_fit_together_are_an_error(wrong):
    with pytest.raises(LinmechError, match="item x: an experiment must read the clean run first"):
        rows_of(item("x"), wrong, 0.05)


def test_undecided_items_are_counted_and_kept(tmp_path):
    def unsure(each, asked):
        mass = 0.01 if each.id == "x" else 0.5
        return [Reading(belief(1.0, mass)), Reading(belief(2.0, mass), {"arm": "a"})]

    progress = Progress(tmp_path / "p", "k")
    table = run([item("x"), item("y")], unsure, progress, dataset="d", experiment="e", min_mass=0.05)
    assert table["undecided"].tolist() == [True, False] and len(table) == 2
    assert table["dataset"].tolist() == ["d", "d"] and table["image"].tolist() == ["image x", "image y"]
    assert set(STATISTICS) <= set(table)


def test_committed_items_are_not_run_again_and_the_table_keeps_the_order_of_the_items(tmp_path):
    ran, items = [], [item(name) for name in "dbac"]

    def counted(each, asked):
        ran.append(each.id)
        if each.id == "a" and len(ran) < 6:
            raise KeyboardInterrupt
        return measure(each, asked)

    how = {"dataset": "d", "experiment": "e", "commit_every": 1}
    with pytest.raises(KeyboardInterrupt):
        run(items, counted, Progress(tmp_path / "p", "k"), **how)
    ran_first, ran[:] = list(ran), ["x"] * 6
    table = run(items, counted, Progress(tmp_path / "p", "k"), **how)
    assert ran_first == ["d", "d", "b", "b", "a"] and ran[6:] == ["a", "a", "c", "c"]
    assert table["item"].drop_duplicates().tolist() == ["d", "b", "a", "c"]
    whole = run(items, measure, Progress(tmp_path / "q", "k"), **how)
    pd.testing.assert_frame_equal(table, whole, check_exact=True)


def test_progress_goes_on_only_under_the_same_key(tmp_path):
    first = Progress(tmp_path / "p", "k")
    first.commit([{"item": "b", "x": 1.0}])
    (tmp_path / "p" / ".chunk_000001.partial-1.parquet").write_bytes(b"torn")
    assert Progress(tmp_path / "p", "k").done() == {"b"}
    again = Progress(tmp_path / "p", "k")
    again.commit([{"item": "a", "x": 2.0}])
    assert again.table(["a", "b"])["x"].tolist() == [2.0, 1.0]
    assert Progress(tmp_path / "p", "other").done() == set()


@pytest.mark.parametrize("rest", [b"", b"\0" * 200], ids=["cut", "zeros"])
def test_a_damaged_chunk_costs_its_items_and_no_others(tmp_path, rest, capsys):
    items, how = [item(name) for name in "dbac"], {"dataset": "d", "experiment": "e", "commit_every": 1}
    whole = run(items, measure, Progress(tmp_path / "p", "k"), **how)
    chunk = tmp_path / "p" / "chunk_000001.parquet"
    chunk.write_bytes(chunk.read_bytes()[:-200] + rest)
    again = Progress(tmp_path / "p", "k")
    assert again.done() == set("dac") and "its items are measured again" in capsys.readouterr().out
    pd.testing.assert_frame_equal(run(items, measure, again, **how), whole, check_exact=True)
    assert Progress(tmp_path / "p", "k").done() == set("dbac")
