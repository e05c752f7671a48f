"""Make one layer file of a reading from those of its shards."""

from linmech.activations.prompts import prompts_of
from linmech.activations.shards import merge
from linmech.job import run_job
from linmech.stimuli.datasets import Dataset

if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: merge(
            snakemake.input.shards,
            snakemake.output[0],
            prompts_of(Dataset.of(snakemake.input.questions, "").items(), **params.asked),
            params.chunk,
        ),
        log=snakemake.log[0],
    )
