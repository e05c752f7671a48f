"""Figure 5: spatial IDs and the words of space in the plane of the horizontal and the vertical axis."""

from linmech.figures.fig5 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            panels=snakemake.params.panels,
            dpi=snakemake.params.dpi,
        ),
        log=snakemake.log[0],
    )
