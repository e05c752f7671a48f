"""The numbers of the figures of diagnosis: tables of diagnosing reduced to evidence, shares and intervals."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from linmech.errors import LinmechError
from linmech.parquet import read_parquet
from linmech.statistics.permutation import by_chance
from linmech.statistics.ranks import auc
from linmech.statistics.shares import leans_right, right_of
from linmech.statistics.summaries import summarise
from linmech.statistics.verdicts import evidence

INTERVAL = "95 % bootstrap by image"


def read_diagnosed(paths: Iterable[str | Path]) -> pd.DataFrame:
    """The tables of a diagnosing experiment as one, with the model (the file's name) and `right`, its clean answers.

    Raises LinmechError naming the table if it has no rows or is none of diagnosing.
    """
    tables = []
    for path in map(Path, paths):
        table = read_parquet(path)
        if table.empty or not {"what", "arm", "layer", "margin", "relabelling"} <= set(table):
            raise LinmechError(f"{path}: no table of diagnosing; delete the file and run diagnose_model again")
        names = {name: table["dataset"] + "/" + table[name] for name in ("item", "image")}
        tables.append(table.assign(model=path.stem, right=leans_right(table), **names))
    if not tables:
        raise LinmechError("a figure of diagnosis needs the table of at least one model")
    return pd.concat(tables, ignore_index=True)


def evidence_of(table: pd.DataFrame) -> pd.DataFrame:
    """`verdicts.evidence` of every model, with what the histograms show: `deviation` of the margin from the true one,
    cells towards the truth (Eq 10), and `sensitivity` (Eq 11, nats).
    """
    parts = []
    for model, own in table.groupby("model", sort=False):
        found = evidence(own[own["relabelling"] == 0])
        parts.append(found.assign(model=model, deviation=_deviations(own, found, 0)))
    return pd.concat(parts, ignore_index=True)


def _deviations(table: pd.DataFrame, found: pd.DataFrame, relabelling: int) -> pd.Series:
    """By how much the margins of one model's items exceed the true ones (cells, towards the truth), by the IDs of a run
    in which the cells exchanged their names; 0: they have their own.
    """
    bound = table[(table["what"] == "bound") & (table["relabelling"] == relabelling)]
    bound = bound[bound["layer"] == found["layer"].iloc[0]].set_index("item")
    return found["item"].map((bound["margin"] - bound["true_margin"]) * np.sign(bound["true_margin"]))


def deviations_by_chance(table: pd.DataFrame, found: pd.DataFrame) -> dict[str, object]:
    """How well the deviations of one model's items tell right answers from wrong ones by IDs whose cells exchanged
    their names: where 95 % of the `relabellings` have their AUC, and `p_chance` of the true IDs' AUC among them.

    An interval by image is one of these IDs: places that are read off any fixed directions are wrong in one way for all
    images, which may go with the answers. Empty where one kind of answer has fewer than two items.
    """
    right = found["right"].to_numpy(bool)
    if min(right.sum(), (~right).sum()) < 2:
        return {}

    def beyond_half(values: pd.Series) -> float:
        return float(mannwhitneyu(values[right], values[~right]).statistic) / (right.sum() * (~right).sum()) - 0.5

    runs = sorted(set(table["relabelling"]) - {0})
    told = by_chance(
        beyond_half(found["deviation"]), np.array([beyond_half(_deviations(table, found, run)) for run in runs])
    )
    return {
        "p_chance": told.p, "chance_low": told.low + 0.5, "chance_high": told.high + 0.5, "relabellings": told.runs
    }  # fmt: skip


def apart(found: pd.DataFrame, value: str, seed: int) -> dict[str, object]:
    """Whether wrong answers have other values than right ones: Mann-Whitney U, two-sided p, and `auc`, the chance that
    a right answer's value is the larger one (0.5 = no difference), with its 95 % bootstrap interval by image.

    `accuracy`: the share of right answers (a half where as many of either were drawn). `without` counts the items that
    have no such value (no room for a box that meets neither object).
    """
    known = found.dropna(subset=[value])
    right, wrong = known[known["right"]], known[~known["right"]]
    row: dict[str, object] = {"statistic": value, "right": len(right), "wrong": len(wrong), "interval": INTERVAL}
    row |= {"without": len(found) - len(known), "undecided": int(found["undecided"].iloc[0])}
    row |= {name.replace("right", "accuracy"): value for name, value in right_of(found).items()}
    if len(right) < 2 or len(wrong) < 2:
        return row
    test = mannwhitneyu(right[value], wrong[value])
    area = auc(known[value], known["right"], known["image"], seed=seed)
    return row | {"u": test.statistic, "p": test.pvalue, "auc": area.estimate, "low": area.low, "high": area.high}


def injections(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The share of right answers by layer and arm of what is injected, a row each; arm "none": nothing is.

    Undecided items are kept, by the likelier of their answers, and counted.
    """
    every = table[table["what"] == "injected"]
    toward = np.where(every["answer"] == every["first"], 1.0, -1.0)
    injected = every.assign(right=(every["d_after"] * toward > 0).astype(float))
    clean = every.assign(right=leans_right(every).astype(float), arm="none")
    clean = clean.drop_duplicates(["model", "layer", "item"])
    both = pd.concat([injected, clean], ignore_index=True)
    found = summarise(both, ["model", "layer", "arm"], "right", seed=seed).drop(columns="p")
    return found.assign(interval=INTERVAL)
