"""Emergence: along one training, the accuracy, the shape of the spatial IDs, and how far beliefs follow them."""

from linmech.figures.emergence import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            list(snakemake.input.displaced),
            list(snakemake.params.steps),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
