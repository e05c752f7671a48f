"""Figure 8: what wrong answers have in common."""

from linmech.figures.diagnosis.fig8 import plot
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
