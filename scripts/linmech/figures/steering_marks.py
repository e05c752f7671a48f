"""The numbers of Fig. 6: steering tables reduced to one row per mark, with intervals that resample images.

Every mark is a mean over items of `delta` = d after - d before, with
d = log p(first answer) - log p(second answer), in nats.
Several layers of one experiment are averaged, not chosen from. Undecided items are kept and counted.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.parquet import read_parquet
from linmech.statistics.shares import leans_right
from linmech.statistics.summaries import summarise

NEEDED = ("item", "image", "dataset", "experiment", "answer", "layer", "target", "strength", "arm", "delta", "delta_sd")
NEEDED += ("turned", "undecided", "first", "second", "side", "target_relative", "d_before")
EXPERIMENTS = {"layers": "A", "left-right": "B", "near-far": "C", "in-between": "D", "strengths": "E"}


def read_tables(paths: Iterable[str | Path], experiment: str) -> pd.DataFrame:
    """The tables of one experiment as one, with the model (the file's name) and `right`, its clean answers, as columns.

    Raises LinmechError naming the table if it has no rows, lacks a column, belongs to another experiment, or holds
    several strengths where only "strengths" may.
    """
    tables = []
    for path in map(Path, paths):
        table = read_parquet(path)
        missing = [column for column in NEEDED if column not in table]
        if missing:
            raise LinmechError(f"{path}: no column {missing[0]!r}: delete the file and run steer_model again")
        if table.empty:
            raise LinmechError(f"{path}: holds no items: raise steering.experiments.{experiment}.items")
        if set(table["experiment"]) != {experiment}:
            raise LinmechError(f"{path}: holds experiment {table['experiment'].iloc[0]!r}, not {experiment!r}")
        if experiment != "strengths" and table["strength"].nunique() > 1:
            raise LinmechError(f"{path}: holds several strengths: delete the file and run steer_model again")
        if table["delta"].isna().any():
            raise LinmechError(f"{path}: {table['delta'].isna().sum()} rows have no delta: run steer_model again")
        image = table["dataset"] + "/" + table["image"]
        tables.append(table.assign(model=path.stem, image=image, right=leans_right(table)))
    if not tables:
        raise LinmechError(f"no table of steering.experiments.{experiment} is given: name at least one model")
    return pd.concat(tables, ignore_index=True)


def split_up(table: pd.DataFrame, experiment: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """(title, rows) of each panel: by the side on which the subject stands (near-far), else by the true answer."""
    near_far = experiment == "near-far"
    for name, part in table.groupby("side" if near_far else "answer", sort=True):
        yield f"subject on the {name}" if near_far else f"true answer: {name}", part


def by_target(table: pd.DataFrame, seed: int, target: str = "target") -> pd.DataFrame:
    """Panels B to D: one mark per target cell and arm, of a table of one model, dataset and split.

    `target` "target_relative" counts cells from the subject's own side. `draw_sd` is the standard deviation over an
    item's random draws (mean over items): what one draw does, which their mean hides; NaN for arms of one draw.
    `turned` is the share of items, layers and draws after which the other answer is the likelier one.
    """
    return _marks(table, ["arm", target], target, seed).rename(columns={target: "target"})


def by_ends(table: pd.DataFrame, axis: str, seed: int) -> pd.DataFrame:
    """Panels A and E: marks for the first and the last target along `axis` ("layer" or "strength").

    With one image there is no interval over images; the controls then show one standard deviation over their draws.
    """
    ends = table[table["target"].isin([table["target"].min(), table["target"].max()])]
    marks = _marks(ends, ["arm", "target", axis], axis, seed)
    lone = marks["low"].isna() & (marks["draw_sd"] > 0)
    marks.loc[lone, "interval"] = "1 sd over draws"
    marks.loc[lone, "low"] = (marks["estimate"] - marks["draw_sd"])[lone]
    marks.loc[lone, "high"] = (marks["estimate"] + marks["draw_sd"])[lone]
    return marks.drop(columns=axis)


def _marks(table: pd.DataFrame, by: list[str], axis: str, seed: int) -> pd.DataFrame:
    """A mark per group: its mean with its interval, its place on `axis`, its spread over draws, the share turned."""
    marks = summarise(table, by, seed=seed).drop(columns="p")
    means = table.groupby(by, sort=True)["delta_sd"].mean()
    turned = summarise(table, by, "turned", seed=seed)
    kind = marks["low"].isna().map({True: "none", False: "95 % bootstrap by image"})
    return marks.assign(
        x=marks[axis].astype(float), x_axis=axis, interval=kind, draw_sd=means.to_numpy(),
        turned=turned["estimate"], turned_low=turned["low"], turned_high=turned["high"],
    )  # fmt: skip


def named_range(values: Iterable[int]) -> str:
    """Sorted integers in words: 3 | 3-5 | 3, 5, 9."""
    values = sorted({int(value) for value in values})
    if len(values) > 2 and values == list(range(values[0], values[-1] + 1)):
        return f"{values[0]}-{values[-1]}"
    return ", ".join(map(str, values))
