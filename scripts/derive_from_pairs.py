"""Derive IDs of fewer and fewer pairs of nouns from a cache, and measure what they share with those of all (D.1)."""

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from linmech.activations.rows import layers_of, rows_of
from linmech.files import atomic
from linmech.ids.comparing import thinned
from linmech.job import run_job
from linmech.stimuli.datasets import Dataset


def main(activations: Sequence[str | Path], dataset: str | Path, output: str | Path, *, model: str, seed: int = 0):
    """Write `thinned` of the layer files of one reading of `dataset` as a table, with the model's name."""
    rows = rows_of(activations[0], Dataset(Path(dataset)))
    read = tqdm(layers_of(activations), total=len(activations), desc="IDs of fewer pairs", unit="layer")
    table = thinned(rows, read, seed).assign(model=model)
    with atomic(output) as partial:
        table.to_parquet(partial)


if __name__ == "__main__":
    run_job(
        lambda: main(
            list(snakemake.input.activations),
            Path(snakemake.input.questions).parent,
            snakemake.output[0],
            model=snakemake.wildcards.model,
            seed=snakemake.params.seed,
        ),
        log=snakemake.log[0],
    )
