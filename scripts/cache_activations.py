"""Ask a model the questions of a reading and keep the residual stream at its words, all layers in one pass."""

from pathlib import Path

from linmech.activations.caching import cache_rows
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset

if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: cache_rows(
            Declared.read(snakemake.input.model, params.device),
            Dataset.of(snakemake.input.questions, snakemake.input.get("sprites", "")),
            Path(snakemake.output[0]).parent,
            **params.reading,
            **params.share,
            **{name: params[name] for name in ("dtype", "chunk", "batch", "workers")},
        ),
        log=snakemake.log[0],
        asked=snakemake,
    )
