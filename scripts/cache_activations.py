"""Ask a model every question of a dataset and keep the residual stream at its nouns, all layers in one pass."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.activation_store import Store
from linmech.activations import Origin
from linmech.checkpoints import fingerprint
from linmech.extraction import Prompt, extract, index_of, load_declared, recipe
from linmech.files import sha256
from linmech.job import run_job
from linmech.pictures import DatasetImages
from linmech.prompts import KINDS, ask
from linmech.rendering import load_sprites
from linmech.stimuli import load_dataset

ROLES = ("subject", "reference")


def main(
    source: str,
    name: str,
    dataset: str | Path,
    sprites: str | Path,
    output: str | Path,
    *,
    layers: int,
    batch: int = 16,
    workers: int = 0,
    chunk: int = 256,
    stored_dtype: str = "float32",
    dtype: str = "float32",
    device: str = "cpu",
    revision: str | None = None,
    frame_newlines: str | None = None,
    roles: Sequence[str] = ROLES,
) -> None:
    """Write `output`/layer_0.h5 ... layer_{layers}.h5 for the questions of the folder `dataset`, in the table's order.

    Each item is asked its canonical question (wording 0, order 0); its rows are the last pieces of those nouns in
    `roles` that the question names. `layers` is the number of decoder blocks; LinmechError if the checkpoint has
    another number. `dtype` is the model's own, `stored_dtype` the files'. After a kill, the next run goes on.
    """
    options = {"dtype": dtype, "revision": revision, "frame_newlines": frame_newlines}
    vlm = load_declared(source, name, layers, device=device, **options)
    folder = Path(dataset)
    prompts = canonical(load_dataset(folder, load_sprites(sprites)).questions, roles)
    origin = Origin(
        model=name,
        fingerprint=fingerprint(source, revision),
        manifest_sha256=sha256(folder / "manifest.parquet"),
        selector=",".join(roles),
        dtype=stored_dtype,
        recipe=recipe(vlm, folder / "questions.parquet", sprites),
    )
    store = Store(output, range(layers + 1), index_of(prompts), origin, hidden=vlm.hidden, chunk=chunk)
    extract(vlm, prompts, store, DatasetImages(str(folder), str(sprites)), batch=batch, workers=workers)


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
    source, options = json.loads(snakemake.params.loading)
    run_job(
        lambda: main(
            source,
            snakemake.params.model,
            snakemake.params.folder,
            snakemake.input.sprites,
            Path(snakemake.output[0]).parent,
            layers=snakemake.params.layers,
            batch=snakemake.params.batch,
            chunk=snakemake.params.get("chunk", 256),
            workers=snakemake.params.workers,
            stored_dtype=snakemake.params.dtype,
            device=snakemake.params.device,
            **options,
        ),
        log=snakemake.log[0],
    )
