"""Derive the IDs of a model from ever larger parts of its grid and compare them with the whole grid's."""

from collections.abc import Sequence
from pathlib import Path

from linmech.activations.layer_files import open_layer
from linmech.files import atomic
from linmech.ids.design import describe_rows
from linmech.ids.enough import images_needed
from linmech.job import run_job
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts.grid import levels_of


def main(
    activations: Sequence[str | Path], dataset: str | Path, output: str | Path, *, counts: Sequence[int], draws: int,
    coordinates: Sequence[str] = ("column", "row"), seed: int = 0, estimator: str = "least-squares",
) -> None:  # fmt: skip
    """Write the table of `images_needed` of the layers in `activations`, the files of one reading of a grid."""
    items, residuals = {item.id: item for item in Dataset(Path(dataset)).items()}, {}
    for path in activations:
        with open_layer(path) as layer:
            index = layer.index
            residuals[int(layer.attrs["layer"])] = layer.read()
    visuals, shown = {item.visual: item.things for item in items.values()}, []
    for visual in sorted(visuals):
        one, other = (visuals[visual][role] for role in ("subject", "reference"))
        cells = [tuple(getattr(thing, name) for name in coordinates) for thing in (one, other)]
        shown.append((one.noun, other.noun, *cells, one.size))
    found = images_needed(
        describe_rows(index, items, coordinates, seed), residuals, [items[item].visual for item in index["item"]],
        levels_of(shown), counts=counts, draws=draws, seed=seed, estimator=estimator,
    )  # fmt: skip
    with atomic(output) as partial:
        found.to_parquet(partial, index=False)


if __name__ == "__main__":
    run_job(
        lambda: main(
            list(snakemake.input.activations),
            Path(snakemake.input.questions).parent,
            snakemake.output[0],
            **dict(snakemake.params.items()),
        ),
        log=snakemake.log[0],
    )
