"""Hash the files of a model, once, and write down what its jobs need to know of it."""

from linmech.job import run_job
from linmech.models.declared import Declared

if __name__ == "__main__":
    run_job(lambda: Declared(**snakemake.params.model).identified().write(snakemake.output[0]), log=snakemake.log[0])
