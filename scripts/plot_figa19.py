"""Figure A19: Spatial IDs read from questions in other words, and from one that asks for no place (section D.2)."""

from linmech.figures.parts.compared import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("axes", "unit", "dpi")},
        ),
        log=snakemake.log[0],
    )
