"""Supplement to figure 5 (paper: Figs. A11, A12): the spatial IDs of every layer of every model, one page per model."""

from linmech.figures.fig5_layers import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            dpi=snakemake.params.dpi,
        ),
        log=snakemake.log[0],
    )
