"""Figures A6 and A7: residuals swapped with the run about exchanged colours, asked for colours and for places."""

from linmech.figures.swaps.figa6_a7 import EXPERIMENTS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in EXPERIMENTS},
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
