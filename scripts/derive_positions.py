"""Regress a model's spatial IDs on the positions that its vision tower is told (section E.2)."""

import sys
from pathlib import Path

import numpy as np

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.ids.files import load_ids_of
from linmech.ids.positional import explained
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.models.position_tables import position_table


def main(model: Declared, ids: str | Path, output: str | Path, *, side: int, seed: int = 0) -> None:
    """Write `explained` of the IDs in a file, all layers, with the model's name and how its tower has positions.

    `side` of the data set's images in px; `reproduced`: how well other objects reproduce a layer's IDs (`ids.shape`).
    A tower whose positions cannot be told has positions "none", no numbers, and a warning that says why. Raises
    LinmechError where the grid of the IDs is not square.
    """
    found = load_ids_of(ids, None, model.fingerprint)
    columns, rows = next(iter(found.values())).ids.shape[:2]
    if columns != rows:
        raise LinmechError(f"{ids}: {columns} columns and {rows} rows are no square grid; use a reading of a grid")
    vlm = model.load()
    try:
        kind, positions = position_table(vlm, side, columns)
    except LinmechError as error:
        print(f"warning: {error}", file=sys.stderr, flush=True)
        kind, positions = "none", np.zeros((columns, rows, 0))
    table = explained(positions, {layer: each.ids for layer, each in found.items()}, seed)
    reproduced = {layer: each.statistics["shape"]["reproduced"] for layer, each in found.items()}
    table["reproduced"] = table["layer"].map(reproduced).astype(float)
    with atomic(output) as partial:
        table.assign(model=model.name, positions=kind, cells=columns * rows).to_parquet(partial)


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            Declared.read(snakemake.input.model),
            snakemake.input.ids,
            snakemake.output[0],
            side=params.side,
            seed=params.seed,
        ),
        log=snakemake.log[0],
    )
