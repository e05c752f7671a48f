"""Tables of displacing about the same scenes, reduced to effects per cell and their ratios, with intervals by image.

Effects are signed: the change of log p(first answer) - log p(second answer) times the sign of the displacement, so that
they are negative where what lies further to the right (below) is said to.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.figures.ruler_marks import INTERVAL, OWN, scored
from linmech.statistics.bootstrap import bootstrap, ratio_of_sums
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


def crossover(above: pd.DataFrame, front: pd.DataFrame, seed: int) -> dict[str, object]:
    """How far the answers of `front` move for what those of `above` do, own axis alone: ratio of sums over images.

    `moves`: whether the interval of the latter leaves out zero; where it does not, the ratio says nothing.
    """
    own = [table[table["arm"] == OWN] for table in (front, above)]
    sums = pd.concat([signed(table).groupby(table["image"]).sum() for table in own], axis=1, keys=["front", "above"])
    images = sums.index.to_numpy(str)
    below = bootstrap(sums["above"], images, seed=seed)
    found = ratio_of_sums(sums["front"], sums["above"], images, seed=seed)
    return _told(found) | {"moves": bool(below.low > 0 or below.high < 0)} | _counted(own[0])


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
    return {"items": table["item"].nunique(), "images": table["image"].nunique(), "undecided": undecided}
