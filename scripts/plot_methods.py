"""Five methods of interpretability on models with planted faults."""

from linmech.figures.diagnosis.methods import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **dict(snakemake.params.items()),
        ),
        log=snakemake.log[0],
    )
