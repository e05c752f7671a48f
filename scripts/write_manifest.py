"""Write the manifest and the questions of a composed dataset."""

import json

from linmech.job import run_job
from linmech.stimuli.datasets import save_dataset, tabulate_composed
from linmech.stimuli.layouts.grid import grid
from linmech.stimuli.layouts.in_between import in_between
from linmech.stimuli.layouts.near_far import near_far
from linmech.stimuli.layouts.pairs import pairs
from linmech.stimuli.layouts.stimulus import GRID
from linmech.stimuli.sprites import load_sprites

LAYOUTS = {
    "grid": grid,
    "pairs": pairs,
    "near-far": near_far,
    "in-between": in_between,
}


def main(sprites: str, folder: str, dataset: str, settings: dict, cell: int, seed: int) -> None:
    """Write `dataset` (a key of LAYOUTS) into `folder`; cells are `cell` px, images 4 cells wide.

    `settings` are the layout's counts, e.g. {"items": 100}. Raises LinmechError where the objects are too few.
    """
    drawn = load_sprites(sprites)
    nouns, views = sorted({noun for noun, _ in drawn}), 1 + max(view for _, view in drawn)
    side = GRID * cell
    extent = {"cell": cell} if dataset == "grid" else {"side": side}
    stimuli = LAYOUTS[dataset](nouns, views, seed, **settings, **extent)
    save_dataset(folder, *tabulate_composed(stimuli, drawn, side))


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    run_job(
        lambda: main(
            snakemake.input.sprites,
            snakemake.params.folder,
            snakemake.wildcards.dataset,
            json.loads(snakemake.params.settings),
            snakemake.params.cell,
            snakemake.params.seed,
        ),
        log=snakemake.log[0],
    )
