"""A contact sheet: images of a dataset with their questions and answers, for people to look at."""

from pathlib import Path

from linmech.figures.sheets.images import export_sheet
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: export_sheet(
            Path(snakemake.input.questions).parent,
            snakemake.input.get("sprites", ""),
            snakemake.output[0],
            columns=snakemake.params.columns,
            rows=snakemake.params.rows,
        ),
        log=snakemake.log[0],
    )
