"""Derive the IDs of several readings, or of things of several sizes, from a model's cache, and compare them (D.2)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from linmech.activations.rows import layers_of, rows_of
from linmech.files import atomic
from linmech.ids.comparing import Part, compared
from linmech.job import run_job
from linmech.stimuli.datasets import Dataset


def main(
    activations: Mapping[str, Sequence[str | Path]],
    dataset: str | Path,
    output: str | Path,
    *,
    model: str,
    axes: str,
    seed: int = 0,
) -> None:
    """Write `compared` of the layer files of readings of `dataset` as a table, with the model's name.

    The parts are the readings; of one reading alone, its things of each size.
    """
    readings = {name: rows_of(files[0], Dataset(Path(dataset))) for name, files in activations.items()}
    parts = {name: Part(name) for name in readings}
    if len(readings) == 1:
        ((name, rows),) = readings.items()
        parts = {f"{size:g}": Part(name, float(size)) for size in sorted(rows.table["size"].unique())}
    files = list(activations.values())
    both = (
        (here[0][0], {name: residuals for name, (_, residuals) in zip(activations, here, strict=True)})
        for here in zip(*map(layers_of, files), strict=True)
    )
    read = tqdm(both, total=len(files[0]), desc="IDs of parts", unit="layer")
    table = compared(readings, parts, read, seed, axes_of_part=axes).assign(model=model)
    with atomic(output) as partial:
        table.to_parquet(partial)


if __name__ == "__main__":
    files, names = list(snakemake.input.activations), list(snakemake.params.readings)
    each = len(files) // len(names)
    run_job(
        lambda: main(
            {name: files[number * each : (number + 1) * each] for number, name in enumerate(names)},
            Path(snakemake.input.questions).parent,
            snakemake.output[0],
            model=snakemake.wildcards.model,
            axes=snakemake.params.axes,
            seed=snakemake.params.seed,
        ),
        log=snakemake.log[0],
    )
