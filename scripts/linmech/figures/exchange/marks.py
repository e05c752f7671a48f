"""The numbers of Fig 2: beliefs swapped when two nouns exchange their places against the model's own clean belief.

A belief is swapped where its sign changes (`turned`). The layer is chosen by swaps of the IDs at DOSE on one half of
the images; all that is shown of it is measured on the other half.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.figures.ruler_marks import INTERVAL, OWN, read_displaced
from linmech.statistics.bootstrap import paired_difference
from linmech.statistics.choosing import choose_and_show, choose_then_measure, difference_by_chance
from linmech.statistics.holm import holm
from linmech.statistics.shares import right_of
from linmech.statistics.summaries import summarise

EXPERIMENT = "adversarial"
DOSE = 1.0  # each noun where the other one was: by this dose layers are chosen and models compared
NOISE = "noise"  # the paper's control
SHARE = 3 / 11  # of the layers: the paper shows the best three of eleven
BINS = 5


def read_exchanges(paths: Iterable[str | Path], *, chance: bool = False) -> pd.DataFrame:
    """The tables of all models as one, as `ruler_marks.read_displaced` gives them, and columns of its own.

    `against`: whether the nouns were moved against the clean belief: towards each other where it is `right`, apart
    where it is not. `size`: the dose, whichever way.
    `bin`, `bin_low`, `bin_high`: which of BINS equally full bins of |gap| (cells) the item is in.

    Raises LinmechError where an item cannot be moved against its belief by every dose, or none is DOSE.
    """
    table = read_displaced(paths, EXPERIMENT, chance=chance)
    key = f"displacing.experiments.{EXPERIMENT}.exchange"
    doses = set(table["dose"].dropna()) if "dose" in table else set()
    if DOSE not in doses or doses != {-dose for dose in doses}:
        raise LinmechError(f"{key} has doses {sorted(doses)}; give {DOSE:g}, and each dose with both signs")
    table = table.assign(against=(table["dose"] > 0) == table["right"], size=table["dose"].abs())
    return table.merge(_bins(table), on="item", validate="many_to_one")


def _bins(table: pd.DataFrame) -> pd.DataFrame:
    """The bin of |gap| that each item is in, the same for all models."""
    items = table.drop_duplicates("item")[["item", "gap"]]
    gaps = items["gap"].abs()
    numbers = pd.qcut(gaps, BINS, labels=False, duplicates="drop")
    edges = gaps.groupby(numbers).agg(["min", "max"])
    named = {"bin": numbers + 1, "bin_low": numbers.map(edges["min"]), "bin_high": numbers.map(edges["max"])}
    return items.drop(columns="gap").assign(**named)


def by_layer(table: pd.DataFrame, arm: str, against: bool = True) -> tuple[Float[np.ndarray, "layer item"], pd.Index]:
    """Swaps of one model's arm at DOSE by layer and item, and the items' (item, image)."""
    part = table[(table["arm"] == arm) & (table["size"] == DOSE) & (table["against"] == against)]
    swaps = part.pivot(index="layer", columns=["item", "image"], values="turned").sort_index(axis=1)
    return swaps.to_numpy(float), swaps.columns


def measured(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Each model's rows at the layer that one half of its images chose (`layer`), of the other half."""
    parts = []
    for _, own in table.groupby("model", sort=False):
        swaps, items = by_layer(own, OWN)
        choice = choose_then_measure(swaps, list(items.get_level_values("image")), seed=seed)
        layer = sorted(own["layer"].unique())[choice.chosen[0]]
        parts.append(own[(own["layer"] == layer) & own["image"].isin(choice.images)])
    return pd.concat(parts, ignore_index=True)


def curves(shown: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Share of beliefs swapped by dose and arm against the belief, and of the IDs' own axis towards it too."""
    drawn = shown[shown["against"] | (shown["arm"] == OWN)]
    by = ["model", "layer", "arm", "against", "size"]
    return summarise(drawn, by, "turned", seed=seed).drop(columns="p").assign(interval=INTERVAL)


def by_gap(shown: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Share of beliefs swapped at DOSE by bin of |gap| and arm, against the belief."""
    drawn = shown[shown["against"] & (shown["size"] == DOSE)]
    by = ["model", "layer", "arm", "bin", "bin_low", "bin_high"]
    return summarise(drawn, by, "turned", seed=seed).drop(columns="p").assign(interval=INTERVAL)


def contrasts(shown: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Swaps of the IDs less those of each control at DOSE, paired by item: a row per model and control.

    `p_all`: that some control swaps as many as the IDs do (the largest p of the model's controls, 1 where one swaps
    more); `p_holm`: that after Holm over the models.
    """
    rows, at = [], shown[shown["against"] & (shown["size"] == DOSE)]
    for (model, layer), own in at.groupby(["model", "layer"], sort=False):
        swaps = own.pivot(index=["image", "item"], columns="arm", values="turned")
        images = np.asarray(swaps.index.get_level_values("image"))
        for arm in swaps.columns.drop(OWN):
            found = paired_difference(swaps[OWN], swaps[arm], images, seed=seed)
            row = {"model": model, "layer": layer, "arm": arm, **vars(found), "items": len(swaps)}
            rows.append(row | right_of(own))
    table = pd.DataFrame(rows)
    tested = table["p"].where(table["estimate"] > 0, 1.0).groupby(table["model"], sort=False).max()
    adjusted = pd.Series(holm(tested.to_numpy()), tested.index)
    return table.assign(p_all=table["model"].map(tested), p_holm=table["model"].map(adjusted), interval=INTERVAL)


def by_the_paper(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The paper's estimate at DOSE, a row per model: swaps by the IDs less those by noise at the layers that show most
    of the former, all on the same images; `spread`: its SD over those layers (NaN for one).

    `null`, `null_low`, `null_high`: what the same finds in noise: the noise and its opposite, which are equally
    distributed, in the place of the IDs and their control.
    """
    rows = []
    for model, own in table.groupby("model", sort=False):
        ids, noise, opposite = (by_layer(own, *how)[0] for how in ((OWN,), (NOISE,), (NOISE, False)))
        best = max(1, round(SHARE * len(ids)))
        found, chance = choose_and_show(ids, noise, best), difference_by_chance(noise, opposite, best, seed=seed)
        row = {"model": model, "best": best, "layers": len(ids), "estimate": found.difference, "spread": found.spread}
        row["chosen"] = " ".join(str(sorted(own["layer"].unique())[number]) for number in found.chosen)
        null = {"null": chance.estimate, "null_low": chance.low, "null_high": chance.high}
        rows.append(row | null | right_of(own))
    return pd.DataFrame(rows).assign(items=table.groupby("model", sort=False)["item"].nunique().to_numpy())
