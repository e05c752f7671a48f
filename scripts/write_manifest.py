"""Write the manifest and the questions of a composed data set."""

from importlib import import_module
from inspect import signature
from pathlib import Path

from linmech.job import run_job
from linmech.stimuli.sprites import load_sprites
from linmech.stimuli.tables import save_dataset, tabulate_composed


def main(sprites: str, folder: str | Path, layout: str, seed: int, *, side: int, **settings: object) -> None:
    """Lay out the data set `folder` (its name is the data set's) as `linmech.stimuli.layouts.{layout}` does.

    `side` is the width of its images in px, `settings` the other arguments of the layout. Raises LinmechError where the
    objects are too few.
    """
    drawn = load_sprites(sprites)
    nouns, views = sorted({noun for noun, _ in drawn}), 1 + max(view for _, view in drawn)
    lay_out = import_module(f"linmech.stimuli.layouts.{layout.replace('-', '_')}").lay_out
    if "sprites" in signature(lay_out).parameters:
        settings["sprites"] = drawn
    stimuli = lay_out(nouns, views, seed, Path(folder).name, side=side, **settings)
    save_dataset(folder, *tabulate_composed(stimuli, drawn, side))


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            snakemake.input.sprites,
            Path(snakemake.output.manifest).parent,
            params.layout,
            params.seed,
            **params.settings,
        ),
        log=snakemake.log[0],
    )
