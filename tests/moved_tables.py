"""Tables of displacing and of steering whose effects are known."""

import numpy as np
import pandas as pd

ANSWERS = {"near-far": ("near", "far"), "in-between": ("yes", "no")}
DISPLACEMENTS = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
GOOD = 2  # the layer at which a belief is that of the displaced subject; at others nothing moves
ARMS = ("ids", "noise", "span", "shuffled", "nouns", "covariance", "orthogonal")
EXPERIMENTS = {
    "layers": ("left", "right"),
    "left-right": ("left", "right"),
    "near-far": ("near", "far"),
    "in-between": ("yes", "no"),
    "strengths": ("left", "right"),
}


def displaced_table(folder, experiment, items=12, model="tiny", layers=(GOOD,), slope=1.0):
    """Own arm: d = −(gap + displacement / slope) at layer GOOD; noise moves nothing. Pictures are four cells wide."""
    first, second = ANSWERS.get(experiment, ("left", "right"))
    keys = pd.MultiIndex.from_product(
        [range(items), layers, DISPLACEMENTS, ("axis", "noise")], names=["number", "layer", "displacement", "arm"]
    )
    table = keys.to_frame(index=False)
    gap = np.where(table["number"] % 2 == 0, -1.0, 1.0) * (0.7 + 0.1 * table["number"])
    moves = (table["arm"] == "axis") & (table["layer"] == GOOD) & (experiment != "both")
    after = gap + np.where(moves, table["displacement"] / slope, 0.0)
    sign = -1.0 if experiment == "reference" else 1.0  # moved by as much, it widens the gap the other way
    ruled = gap + (sign * table["displacement"] if experiment != "both" else 0.0)
    after = np.where(moves, gap + sign * (after - gap), after)
    table["inside"] = (ruled + 2).between(0, 4)
    table["truth_after"] = np.where(np.abs(ruled) > 0.25, np.where(ruled < 0, first, second), "")
    table["answer"] = np.where(gap < 0, first, second)
    table["gap"], table["d_before"], table["d_after"] = gap, -gap, -after
    table["turned"] = ((after < 0) != (gap < 0)).astype(float)
    table["item"], table["image"] = table["number"].astype(str) + "#0", table["number"].astype(str)
    tokens = {"both": "subject+reference", "reference": "reference"}.get(experiment, "subject")
    table = table.assign(
        dataset="pairs", experiment=experiment, first=first, second=second, tokens=tokens, draws=1, undecided=False,
        held_out=table["number"] % 3 == 0,
    ).drop(columns="number")  # fmt: skip
    path = folder / "displacing" / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path


def steering_table(folder, experiment, items=6, model="tiny", layers=(2, 3)):
    """Moving to column 0 raises d by 3 nats per unit of strength/5, to column 3 lowers it; the controls do nothing. All
    clean answers are right but that of item 4.
    """
    first, second = EXPERIMENTS[experiment]
    strengths = (1.0, 5.0) if experiment == "strengths" else (5.0,)
    keys = pd.MultiIndex.from_product(
        [range(items), layers, range(4), strengths, ARMS], names=["number", "layer", "target", "strength", "arm"]
    )
    table = keys.to_frame(index=False)
    effect = np.where(table["arm"] == "ids", (1.5 - table["target"]) * 2 * table["strength"] / 5, 0.0)
    table["delta"] = effect + 0.01 * (table["number"] - 2.5)
    table["item"] = table["number"].astype(str) + "#0"
    table["image"] = table["number"].astype(str)
    table["answer"] = np.where(table["number"] % 2 == 0, first, second)
    table["d_before"] = np.where((table["answer"] == first) != (table["number"] == 4), 1.0, -1.0)
    table["side"] = np.where(table["number"] // 2 % 2 == 0, "left", "right")
    table["target_relative"] = np.where(table["side"] == "left", table["target"], 3 - table["target"])
    table["delta_sd"] = np.where(table["arm"].isin(["noise", "span"]), 0.3, np.nan)
    table["turned"] = ((table["arm"] == "ids") & (table["target"] == 3) & (table["answer"] == first)).astype(float)
    table["undecided"] = table["number"] == 0
    table = table.assign(dataset="pairs", experiment=experiment, first=first, second=second).drop(columns="number")
    path = folder / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path
