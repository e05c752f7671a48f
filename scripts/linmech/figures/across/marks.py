"""Tables of displacing about the same scenes, reduced to effects per cell and their ratios, with intervals by image.

Effects are signed: the change of log p(first answer) - log p(second answer) times the sign of the displacement, so that
they are negative where what lies further to the right (below) is said to.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.figures.ruler_marks import INTERVAL, OWN, RELABELLED, scored
from linmech.statistics.bootstrap import ratio_of_sums
from linmech.statistics.permutation import by_chance
from linmech.statistics.shares import right_of
from linmech.statistics.summaries import summarise


def same_scenes(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The rows about images that every table holds for a model. Raises LinmechError where a model has none, or where
    the tables differ in their displacements or layers.
    """
    names = [f"displacing.experiments.{name}" for name in tables]
    pairs = [table[["model", "image"]].drop_duplicates() for table in tables.values()]
    shared = reduce(lambda one, other: one.merge(other), pairs)
    every = {model for pair in pairs for model in pair["model"]}
    if absent := sorted(every - set(shared["model"])):
        raise LinmechError(f"{' and '.join(names)} ask about no image in common ({absent[0]}): raise their items")
    for column in ("displacement", "layer"):
        held = [set(map(tuple, table[["model", column]].drop_duplicates().to_numpy())) for table in tables.values()]
        if any(each != held[0] for each in held):
            raise LinmechError(f"{' and '.join(names)} differ in their {column}s: give both the same")
    return {name: table.merge(shared) for name, table in tables.items()}


def signed(table: pd.DataFrame) -> pd.Series:
    """The change of belief in the direction of the displacement, in nats."""
    return table["delta"] * np.sign(table["displacement"])


def effects(table: pd.DataFrame, by: Sequence[str], seed: int) -> pd.DataFrame:
    """Nats per cell, a row per group of `by`: the signed changes of its rows over the cells moved, ratio of sums."""
    rows = []
    for key, part in table.groupby(list(by), sort=True):
        found = ratio_of_sums(signed(part), part["displacement"].abs(), part["image"], seed=seed)
        rows.append(dict(zip(by, key, strict=True)) | _told(found) | _counted(part))
    return pd.DataFrame(rows).assign(unit="nats per cell", interval=INTERVAL)


def crossover(own: pd.DataFrame, other: pd.DataFrame, chance: pd.DataFrame, seed: int) -> dict[str, object]:
    """How far the answers of `other` move for what those of `own` do, by the axis: ratio of sums over images.

    `right` and `own_right`: the shares of clean answers to either that are right. `p`: of the motion of `own` among its
    relabelled cells, `chance`; `moves`: whether it is at most 0.05; where it is not, the ratio says nothing.
    """
    pair = [table[table["arm"] == OWN] for table in (other, own)]
    sums = pd.concat([signed(table).groupby(table["image"]).sum() for table in pair], axis=1, keys=["other", "own"])
    found = ratio_of_sums(sums["other"], sums["own"], sums.index.to_numpy(str), seed=seed)
    moved, *runs = by_relabelling(chance)
    told = by_chance(moved, np.array(runs))
    answered = {f"own_{name}": value for name, value in right_of(pair[1]).items()}
    chances = {"moves": told.p <= 0.05, "p": told.p, "relabellings": told.runs}
    return _told(found) | chances | _counted(pair[0]) | answered


def ratio_by_chance(own: pd.DataFrame, other: pd.DataFrame) -> float:
    """The ratio of `crossover` over relabelled cells, the same ones in both tables: least squares through 0.

    Two answers that are read off one direction, whichever that is, have the IDs' ratio here too. NaN: nothing moves.
    """
    below, above = (by_relabelling(table)[1:] for table in (own, other))
    return float(below @ above / (below @ below)) if below.any() else float("nan")


def by_relabelling(chance: pd.DataFrame) -> Float[np.ndarray, " run"]:
    """Nats per cell of the IDs as they are, first, and of each run in which cells exchanged their names."""
    runs = chance["relabelling"]
    sums = signed(chance).groupby(runs).sum() / chance["displacement"].abs().groupby(runs).sum()
    return sums.sort_index().to_numpy(float)


def chances(chance: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """How far relabelled cells move beliefs, nats per cell, a row per group of `by`: the mean of the runs, where 95 %
    of them lie, and `p` of the IDs as they are among them.
    """
    rows = []
    for key, part in chance.groupby(list(by), sort=True):
        own, *runs = by_relabelling(part)
        told = by_chance(own, np.array(runs))
        row = {"arm": RELABELLED, "estimate": np.mean(runs), "low": told.low, "high": told.high, "p": told.p}
        rows.append(dict(zip(by, key, strict=True)) | row | {"relabellings": told.runs} | _counted(part))
    return pd.DataFrame(rows).assign(unit="nats per cell", interval="95 % of the relabellings")


def doses(table: pd.DataFrame, by: Sequence[str], seed: int) -> pd.DataFrame:
    """The mean change of belief in nats, a row per group of `by` and displacement."""
    return _summary(table, [*by, "displacement"], "delta", seed).assign(unit="nats")


def turned(table: pd.DataFrame, by: Sequence[str], seed: int) -> pd.DataFrame:
    """The share of answers that turn, by whether the rule asks for it (`need`), and by `by`."""
    return _summary(scored(table), [*by, "need"], "turned", seed).assign(unit="share of answers")


def _summary(table: pd.DataFrame, by: list[str], value: str, seed: int) -> pd.DataFrame:
    return summarise(table, by, value, seed=seed).drop(columns="p").assign(interval=INTERVAL)


def _told(interval: object) -> dict[str, float]:
    return {name: getattr(interval, name) for name in ("estimate", "low", "high")}


def _counted(table: pd.DataFrame) -> dict[str, int]:
    undecided = table.loc[table["undecided"].astype(bool), "item"].nunique()
    counts = {"items": table["item"].nunique(), "images": table["image"].nunique(), "undecided": undecided}
    return counts | right_of(table)
