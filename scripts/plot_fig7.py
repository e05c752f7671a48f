"""Figure 7: nouns moved in height; asked of the same scenes: above or below, in front or behind."""

from linmech.figures.across.fig7 import EXPERIMENTS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in EXPERIMENTS},
            list(snakemake.input.depths),
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("rhos", "seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
