"""How many images are enough for the IDs of each model."""

from linmech.figures.images_needed import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **dict(snakemake.params.items()),
        ),
        log=snakemake.log[0],
    )
