"""The numbers of Fig. 6's calibrated counterfactual: tables of displacing reduced to marks, with their intervals.

Every answer is scored against the rule applied to the displaced things (`truth_after`). Only displacements that leave
them inside the picture and make the rule's answer clear are scored; crossings use all displacements.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.parquet import read_parquet
from linmech.statistics.bootstrap import slope
from linmech.statistics.crossing import calibrated, crossing
from linmech.statistics.shares import leans_right, right_of
from linmech.statistics.summaries import summarise

NEEDED = (
    "item", "image", "dataset", "experiment", "answer", "first", "second", "layer", "tokens", "displacement", "arm",
    "gap", "inside", "truth_after", "held_out", "d_before", "d_after", "turned", "draws", "undecided",
)  # fmt: skip
INTERVAL = "95 % bootstrap by image"
OWN = "axis"  # the arm that moves along the IDs' own axis
RELABELLED = "relabelled"  # the arm in which cells have exchanged their names, the same in all items, run by run


def read_displaced(paths: Iterable[str | Path], experiment: str, *, chance: bool = False) -> pd.DataFrame:
    """The tables of one experiment as one, with the model (the file's name) and `right`, its clean answers, as columns.

    Of arms, all but `relabelled`; or, for `chance`, that and the IDs' own, at the steps that it has. Raises
    LinmechError naming the table if it has no rows, lacks a column, or belongs to another experiment, and for `chance`
    if cells never exchanged their names.
    """
    tables = []
    for path in map(Path, paths):
        table = read_parquet(path)
        if missing := [column for column in NEEDED if column not in table]:
            raise LinmechError(f"{path}: no column {missing[0]!r}: delete the file and run displace_model again")
        if table.empty:
            raise LinmechError(f"{path}: holds no items: raise displacing.experiments.{experiment}.items")
        if set(table["experiment"]) != {experiment}:
            raise LinmechError(f"{path}: holds experiment {table['experiment'].iloc[0]!r}, not {experiment!r}")
        at_random = table["arm"] == RELABELLED
        if chance and not at_random.any():
            raise LinmechError(
                f"{path}: holds no relabelled cells: give displacing.experiments.{experiment} relabellings"
            )
        if chance:
            steps = table["displacement" if "dose" not in table or table["dose"].isna().all() else "dose"]
            table = table[at_random | (table["arm"] == OWN) & steps.isin(set(steps[at_random]))]
        else:
            table = table[~at_random]
        names = {name: table["dataset"] + "/" + table[name] for name in ("item", "image")}
        tables.append(table.assign(model=path.stem, right=leans_right(table), **names))
    if not tables:
        raise LinmechError(f"no table of displacing.experiments.{experiment} is given: name at least one model")
    return pd.concat(tables, ignore_index=True)


def believed(table: pd.DataFrame) -> pd.Series:
    """The answer that a model held for the likelier one before anything was moved, by row."""
    return table["first"].where(table["d_before"] > 0, table["second"])


def scored(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that the rule tells, with `need` ("turn" where it asks for another answer than the true one, else
    "stay") and `follows`, the share of their draws that give the rule's answer.
    """
    known = table[table["inside"] & (table["truth_after"] != "")]
    follows = known["turned"].where(known["truth_after"] != believed(known), 1 - known["turned"])
    need = np.where(known["truth_after"] != known["answer"], "turn", "stay")
    return known.assign(need=need, follows=follows.astype(float))


def followed(table: pd.DataFrame, by: list[str], seed: int) -> pd.DataFrame:
    """The share of answers that follow the rule, a row per group of `by`, which may name `need`."""
    return summarise(scored(table), by, "follows", seed=seed).drop(columns="p").assign(interval=INTERVAL)


def chosen_layer(
    depths: pd.DataFrame, layers: Iterable[int], explored: str = "depths", measured: str = "left-right"
) -> int:
    """Of `layers`, the one at which the explored images' answers follow the rule best: the mean of the shares where it
    asks for a turn and where it does not; the first of several.

    Raises LinmechError where the table of explored images holds none of the layers; `explored` and `measured` are the
    experiments.
    """
    own = scored(depths[(depths["arm"] == OWN) & depths["layer"].isin(set(layers))])
    if own.empty:
        raise LinmechError(f"displacing.experiments.{explored} scores no layer of displacing.experiments.{measured}")
    return int(own.groupby(["layer", "need"])["follows"].mean().groupby("layer").mean().idxmax())


def crossings(table: pd.DataFrame) -> pd.DataFrame:
    """Where each item's belief crosses zero as its noun is moved along the IDs' axis (NaN: nowhere), in cells, and the
    displacement that makes up for its true gap: a row per layer, dataset and item.
    """
    own, by = table[table["arm"] == OWN], ["layer", "dataset", "item"]
    steps, crossed = own[[*by, "displacement", "d_after", "d_before"]].groupby(by, sort=True), []
    for _, part in steps:
        x, d, before = part["displacement"].to_numpy(), part["d_after"].to_numpy(), part["d_before"].iloc[0]
        crossed.append(crossing(np.append(x, 0.0), np.append(d, before)))
    found = own.groupby(by, sort=True)[["image", "gap", "tokens", "held_out", "right"]].first().reset_index()
    found["true"] = found["gap"].where(found["tokens"] != "subject", -found["gap"])
    found["crossing"], found["held_out"] = np.array(crossed, dtype=float), found["held_out"].astype(bool)
    return found[[*by, "image", "true", "crossing", "held_out", "right"]]


def calibration(points: pd.DataFrame, seed: int) -> dict[str, float]:
    """How the crossings of some items follow the true ones; `slope_low` and `slope_high`: its 95 % interval.

    `within`: the slope among items whose true gaps have one sign, both less their means, with its interval. Crossings
    that know the side and not the distance have a slope near 1 over both sides, and 0 within.
    """
    told = vars(calibrated(points["true"].to_numpy(), points["crossing"].to_numpy()))
    crossed = points.dropna(subset="crossing")
    interval = dict.fromkeys(("slope_low", "slope_high", "within", "within_low", "within_high"), float("nan"))
    if np.isfinite(told["slope"]):
        found = slope(crossed["true"], crossed["crossing"], crossed["image"], seed=seed)
        interval |= {"slope_low": found.low, "slope_high": found.high}
        numbers = crossed[["true", "crossing"]]
        own = numbers - numbers.groupby(np.sign(crossed["true"])).transform("mean")
        if np.ptp(own["true"]) > 0:
            found = slope(own["true"], own["crossing"], crossed["image"], seed=seed)
            interval |= {"within": found.estimate, "within_low": found.low, "within_high": found.high}
    counts = {"items": len(points), "images": points["image"].nunique()}
    return told | interval | counts | right_of(points)


def calibrations(table: pd.DataFrame, seed: int) -> Iterator[dict[str, float]]:
    """`calibration` at every layer of a table."""
    for layer, points in crossings(table).groupby("layer"):
        yield {"layer": layer} | calibration(points, seed)
