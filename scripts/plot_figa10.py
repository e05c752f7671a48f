"""Figure A10: accuracies and losses while a model is finetuned, in all arms."""

from linmech.figures.finetuned.figa10 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            dpi=snakemake.params.dpi,
        ),
        log=snakemake.log[0],
    )
