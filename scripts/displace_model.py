"""Move nouns of one model by so many cells along the axes of its IDs, and write the table of beliefs."""

from linmech.experiments.displacing import Settings, displace
from linmech.experiments.tables import moved_by, write_moved
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: write_moved(**moved_by(snakemake), settings=Settings(**snakemake.params.settings), experiment=displace),
        log=snakemake.log[0],
        asked=snakemake,
    )
