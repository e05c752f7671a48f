"""Figure A17: IDs of place and frame together, and how the axis of time lies to the axis of space."""

from linmech.figures.time.figa17 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("panels", "seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
