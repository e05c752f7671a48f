"""Figure A21 and Table 2: how far spatial IDs follow the positions that the vision tower is told."""

from linmech.figures.parts.figa21 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            list(snakemake.input.moved),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
