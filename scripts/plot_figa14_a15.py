"""Figures A14 and A15: nouns, their neighbours and as many other words, swapped with the mirrored run."""

from linmech.figures.swaps.figa14_a15 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.neighbours),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
