"""The run itself, on a page of the report."""

from linmech.figures.paper.run_page import write_page
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: write_page(snakemake.params.config, "logs", snakemake.output.page),
        log=snakemake.log[0],
    )
