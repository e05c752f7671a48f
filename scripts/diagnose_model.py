"""Read what the nouns of one model are bound to, mask its pictures, inject true IDs, and write the table."""

from linmech.experiments.diagnosing import Settings, diagnose
from linmech.experiments.tables import moved_by, write_moved
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: write_moved(**moved_by(snakemake), settings=Settings(**snakemake.params.settings), experiment=diagnose),
        log=snakemake.log[0],
        asked=snakemake,
    )
