"""The tables of finetuned runs, read, and brought into curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.figures import style as plotting

COLUMNS = ("experiment", "model", "arm", "run", "batches", "step", "what", "dataset", "measure", "value", "items")
ALL = "all"  # data sets: their mean
ARMS = {  # what they are called, and how they are drawn
    "plain": ("answers alone", plotting.INK, "-", "o"),
    "ids": ("spatial IDs", "#D55E00", "-", "s"),
    "shuffled": ("IDs of shuffled cells", "#56B4E9", "--", "^"),
    "random": ("random vectors", plotting.GREY, ":", "x"),
    "places": ("place regression", "#009E73", "-.", "D"),
}


def read(paths: Sequence[str | Path]) -> pd.DataFrame:
    """All rows. LinmechError for none, for files of something else, and where arms of a run saw other batches, or were
    asked at other steps.
    """
    if not paths:
        raise LinmechError("figures of finetuning need the table of at least one run")
    parts = []
    for path in paths:
        part = pd.read_parquet(path)
        if missing := [column for column in COLUMNS if column not in part]:
            raise LinmechError(f"{path}: has no column {missing[0]!r}; run finetune_model again")
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    for (experiment, run), rows in table.groupby(["experiment", "run"]):
        if rows["batches"].nunique() > 1:
            raise LinmechError(f"finetuning {experiment}, run {run}: its arms saw other batches; run them again")
    for experiment, rows in table[table["what"] == "validation"].groupby("experiment"):
        if rows.groupby(["arm", "run"])["step"].unique().map(tuple).nunique() > 1:
            raise LinmechError(f"finetuning {experiment}: its runs were asked at other steps; run them again")
    return table


def arms_of(table: pd.DataFrame) -> list[str]:
    """The arms that there are, in the order in which they are drawn."""
    return [arm for arm in ARMS if arm in set(table["arm"])]


def validated(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by experiment, model, arm, run, data set and step; of the data set ALL, their mean."""
    by = ["experiment", "model", "arm", "run", "dataset", "step"]
    rows = table[(table["what"] == "validation") & (table["measure"] == "accuracy")][[*by, "value", "items"]]
    return pd.concat([rows, _of_all(rows, by)], ignore_index=True)


def tested(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy on the half that was opened once, by experiment, model, arm, run and data set, ALL too."""
    by = ["experiment", "model", "arm", "run", "dataset", "step"]
    rows = table[(table["what"] == "test") & (table["measure"] == "accuracy")][[*by, "value", "items"]]
    return pd.concat([rows, _of_all(rows, by)], ignore_index=True)


def losses(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Means of a loss from one validation to the next, at the later one's step; at 0 that before the first step."""
    by = ["experiment", "model", "arm", "run"]
    rows = table[(table["what"] == "train") & (table["measure"] == measure)]
    found = []
    for key, own in rows.groupby(by):
        asked = table[(table["what"] == "validation") & (table["experiment"] == key[0])]["step"]
        ends = np.unique(asked)
        block = ends[np.searchsorted(ends, own["step"])]
        means = own.groupby(block)["value"].mean()
        first = own.loc[own["step"].idxmin(), "value"]
        for step, value in [(0, first), *means.items()]:
            found.append(dict(zip(by, key, strict=True)) | {"dataset": "", "step": step, "value": value, "items": 0})
    return pd.DataFrame(found)


def curve(
    rows: pd.DataFrame, dataset: str = ALL
) -> tuple[Float[np.ndarray, " step"], Float[np.ndarray, "run step"]]:  # fmt: skip
    """Steps, and the values of one arm's runs at them."""
    wide = rows[rows["dataset"] == dataset].pivot(index="run", columns="step", values="value").sort_index()
    return wide.columns.to_numpy(float), wide.to_numpy(float)


def _of_all(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    keys = [column for column in by if column != "dataset"]
    return rows.groupby(keys, as_index=False).agg(value=("value", "mean"), items=("items", "sum")).assign(dataset=ALL)
