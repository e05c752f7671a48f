"""Every number that the paper prints, beside ours of the models that were run."""

from linmech.figures.paper.beside import TABLES, compare
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: compare(
            {name: snakemake.input[name] for name in TABLES if name in snakemake.input.keys()},
            snakemake.output.csv,
            snakemake.output.page,
            dict(snakemake.params.layers),
        ),
        log=snakemake.log[0],
    )
