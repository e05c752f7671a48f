"""Figure A18: spatial IDs from fewer and fewer pairs of nouns, beside those of all pairs and of as many others."""

from linmech.figures.parts.figa18 import plot
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
