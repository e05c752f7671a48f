"""Many small runs in which there is nothing to find: IDs of cells that were shuffled once, for the whole of a run.

    python tests/drills/null_run.py RESULTS OUT [--runs 40] [--items 60] [--layer 4] [--model organism-llava]

RESULTS is the results/ of a finished run. Of each small run claims like those of Figures 2, 6, 7 and 9 are tested by
what the figures measure and by intervals like theirs, and OUT/null.csv gets a row per run and claim: the estimate (in
the rows of Figures 2, 6 and 9 that of the IDs less that of IDs of shuffled cells), its interval, and whether it claims
an effect. Printed: how often each does, beside the binomial limits of a test at 5 %; and where the true IDs stand
among the runs. What is there already is not made again.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from linmech.experiments.displacing import Settings, displace
from linmech.experiments.progress import Progress
from linmech.figures.exchange import marks as exchange
from linmech.figures.ruler_marks import OWN
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, load_ids
from linmech.models.declared import Declared
from linmech.seeds import rng
from linmech.statistics.bootstrap import bootstrap, paired_difference
from linmech.stimuli.datasets import Dataset

TRUE = -1  # the run whose cells are not shuffled


def shuffled(ids: Ids, run: int) -> Ids:
    """The IDs with their cells exchanged at random, and the axes of that."""
    if run == TRUE:
        return ids
    cells = ids.ids.shape[:-1]
    order = rng(run, "null run").permutation(ids.ids[..., 0].size)
    moved = {
        name: getattr(ids, name).reshape(len(order), -1)[order].reshape(*cells, -1)
        for name in ("ids", "ids_train", "ids_held_out")
    }
    return replace(ids, **moved, axes=axes_of(moved["ids_train"], ids.estimator), statistics={}, by_role={})


def claims(vlm, data: dict[str, Dataset], ids: dict[int, Ids], items: int, folder: Path) -> Iterator[dict]:
    """What the figures would claim of one small run."""

    def moved(name: str, dataset: str, **settings) -> pd.DataFrame:
        done = Progress(folder / name, "null")
        return displace(vlm, data[dataset], ids, Settings(name, items=items, draws=1, **settings), done)

    folder.mkdir(parents=True, exist_ok=True)
    table = moved("adversarial", "pairs", exchange=(-1.0, 1.0))
    table.to_parquet(folder / "m.parquet")
    read = exchange.read_exchanges([folder / "m.parquet"])
    found = exchange.contrasts(exchange.measured(read, 0), 0).set_index("arm")
    row = found.loc["shuffled"]
    best = {"estimate": row["estimate"], "low": row["low"], "high": row["high"]}
    yield best | {"claim": "2: more swapped than by every control", "claims": bool(row["p_all"] < 0.05)}
    yield {"claim": "2: more swapped than by shuffled cells"} | best | {"claims": bool(row["low"] > 0)}
    at = read[read["against"] & (read["size"] == 1)]
    changed = at.pivot(index=["image", "item"], columns="arm", values="delta_abs")
    images = changed.index.get_level_values("image").to_numpy()
    yield _told("9: larger change than by shuffled cells", paired_difference(changed[OWN], changed["shuffled"], images))
    table = moved("left-right", "pairs", displacements=(-2.0, -1.0, 1.0, 2.0))
    asked = table[table["inside"] & (table["truth_after"] != "") & (table["truth_after"] != table["answer"])]
    turned = asked.groupby(["image", "item", "arm"])["turned"].mean().unstack().dropna()
    images = turned.index.get_level_values("image").to_numpy()
    yield _told("6: more turned than by shuffled cells", paired_difference(turned[OWN], turned["shuffled"], images))
    for kind in ("above-below", "front-behind"):
        table = moved(kind, "untied", kind=kind, coordinate="row", displacements=(-2.0, 2.0))
        own = table[table["arm"] == OWN]
        slope = (own["delta"] * own["displacement"]).groupby([own["image"], own["item"]]).mean()
        yield _told(f"7: {kind} moves with height", bootstrap(slope, slope.index.get_level_values("image").to_numpy()))


def _told(claim: str, found) -> dict:
    excluded = found.low > 0 or found.high < 0
    return {"claim": claim, "estimate": found.estimate, "low": found.low, "high": found.high, "claims": bool(excluded)}


def main(results: Path, out: Path, runs: int, items: int, layer: int, model: str) -> None:
    """Make the runs that are not there yet, and print how often each claims an effect."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    out.mkdir(parents=True, exist_ok=True)
    vlm = Declared.read(results / f"models/{model}.json").load()
    ids = load_ids(results / f"ids/spatial/{model}.h5", [layer])
    sprites = results / "sprites/sprites.npz"
    data = {name: Dataset(results / "stimuli" / name, sprites) for name in ("pairs", "untied")}
    for run in range(TRUE, runs):
        path = out / f"run_{run}.csv"
        if not path.is_file():
            fewer = {number: shuffled(each, run) for number, each in ids.items()}
            rows = [{"run": run} | row for row in claims(vlm, data, fewer, items, out / f"run_{run}")]
            pd.DataFrame(rows).to_csv(path, index=False)
    table = pd.concat([pd.read_csv(out / f"run_{run}.csv") for run in range(TRUE, runs)], ignore_index=True)
    table.to_csv(out / "null.csv", index=False)
    low, high = binom.ppf([0.025, 0.975], runs, 0.05)
    for claim, part in table.groupby("claim", sort=False):
        null, true = part[part["run"] != TRUE], part[part["run"] == TRUE].iloc[0]
        beyond = (null["estimate"].abs() >= abs(true["estimate"])).sum()
        p = (beyond + 1) / (runs + 1)
        print(
            f"{claim}: {null['claims'].sum()} of {runs} ({low:.0f} to {high:.0f} at 5 %); "
            f"the true IDs {true['estimate']:.3g}, as far or farther: {beyond} runs (p = {p:.3f})"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--layer", type=int, default=4)
    parser.add_argument("--model", default="organism-llava")
    main(**vars(parser.parse_args()))
