"""Plant every fault in every model of a finished run, several times, and count how often the verdict names it.

    python tests/drills/verdicts.py RESULTS OUT [--seeds 3] [--items 100] [--dataset pairs] [--models NAME ...]

RESULTS is the results/ of a run; OUT gets a table per model, fault and seed (a seed draws which items are broken), and
verdicts.{pdf,png,csv}. What is there already is not made again.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from linmech.experiments.diagnosing import Settings, diagnose
from linmech.experiments.tables import write_moved
from linmech.figures.diagnosis.verdict import plot
from linmech.models.declared import Declared
from linmech.models.faults import FAULTS
from linmech.statistics.verdicts import NONE
from linmech.stimuli.datasets import Dataset


def main(results: Path, out: Path, seeds: int, items: int, dataset: str, models: list[str]) -> None:
    """Diagnose every model with every fault, and healthy ones on as many draws of items, and draw the verdicts."""
    torch.set_num_threads(1)
    tables, truths, sprites = [], {}, results / "sprites/sprites.npz"
    for name in models or sorted(path.stem for path in (results / "models").glob("*.json")):
        declared = Declared.read(results / f"models/{name}.json")
        for seed in range(seeds):
            for kind in (NONE, *FAULTS):
                table = out / f"{name}-{kind}-{seed}.parquet"
                fault = None if kind == NONE else {"kind": kind, "seed": seed}
                if not table.is_file():
                    write_moved(
                        table, replace(declared, fault=fault), results / f"ids/spatial/{name}.h5",
                        range(declared.layers + 1), [Dataset(results / "stimuli" / dataset, sprites)],
                        Settings("easy", items=items, seed=seed), diagnose,
                    )  # fmt: skip
                tables.append(table)
                truths[table.stem] = kind
    plot(tables, *(out / f"verdicts.{end}" for end in ("pdf", "png", "csv")), truths)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--dataset", default="pairs")
    parser.add_argument("--models", nargs="*", default=[])
    main(**vars(parser.parse_args()))
