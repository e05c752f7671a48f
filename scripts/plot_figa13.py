"""Figure A13: temporal IDs at every layer of every video model."""

from linmech.figures.time.figa13 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
