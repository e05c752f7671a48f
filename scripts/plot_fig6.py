"""Figure 6: nouns moved along the axes of spatial IDs, by so many cells; beliefs must follow, and follow no control."""

from linmech.figures.fig6 import EXPERIMENTS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in EXPERIMENTS},
            list(snakemake.input.steered),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
