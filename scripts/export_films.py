"""Videos of a data set for people to look at: film strips with their questions and answers, and MP4s."""

from pathlib import Path

from linmech.figures.time.films import export_films
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: export_films(
            Path(snakemake.input.questions).parent,
            snakemake.input.get("sprites", ""),
            snakemake.output.sheet,
            snakemake.output.films,
            columns=snakemake.params.columns,
            rows=snakemake.params.rows,
        ),
        log=snakemake.log[0],
    )
