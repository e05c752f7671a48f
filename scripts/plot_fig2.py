"""Figure 2: two nouns exchange their places against each model's own belief, by doses of their gap, beside controls."""

from linmech.figures.exchange.fig2 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.displaced),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
