"""Figure 10: where answers to questions of time come from, temporal IDs, and what moving them does."""

from linmech.figures.time.fig10 import DISPLACED, SWAPS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            *(
                {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in names}
                for names in (SWAPS, DISPLACED)
            ),
            list(snakemake.input.steered),
            list(snakemake.input.ids),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("layers", "seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
