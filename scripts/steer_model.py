"""Steer one model with its spatial IDs in one experiment (section 3; Figs 6, 7) and write the table of beliefs."""

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.experiments.progress import Progress
from linmech.experiments.steering import Settings, steer
from linmech.files import atomic
from linmech.ids.files import load_ids
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.models.recipe import recipe
from linmech.seeds import digest
from linmech.stimuli.datasets import load_dataset
from linmech.stimuli.sprites import load_sprites


def main(
    model: Declared,
    ids: Sequence[str | Path],
    datasets: Sequence[str | Path],
    sprites: str | Path,
    output: str | Path,
    *,
    experiment: str,
    strengths: Sequence[float] = (5.0,),
    items: int = 100,
    draws: int = 20,
    few: int = 5,
    min_mass: float = 0.05,
    tokens: str = "subject",
    seed: int = 0,
    commit_every: int = 5,
) -> None:
    """Write `output`, a row per item, layer, target, strength and arm (columns: `linmech.steering.steer`).

    `ids` are the files of derive_ids of the layers to steer at; `items` are taken from each folder of `datasets`. There
    are `draws` of noise and `few` draws of the other random controls. Killed at any moment, the next run goes on where
    it stopped, from the folder `.{name}.progress` beside `output`. Raises what `Declared.load` raises, and LinmechError
    if the IDs are another model's or a data set has no such question.
    """
    settings = Settings(
        experiment, tuple(map(float, strengths)), items, draws, few, min_mass, tokens, seed, commit_every
    )
    vlm, marks = model.load(), model.fingerprint
    grids = read_grids(ids, marks)
    parts, folder = [], Path(output).parent / f".{Path(output).stem}.progress"
    for dataset in map(Path, datasets):
        tables = [dataset / f"{table}.parquet" for table in ("manifest", "questions")]
        key = digest(recipe(vlm, *tables, sprites, *ids), marks, dataclasses.asdict(settings)).hex()
        loaded = load_dataset(dataset, load_sprites(sprites))
        parts.append(steer(vlm, loaded, grids, settings, Progress(folder / dataset.name, key)))
    table = pd.concat(parts, ignore_index=True)
    with atomic(output) as partial:
        table.to_parquet(partial, index=False)
    shutil.rmtree(folder)
    report(table)


def read_grids(paths: Sequence[str | Path], fingerprint: str) -> dict:
    """The universal IDs (column row hidden) by layer. Raises LinmechError for another model's IDs or a layer twice."""
    grids = {}
    for path in paths:
        found = load_ids(path)
        if found.fingerprint != fingerprint:
            raise LinmechError(f"{path}: these IDs belong to other weights of {found.model}: run derive_ids again")
        if found.layer in grids:
            raise LinmechError(f"{path}: layer {found.layer} was given twice: name each layer once")
        grids[found.layer] = found.ids
    return grids


def report(table: pd.DataFrame) -> None:
    """One line per arm for the log: mean |delta| at the outermost target and largest strength."""
    ends = table[(table["target"] == table["target"].max()) & (table["strength"] == table["strength"].max())]
    undecided = table.loc[table["undecided"], "item"].nunique()
    print(
        f"{table['item'].nunique()} items, {undecided} undecided; last target, strength {ends['strength'].iloc[0]:g}:"
    )
    for arm, part in ends.groupby("arm", sort=False):
        print(f"  {arm:<11} mean delta {part['delta'].mean():+8.3f} nats, mean |delta| {part['delta_abs'].mean():7.3f}")


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    options = json.loads(snakemake.params.model)
    run_job(
        lambda: main(
            Declared(**options, device=snakemake.params.device),
            snakemake.input.ids,
            [Path(path).parent for path in snakemake.input.manifests],
            snakemake.input.sprites,
            snakemake.output[0],
            experiment=snakemake.params.experiment,
            strengths=snakemake.params.strengths,
            items=snakemake.params.n_items,
            draws=snakemake.params.draws,
            min_mass=snakemake.params.min_mass,
            seed=snakemake.params.seed,
        ),
        log=snakemake.log[0],
    )
