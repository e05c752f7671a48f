"""Laws of Table C1: the layer is chosen and shown on different images, against the model's own belief, in every arm."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.across import tablec1

SHARES = {"relation-to-relation": 0.0, "relation-to-nouns": 0.5, "nouns-to-nouns": 1.0, "nouns-to-relation": 0.5}
GOOD = 4


def table_of(folder, experiment, model="tiny", items=24):
    """At layer GOOD the IDs turn the first share of the items, only towards the end that belief speaks against."""
    keys = pd.MultiIndex.from_product(
        [range(items), (3, GOOD), (0, 3), ("ids", "noise")], names=["number", "layer", "target", "arm"]
    )
    table = keys.to_frame(index=False)
    left = table["number"] % 2 == 0
    against = table["target"] == np.where(left, 3, 0)
    within = table["number"] // 2 % 2 < 2 * SHARES[experiment]
    turns = (table["arm"] == "ids") & (table["layer"] == GOOD) & against & within
    table["d_before"], table["turned"] = np.where(left, 1.0, -1.0), turns.astype(float)
    table["answer"], table["side"] = np.where(left, "left", "right"), "left"
    number = table.pop("number").astype(str)
    table = table.assign(
        dataset="pairs", experiment=experiment, strength=1.0, delta=0.0, delta_sd=0.0, draws=1, undecided=False,
        first="left", second="right", target_relative=0, item=number + "#0", image=number,
    )  # fmt: skip
    path = folder / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path


def tables_in(folder, models=("tiny",)):
    return {name: [table_of(folder, name, model) for model in models] for name in tablec1.EXPERIMENTS}


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def test_every_way_has_the_share_that_was_put_in_and_its_counts(tmp_path):
    tablec1.plot(tables_in(tmp_path), **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    own = csv[csv["arm"] == "ids"].set_index("experiment")
    for name, share in SHARES.items():
        if share in (0.0, 1.0):
            assert own.loc[name, "estimate"] == share
        else:
            assert own.loc[name, "low"] <= share <= own.loc[name, "high"]
    assert (own.loc[["relation-to-nouns", "nouns-to-nouns", "nouns-to-relation"], "layer"] == GOOD).all()
    assert (csv["items"] == 12).all() and (csv.loc[csv["arm"] == "noise", "estimate"] == 0).all()
    assert set(zip(own["read_at"], own["added_at"], strict=True)) == set(tablec1.EXPERIMENTS.values())
    first = bytes_of(outputs_in(tmp_path))
    tablec1.plot(tables_in(tmp_path), **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_an_item_is_moved_to_the_end_that_its_belief_speaks_against(tmp_path):
    table = pd.read_parquet(table_of(tmp_path, "nouns-to-nouns"))
    moved = tablec1.against_belief(table)
    assert len(moved) == len(table) / 2 and ((moved["d_before"] > 0) == (moved["target"] == 3)).all()


def test_the_papers_numbers_stand_beside_its_models_alone(tmp_path):
    tablec1.plot(tables_in(tmp_path, ("tiny", "llava-7b")), **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    told = csv.dropna(subset="paper")
    assert set(told["model"]) == {"llava-7b"} and set(told["arm"]) == {"ids"}
    assert told.set_index("experiment")["paper"].to_dict() == pytest.approx(
        {"relation-to-relation": 0.2983, "relation-to-nouns": 0.3051, "nouns-to-nouns": 0.4626,
         "nouns-to-relation": 0.2619}
    )  # fmt: skip


def test_no_text_leaves_the_page_or_meets_another(tmp_path):
    models = ("tiny", "llava-7b", "organism-llava-supervised")
    paths = tables_in(tmp_path, models)
    found = pd.concat([
        tablec1.cell(part, name, model, 0)
        for name in paths
        for model, part in tablec1.read_tables(paths[name], name).groupby("model", sort=False)
    ])  # fmt: skip
    with plotting.style():
        figure = tablec1.draw(found)
        plotting.settle(figure)
        boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    page = figure.bbox.padded(1)
    assert all(page.contains(*box.min) and page.contains(*box.max) for box in boxes)
    assert sum("% right" in text.get_text() for text in figure.axes[0].texts) == len(models) * len(paths)
    assert not any(one.overlaps(other) for n, one in enumerate(boxes) for other in boxes[:n])


def test_tables_of_another_experiment_are_refused(tmp_path):
    tables = tables_in(tmp_path)
    tables["nouns-to-nouns"] = tables["nouns-to-relation"]
    with pytest.raises(LinmechError, match="holds experiment 'nouns-to-relation', not 'nouns-to-nouns'"):
        tablec1.plot(tables, **outputs_in(tmp_path))
