"""Steer one model with its IDs in one experiment (section 3; Figs 6, 7) and write the table of beliefs."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.experiments import steering
from linmech.experiments.tables import write_table
from linmech.ids.files import load_ids_of
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset


def main(
    model: Declared, ids: str | Path, layers: Sequence[int], datasets: Sequence[Dataset], output: str | Path,
    settings: steering.Settings,
) -> None:  # fmt: skip
    """Write `output`, a row per item, layer, target, strength and arm (`steering.steer`), and say what it shows.

    `ids` is a file of derive_ids, `layers` those to steer at. Raises what `Declared.load` and `load_ids_of` raise, and
    LinmechError if a data set has no such question.
    """
    found, vlm = load_ids_of(ids, layers, model.fingerprint), model.load()
    table = write_table(
        output, model, vlm, datasets, settings,
        lambda dataset, progress: steering.steer(vlm, dataset, found, settings, progress),
        code=steering.__name__, files=[ids],
    )  # fmt: skip
    report(table)


def report(table: pd.DataFrame) -> None:
    """One line per arm for the log: mean |delta| at the outermost target and largest strength."""
    ends = table[(table["target"] == table["target"].max()) & (table["strength"] == table["strength"].max())]
    undecided = table.loc[table["undecided"], "item"].nunique()
    strength = ends["strength"].iloc[0]
    print(f"{table['item'].nunique()} items, {undecided} undecided; last target, strength {strength:g}:")
    for arm, part in ends.groupby("arm", sort=False):
        print(f"  {arm:<11} mean delta {part['delta'].mean():+8.3f} nats, mean |delta| {part['delta_abs'].mean():7.3f}")


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            Declared.read(snakemake.input.model, params.device),
            snakemake.input.ids,
            params.layers,
            [Dataset.of(path, snakemake.input.get("sprites", "")) for path in snakemake.input.questions],
            snakemake.output[0],
            steering.Settings(**params.settings),
        ),
        log=snakemake.log[0],
    )
