"""Figure 9: how far the beliefs of each model follow its spatial IDs, against how often they are right."""

from linmech.figures.exchange.fig9 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.displaced),
            list(snakemake.input.models),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("families", "seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
