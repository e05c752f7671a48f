"""Figure 7, the axis of depth: IDs of height and depth read from scenes, and how the two axes lie."""

from linmech.figures.across.depth_axis import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.ids),
            list(snakemake.input.grids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("panels", "seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
