"""Ask a model text-only questions and keep the residual stream at the words of space: left, right, above, below ..."""

import json
from collections.abc import Sequence
from pathlib import Path

from linmech.activation_store import Store
from linmech.activations import Origin
from linmech.checkpoints import fingerprint
from linmech.extraction import Prompt, extract, index_of, load_declared, recipe
from linmech.files import sha256
from linmech.job import run_job
from linmech.layouts import ordered_pairs
from linmech.prompts import ask
from linmech.rendering import load_sprites

KINDS = ("left-right", "above-below", "front-behind")


def main(
    source: str,
    name: str,
    sprites: str | Path,
    output: str | Path,
    *,
    layers: int,
    pairs: int = 90,
    batch: int = 16,
    chunk: int = 256,
    stored_dtype: str = "float32",
    dtype: str = "float32",
    device: str = "cpu",
    revision: str | None = None,
    frame_newlines: str | None = None,
    seed: int = 0,
) -> None:
    """Write `output`/layer_0.h5 ... layer_{layers}.h5; item = "{kind}/{subject}/{reference}/{order}", role = the word.

    At most `pairs` ordered pairs of the nouns of `sprites` (drawn from `seed`, all nouns equally often) are asked the
    kinds of KINDS without an image, in both option orders; each row is the last piece of one relation word. The files'
    manifest_sha256 is the hash of `sprites`. `layers` is the number of decoder blocks; LinmechError if the checkpoint
    has another number. `dtype` is the model's own, `stored_dtype` the files'.
    """
    options = {"dtype": dtype, "revision": revision, "frame_newlines": frame_newlines}
    vlm = load_declared(source, name, layers, device=device, **options)
    nouns = sorted({noun for noun, _ in load_sprites(sprites)})
    prompts = word_prompts(ordered_pairs(nouns, min(pairs, len(nouns) * (len(nouns) - 1)), seed))
    origin = Origin(
        model=name,
        fingerprint=fingerprint(source, revision),
        manifest_sha256=sha256(sprites),
        selector="relation",
        dtype=stored_dtype,
        recipe=recipe(vlm),
    )
    store = Store(output, range(layers + 1), index_of(prompts), origin, hidden=vlm.hidden, chunk=chunk)
    extract(vlm, prompts, store, batch=batch)


def word_prompts(pairs: Sequence[tuple[str, str]]) -> list[Prompt]:
    """The text-only questions about the ordered pairs, in both option orders; a row's role is the relation word."""
    prompts = []
    for kind in KINDS:
        for subject, reference in pairs:
            for order in (0, 1):
                question = ask(kind, subject, reference, order=order)
                words = {word: f"word:{word}" for word in question.options}
                prompts.append(Prompt(f"{kind}/{subject}/{reference}/{order}", question, words))
    return prompts


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    source, options = json.loads(snakemake.params.loading)
    run_job(
        lambda: main(
            source,
            snakemake.params.model,
            snakemake.input.sprites,
            Path(snakemake.output[0]).parent,
            layers=snakemake.params.layers,
            batch=snakemake.params.batch,
            chunk=snakemake.params.get("chunk", 256),
            stored_dtype=snakemake.params.dtype,
            device=snakemake.params.device,
            **options,
        ),
        log=snakemake.log[0],
    )
