"""The numbers of Fig 9: how far a model's beliefs follow its IDs, and how often it is right about the same questions.

All are of the tables of `marks.read_exchanges`, over all layers in them (the middle third, unless a stanza names
others) and all items. Neither of our two measures holds the accuracy: both push against what the model believes.

Figure 6's slope of crossings on gaps is not told here: an exchange moves things by at most so many times their gap, so
that the crossings which are found grow with the gap, whatever a model does. `reach` counts those that are not found.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.figures.exchange.marks import DOSE, NOISE
from linmech.figures.ruler_marks import INTERVAL, OWN, crossings
from linmech.seeds import rng
from linmech.statistics.association import FEWEST, Association, association
from linmech.statistics.bootstrap import bootstrap
from linmech.statistics.permutation import by_chance

SHUFFLES = 1000


@dataclass(frozen=True)
class Measure:
    """A definition of steerability: its column in the table of models, and how it is named on an axis.

    Beside a column NAME there may be NAME_p: what `permutation.by_chance` tells of it.
    """

    column: str
    label: str
    header: str


MEASURES = (
    Measure("reach", "gap / motion at which the belief turns", "A   calibration (1: the rule)"),
    Measure("nats", "|change| by IDs − by noise (nats)", "B   effect"),
    Measure("lost", "accuracy lost to IDs − to noise", "C   the paper’s definition"),
)


def family_of(path: str | Path) -> str:
    """The class of a model's checkpoint (`model_type`), as identify_model wrote it down. LinmechError if it did not."""
    try:
        return json.loads(Path(path).read_text())["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LinmechError(f"{path}: tells no model_type ({error}); delete it and run identify_model again") from error


def of_models(table: pd.DataFrame, chance: pd.DataFrame, families: Mapping[str, str], seed: int) -> pd.DataFrame:
    """A row per model: `accuracy`, `clean` (mean |belief|, nats), and the columns of MEASURES, with their intervals.

    `chance`: the tables of relabelled cells. `nats_p`: how often beliefs change by as much there, the IDs counted among
    them; `nats_chance_low` to `nats_chance_high`: 95 % of the relabellings, less the noise.

    `reach`: an item's gap over the motion of one noun against the other at which its belief crosses zero, the mean;
    1 is what the rule says, 0 where it crosses nowhere (`crossed`: the share that does), and no motion counts for less
    than the smallest dose. `after_ids` and `after_noise`: the share of answers that are still right once the nouns have
    changed places.
    """
    rows = []
    for model, own in table.groupby("model", sort=False):
        items = own.drop_duplicates("item")
        row = {"model": model, "family": families[model], "layers": own["layer"].nunique(), "items": len(items)}
        row |= {"undecided": int(items["undecided"].sum()), "clean": items["d_before"].abs().mean()}
        row |= _named("accuracy", items["right"].astype(float), items["image"], seed)
        at = own[own["size"] == DOSE]
        changed = _by_item(at[at["against"]], "delta_abs")
        row |= _named("nats", changed[OWN] - changed[NOISE], changed.index.get_level_values("image"), seed)
        row |= _chance(chance[chance["model"] == model], changed[NOISE].mean())
        changed_places = at[at["dose"] > 0]
        right = changed_places["turned"].where(~changed_places["right"], 1 - changed_places["turned"])
        after = _by_item(changed_places.assign(after=right), "after")
        row |= _named("lost", after[NOISE] - after[OWN], after.index.get_level_values("image"), seed)
        row |= {"after_ids": after[OWN].mean(), "after_noise": after[NOISE].mean()}
        rows.append(row | _reach(own, seed) | {"interval": INTERVAL})
    return pd.DataFrame(rows)


def _chance(runs: pd.DataFrame, noise: float) -> dict[str, float]:
    """How often the mean |change| by relabelled cells is as large as by the IDs: `nats_p`, and what goes with it."""
    at = runs[runs["against"] & (runs["size"] == DOSE)]
    own, *others = at.groupby(["relabelling", "item"])["delta_abs"].mean().groupby("relabelling").mean().sort_index()
    told = by_chance(own, np.array(others))
    ends = {"nats_chance_low": told.low - noise, "nats_chance_high": told.high - noise}
    return {"nats_p": told.p, "relabellings": told.runs} | ends


def _by_item(rows: pd.DataFrame, value: str) -> pd.DataFrame:
    """The mean over layers of a value, a row per item, a column per arm."""
    return rows.pivot_table(index=["image", "item"], columns="arm", values=value, aggfunc="mean")


def _named(name: str, values: object, images: object, seed: int) -> dict[str, float]:
    found = bootstrap(np.asarray(values, float), np.asarray(images), seed=seed)
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}


def _reach(own: pd.DataFrame, seed: int) -> dict[str, float]:
    """Gap over crossing, as if the subject alone had been moved, against the side that the model believes in."""
    believed = -np.sign(own["d_before"]) * own["gap"].abs()
    points = crossings(own.assign(gap=believed, tokens="subject", displacement=2 * own["displacement"]))
    ratios = (points["true"] / points["crossing"]).fillna(0.0).clip(0.0, 0.5 / own["size"].min())
    return _named("reach", ratios, points["image"], seed) | {"crossed": float((ratios > 0).mean())}


def associations(models: pd.DataFrame, seed: int) -> dict[str, Association]:
    """How each measure goes with accuracy, by its column."""
    numbers = models[[measure.column for measure in MEASURES] + ["accuracy", "clean"]].to_numpy(float)
    *measures, accuracy, clean = numbers.T
    families = models["family"].tolist()
    return {
        measure.column: association(values, accuracy, clean, families, seed=seed)
        for measure, values in zip(MEASURES, measures, strict=True)
    }


def by_construction(models: pd.DataFrame, seed: int) -> float:
    """Spearman's correlation of the paper's definition with accuracy where there is nothing to find, the median: what
    the IDs left of a model's accuracy is given to another one. NaN for fewer than FEWEST models.
    """
    if len(models) < FEWEST:
        return float("nan")
    draw, accuracy = rng(seed, "by construction"), models["accuracy"].rank()
    found = []
    for _ in range(SHUFFLES):
        left = pd.Series(draw.permutation(models["after_ids"]), models.index)
        found.append((models["after_noise"] - left).rank().corr(accuracy))
    return float(np.nanmedian(found))
