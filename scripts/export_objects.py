"""All objects by name on one sheet, as they are rendered."""

from linmech.figures.sheets.objects import export_objects
from linmech.job import run_job

if __name__ == "__main__":
    run_job(lambda: export_objects(snakemake.input.sprites, snakemake.output[0]), log=snakemake.log[0])
