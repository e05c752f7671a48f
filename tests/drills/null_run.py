"""Many small runs in which there is nothing to find: IDs of cells that were shuffled once, for the whole of a run.

    python tests/drills/null_run.py RESULTS OUT [--runs 40] [--items 60] [--layer 4] [--model organism-llava]

RESULTS is the results/ of a finished run. Of each small run the claims of Figures 2, 6, 7, 8 and 9 are tested as by the
figures, and OUT/null.csv gets a row per run and claim: the estimate (in the rows of Figures 2 and 6 that of the IDs
less that of IDs of shuffled cells), its interval or, of Figures 7, 8 and 9, where 95 % of relabelled cells lie, and
whether it claims an effect. Printed: how often each does, beside the binomial limits of a test at 5 %; and where the
true IDs stand among the runs. Figure 8 is that of RESULTS: the items and wrong answers of its experiment, and the
places that shuffled IDs read off their nouns. What is there already is not made again.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import binom
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from linmech.experiments.diagnosing import Settings as Diagnosed
from linmech.experiments.diagnosing import at_nouns, margins_of, relabelled_of
from linmech.experiments.displacing import Settings, displace
from linmech.experiments.progress import Progress
from linmech.figures.across.marks import by_relabelling, chances
from linmech.figures.diagnosis.marks import apart, deviations_by_chance, evidence_of
from linmech.figures.exchange import marks as exchange
from linmech.figures.exchange.steerability import of_models
from linmech.figures.ruler_marks import OWN, read_displaced
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, load_ids
from linmech.models.declared import Declared
from linmech.models.encoding import encode
from linmech.seeds import rng
from linmech.statistics.bootstrap import paired_difference
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question

TRUE = -1  # the run whose cells are not shuffled
RUNS = 19  # relabellings, as in config.yaml


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

    def moved(name: str, dataset: str, **settings) -> Path:
        done = Progress(folder / name, "null")
        table = displace(vlm, data[dataset], ids, Settings(name, items=items, draws=1, **settings), done)
        table.to_parquet(folder / f"{name}.parquet")
        return folder / f"{name}.parquet"

    folder.mkdir(parents=True, exist_ok=True)
    table = moved("adversarial", "pairs", exchange=(-1.0, 1.0), relabellings=RUNS)
    read = exchange.read_exchanges([table])
    found = exchange.contrasts(exchange.measured(read, 0), 0).set_index("arm")
    row = found.loc["shuffled"]
    best = {"estimate": row["estimate"], "low": row["low"], "high": row["high"]}
    yield best | {"claim": "2: more swapped than by every control", "claims": bool(row["p_all"] < 0.05)}
    yield {"claim": "2: more swapped than by shuffled cells"} | best | {"claims": bool(row["low"] > 0)}
    chance = exchange.read_exchanges([table], chance=True)
    row = of_models(read, chance, {"adversarial": "one"}, 0).iloc[0]
    ends = {"low": row["nats_chance_low"], "high": row["nats_chance_high"], "claims": bool(row["nats_p"] <= 0.05)}
    yield {"claim": "9: larger change than by relabelled cells", "estimate": row["nats"]} | ends
    table = read_displaced([moved("left-right", "pairs", displacements=(-2.0, -1.0, 1.0, 2.0))], "left-right")
    asked = table[table["inside"] & (table["truth_after"] != "") & (table["truth_after"] != table["answer"])]
    turned = asked.groupby(["image", "item", "arm"])["turned"].mean().unstack().dropna()
    images = turned.index.get_level_values("image").to_numpy()
    yield _told("6: more turned than by shuffled cells", paired_difference(turned[OWN], turned["shuffled"], images))
    for kind in ("above-below", "front-behind"):
        table = moved(kind, "untied", kind=kind, coordinate="row", displacements=(-2.0, 2.0), relabellings=RUNS)
        table = read_displaced([table], kind, chance=True)
        row = chances(table, ["kind"]).iloc[0]
        claim = {"claim": f"7: {kind} moves with height", "claims": bool(row["p"] <= 0.05)}
        yield claim | {"estimate": by_relabelling(table)[0], "low": row["low"], "high": row["high"]}


@dataclass(frozen=True)
class Bound:
    """Figure 8's table, and what the nouns of its items hold (less the same about a blank picture) at each layer."""

    table: pd.DataFrame
    items: dict[str, Item]
    held: dict[str, dict[int, np.ndarray]]

    @classmethod
    def of(cls, vlm, table: Path, dataset: Dataset, ids: dict[int, Ids]) -> "Bound":
        """Read it off the model."""
        table = pd.read_parquet(table)
        items = {item.id: item for item in dataset.items() if item.id in set(table["item"])}
        held = {}
        for name, item in tqdm(items.items(), desc="figure 8", mininterval=5):
            orders = []
            for order in (0, 1):
                pictures = [dataset.visual(item.visual, change) for change in ("", "blank")]
                own, base = (at_nouns(vlm, encode(vlm, [each], [question(item, order)]), ids) for each in pictures)
                orders.append({layer: own[layer] - base[layer] for layer in ids})
            held[name] = {layer: (orders[0][layer] + orders[1][layer]) / 2 for layer in ids}
        return cls(table, items, held)

    def claim(self, ids: dict[int, Ids]) -> dict:
        """What Figure 8 claims of these IDs, beside their own relabellings at its layer."""
        asked = Diagnosed("wrong", relabellings=RUNS)
        plain = self.table[self.table["relabelling"] == 0]
        layer = int(evidence_of(plain.assign(model="one"))["layer"].iloc[0])
        bound = plain[(plain["what"] == "bound") & (plain["layer"] == layer)]
        grids = [ids[layer], *relabelled_of(ids[layer], asked)]
        read = [
            [margins_of(grid, self.held[item][layer], self.items[item], asked) for item in bound["item"]]
            for grid in grids
        ]
        rows = [bound.assign(relabelling=run).assign(**_columns(each)) for run, each in enumerate(read)]
        table = pd.concat([plain.drop(bound.index), *rows], ignore_index=True).assign(model="one")
        found = evidence_of(table)
        told = deviations_by_chance(table, found) | apart(found, "deviation", 0)
        named = {"estimate": told["auc"] - 0.5, "low": told["chance_low"] - 0.5, "high": told["chance_high"] - 0.5}
        claims = bool(told["p_chance"] <= 0.05)
        return {"claim": "8: wrong answers deviate otherwise than right ones"} | named | {"claims": claims}


def _columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _told(claim: str, found) -> dict:
    excluded = found.low > 0 or found.high < 0
    return {"claim": claim, "estimate": found.estimate, "low": found.low, "high": found.high, "claims": bool(excluded)}


def main(results: Path, out: Path, runs: int, items: int, layer: int, model: str) -> None:
    """Make the runs that are not there yet, and print how often each claims an effect."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    out.mkdir(parents=True, exist_ok=True)
    vlm = Declared.read(results / f"models/{model}.json").load()
    wrong = results / f"diagnosing/wrong/{model}.parquet"
    layers = sorted(set(pd.read_parquet(wrong, columns=["layer"])["layer"]) - {-1} | {layer})
    ids = load_ids(results / f"ids/spatial/{model}.h5", layers)
    sprites = results / "sprites/sprites.npz"
    data = {name: Dataset(results / "stimuli" / name, sprites) for name in ("pairs", "untied", "hard")}
    bound = Bound.of(vlm, wrong, data["hard"], ids)
    for run in range(TRUE, runs):
        path = out / f"run_{run}.csv"
        if not path.is_file():
            fewer = {number: shuffled(each, run) for number, each in ids.items()}
            found = [*claims(vlm, data, {layer: fewer[layer]}, items, out / f"run_{run}"), bound.claim(fewer)]
            pd.DataFrame([{"run": run} | row for row in found]).to_csv(path, index=False)
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
