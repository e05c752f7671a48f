"""Figure codes: the code that each model's spatial IDs show at every layer, beside what it was taught."""

from linmech.figures.codes import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("truths", "dpi")},
            positions=list(snakemake.input.positions),
        ),
        log=snakemake.log[0],
    )
