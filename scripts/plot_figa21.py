"""Figure A21 and Table 2: how far spatial IDs follow the positions that the vision tower is told."""

from linmech.figures.parts.figa21 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            dpi=snakemake.params.dpi,
        ),
        log=snakemake.log[0],
    )
