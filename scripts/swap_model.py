"""Swap the activations of one model with those of its run about changed visuals, and write the table of beliefs."""

from pathlib import Path

from linmech.experiments.swapping import Settings, swap_all
from linmech.experiments.tables import write_table
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset


def main(model: Declared, datasets: list[Dataset], output: str | Path, settings: Settings) -> None:
    """Write `output`, a row per item and swap (`swapping.swap_all`). Raises what `Declared.load` raises."""
    vlm = model.load()
    write_table(
        output, model, vlm, datasets, settings,
        lambda dataset, progress: swap_all(vlm, dataset, settings, progress), code=swap_all.__module__,
    )  # fmt: skip


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            Declared.read(snakemake.input.model, params.device),
            [Dataset.of(path, snakemake.input.get("sprites", "")) for path in snakemake.input.questions],
            snakemake.output[0],
            Settings(**params.settings),
        ),
        log=snakemake.log[0],
        asked=snakemake,
    )
