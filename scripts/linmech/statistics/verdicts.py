"""Which part of a model fails (section 4.2), told from what its wrong answers have in common.

A wrong answer speaks for
    readout   if its nouns are bound to the right places and the true IDs do not mend it,
    vision    if they are bound to the wrong places and the true IDs mend it,
    binding   if they are bound to no place and the true IDs mend it;
else it speaks for nothing. How far bound nouns lie apart, and at which layer their IDs are read, is told from the right
answers alone. A model gets a verdict where one part has clearly more than a third of enough wrong answers.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.statistics.bootstrap import bootstrap
from linmech.statistics.shares import right_of

PARTS = ("vision", "binding", "readout")
NONE = "none"
ENOUGH = 15  # wrong answers
CLEARLY = 1 / 3  # what the lower end of a part's share must exceed
BOUND = 0.5  # of the usual margin: what counts as bound to a place
READ = 0.5  # share of the right answers that exchanged IDs must turn where IDs are read


def evidence(table: pd.DataFrame) -> pd.DataFrame:
    """A row per decided item of a diagnosing experiment, beliefs and margins towards the truth (nats; cells).

    `layer`: where exchanged IDs turn most of the right answers, and `read`: which share of them. `bound`: the nouns'
    own margin at that layer over that of the right answers (median). `mended`: the true IDs make a wrong answer right.
    `sensitivity`: what masks inside the subject's box change the belief more than others. `part`: what it speaks for.
    `undecided`: how many items are left out, because their two answers hold too little probability.
    Raises LinmechError where the table is of no diagnosing experiment, or no answer is right.
    """
    if not {"what", "layer", "arm", "margin"} <= set(table):
        raise LinmechError(
            "a table of diagnosing is needed, with what, layer, arm and margin; run diagnose_model again"
        )
    unsure = table["undecided"].astype(bool)
    decided, left_out = table[~unsure], table.loc[unsure, "item"].nunique()
    toward = np.where(decided["answer"] == decided["first"], 1.0, -1.0)
    decided = decided.assign(belief=decided["d_before"] * toward, after=decided["d_after"] * toward)
    parts = {what: part for what, part in decided.groupby("what")}
    found = parts["bound"].drop_duplicates("item").set_index("item")[["image", "dataset", "gap", "belief"]]
    right = found["belief"] > 0
    if not right.any():
        raise LinmechError("no answer is right: ask easier questions, or another model")
    layer, read = _read_at(parts["injected"], right)
    bound = parts["bound"][parts["bound"]["layer"] == layer].set_index("item")
    own = bound["margin"] * np.sign(bound["true_margin"])
    injected = parts["injected"][parts["injected"]["layer"] == layer].set_index(["arm", "item"])["after"]
    found = found.assign(right=right, layer=layer, read=read, undecided=left_out, bound=own / own[right].median())
    found["mended"] = ~right & (injected["true"] > 0)
    if "masked" in parts:
        changed = parts["masked"].pivot_table(index="item", columns="arm", values="delta_abs")
        found["sensitivity"] = changed.get("inside", np.nan) - changed.get("outside", np.nan)
    found["part"] = [part_of(row.bound, row.mended) if not row.right else "" for row in found.itertuples()]
    return found.reset_index()


def part_of(bound: float, mended: bool) -> str:
    """What a wrong answer speaks for: `bound`, how far its nouns lie apart in the true direction (1 = as far as they
    should); `mended`, whether the true IDs make it right.
    """
    if mended and bound < -BOUND:
        return "vision"
    if mended and abs(bound) <= BOUND:
        return "binding"
    return "readout" if not mended and bound > BOUND else NONE


def verdict(found: pd.DataFrame, seed: int = 0) -> dict[str, object]:
    """What the items of `evidence` say together: the part that fails, or none; the share of the wrong answers that
    speaks for each part with its 95 % bootstrap interval by image; and how many answers are wrong, and which share is
    `right`.

    `why` says why there is none.
    """
    wrong = found[~found["right"]]
    row: dict[str, object] = {"items": len(found), "wrong": len(wrong), "layer": int(found["layer"].iloc[0])}
    row |= {"read": float(found["read"].iloc[0]), "undecided": int(found["undecided"].iloc[0])} | right_of(found)
    for part in PARTS:
        shares = (wrong["part"] == part).astype(float)
        interval = bootstrap(shares, wrong["image"], seed=seed) if len(wrong) else None
        row |= {part: interval.estimate, f"{part}_low": interval.low, f"{part}_high": interval.high} if interval else {}
    if row["read"] < READ:
        return row | {"verdict": NONE, "why": "IDs are not read: exchanging them turns too few answers"}
    if len(wrong) < ENOUGH:
        return row | {"verdict": NONE, "why": f"only {len(wrong)} wrong answers"}
    best = max(PARTS, key=lambda part: row[part])
    if row[f"{best}_low"] <= CLEARLY:
        return row | {"verdict": NONE, "why": "no part has clearly more than a third of the wrong answers"}
    return row | {"verdict": best, "why": ""}


def balanced_accuracy(truths: Sequence[str], verdicts: Sequence[str]) -> float:
    """The mean, over the true parts, of how often the verdict is right (chance with four parts: 0.25)."""
    table = pd.DataFrame({"truth": list(truths), "right": np.array(truths) == np.array(verdicts)})
    return float(table.groupby("truth")["right"].mean().mean())


def _read_at(injected: pd.DataFrame, right: pd.Series) -> tuple[int, float]:
    """The layer at which exchanged IDs turn most of the right answers (the first of equals), and their share."""
    exchanged = injected[(injected["arm"] == "exchanged") & injected["item"].map(right)]
    turned = (exchanged["after"] < 0).groupby(exchanged["layer"]).mean()
    return int(turned.idxmax()), float(turned.max())
