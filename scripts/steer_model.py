"""Steer one model with its IDs in one experiment (section 3; Figs 6, 7) and write the table of beliefs."""

import pandas as pd

from linmech.experiments.steering import Settings, steer
from linmech.experiments.tables import moved_by, write_moved
from linmech.job import run_job


def report(table: pd.DataFrame) -> None:
    """One line per arm for the log: mean |delta| at the outermost target and largest strength."""
    ends = table[(table["target"] == table["target"].max()) & (table["strength"] == table["strength"].max())]
    undecided = table.loc[table["undecided"], "item"].nunique()
    strength = ends["strength"].iloc[0]
    print(f"{table['item'].nunique()} items, {undecided} undecided; last target, strength {strength:g}:")
    for arm, part in ends.groupby("arm", sort=False):
        print(f"  {arm:<11} mean delta {part['delta'].mean():+8.3f} nats, mean |delta| {part['delta_abs'].mean():7.3f}")


if __name__ == "__main__":
    run_job(
        lambda: report(
            write_moved(**moved_by(snakemake), settings=Settings(**snakemake.params.settings), experiment=steer)
        ),
        log=snakemake.log[0],
        asked=snakemake,
    )
