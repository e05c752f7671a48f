"""Hand-made tables of displacing's adversarial: what every belief does is said."""

import numpy as np
import pandas as pd

ARMS = ("axis", "noise", "covariance")
DOSES = (-2.0, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0, 2.0)


def exchange_table(
    folder,
    model="tiny",
    items=40,
    layers=(1, 2, 3),
    good=2,
    follows=1.0,
    right=1.0,
    size=2.0,
    noise=0.0,
    seed=0,
    relabelled=0.5,
):
    """Beliefs of `size` nats per cell of the gap that the model takes for true; a share `right` has its sign.

    At layer `good` the IDs move that gap by `follows` times what the rule says, at the others not at all. Noise makes a
    share `noise` of the beliefs turn, at any layer, dose and direction. At dose 1 and -1 relabelled cells move the gap
    as the rule says times `relabelled` times n / 20, in run n.
    """
    draw = np.random.default_rng(seed)
    where = np.random.default_rng(9)
    names = ["number", "layer", "dose", "arm", "relabelling"]
    keys = [range(items), layers, DOSES, ARMS, (0,)], [range(items), layers, (-1.0, 1.0), ("relabelled",), range(1, 20)]
    table = pd.concat([pd.MultiIndex.from_product(each, names=names).to_frame(index=False) for each in keys])
    table = table.reset_index(drop=True)
    gaps = where.permutation(np.where(np.arange(items) % 2, 1, -1) * np.linspace(0.1, 3, items))
    true = np.arange(items) < round(right * items)
    gap, seen = gaps[table["number"]], (np.where(true, 1, -1) * gaps)[table["number"]]
    far = np.where(table["arm"] == "axis", follows, relabelled * table["relabelling"] / 20) * (table["layer"] == good)
    before = -size * seen
    after = before + 2 * size * far * table["dose"] * gap
    turns = table["arm"].isin(ARMS[1:]) & (draw.random(len(table)) < noise)
    after = np.where(turns, -before, after)
    table["answer"], table["gap"] = np.where(gap < 0, "left", "right"), gap
    table["d_before"], table["d_after"], table["delta"] = before, after, after - before
    table["delta_abs"], table["turned"] = np.abs(after - before), (before * after < 0).astype(float)
    dataset = np.where(np.abs(gap) < 1, "hard", "pairs")
    half = (table["number"] // 2).astype(str)  # two items about an image
    table = table.assign(
        dataset=dataset, item=half + "#" + (table["number"] % 2).astype(str), image=half, experiment="adversarial",
        first="left", second="right", tokens="subject+reference", displacement=-table["dose"] * gap, inside=True,
        truth_after="", held_out=False, draws=1, undecided=table["number"] == 0,
    ).drop(columns="number")  # fmt: skip
    path = folder / f"{model}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path
