"""Download the photographs of COCO-Spatial, their annotations and questions, and list them with their hashes."""

from linmech.job import run_job
from linmech.stimuli.filed.locked import write_listed
from linmech.stimuli.photographs.downloads import Download, download

if __name__ == "__main__":
    run_job(
        lambda: write_listed(snakemake.output[0], download, Download, snakemake.params.settings), log=snakemake.log[0]
    )
