"""Ask a model every question of a dataset and keep the residual stream at its nouns, all layers in one pass."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.activations.extraction import Prompt, cache
from linmech.activations.preparation import DatasetImages
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.questions.asking import ask
from linmech.questions.kinds import KINDS
from linmech.stimuli.datasets import load_dataset
from linmech.stimuli.sprites import load_sprites

ROLES = ("subject", "reference")


def main(
    model: Declared,
    dataset: str | Path,
    sprites: str | Path,
    output: str | Path,
    *,
    batch: int = 16,
    workers: int = 0,
    chunk: int = 256,
    stored_dtype: str = "float32",
    roles: Sequence[str] = ROLES,
) -> None:
    """Write `output`/layer_0.h5 ... layer_L.h5 for the questions of the folder `dataset`, in the table's order.

    Each item is asked its canonical question (wording 0, order 0); its rows are the last pieces of those nouns in
    `roles` that the question names. `stored_dtype` is the files'. After a kill, the next run goes on. Raises what
    `Declared.load` raises.
    """
    vlm, folder = model.load(), Path(dataset)
    cache(
        model, vlm, canonical(load_dataset(folder, load_sprites(sprites)).questions, roles), output,
        selector=",".join(roles), manifest=folder / "manifest.parquet", files=[folder / "questions.parquet", sprites],
        images=DatasetImages(str(folder), str(sprites)), batch=batch, workers=workers, chunk=chunk,
        stored_dtype=stored_dtype,
    )  # fmt: skip


def canonical(questions: pd.DataFrame, roles: Sequence[str] = ROLES) -> list[Prompt]:
    """Each item's question in wording 0 and order 0, with those of `roles` that it names."""
    prompts = []
    for row in questions.itertuples():
        options = None if KINDS[row.kind].options else sorted((row.answer, row.other))
        question = ask(row.kind, row.subject, row.reference, row.third, options=options)
        named = {role: role for role in roles if role in question.spans}
        prompts.append(Prompt(row.item, question, named, row.image))
    return prompts


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    options = json.loads(snakemake.params.model)
    run_job(
        lambda: main(
            Declared(**options, device=snakemake.params.device),
            snakemake.params.folder,
            snakemake.input.sprites,
            Path(snakemake.output[0]).parent,
            batch=snakemake.params.batch,
            chunk=snakemake.params.chunk,
            workers=snakemake.params.workers,
            stored_dtype=snakemake.params.dtype,
        ),
        log=snakemake.log[0],
    )
