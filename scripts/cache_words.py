"""Ask a model text-only questions and keep the residual stream at the words of space: left, right, above, below ..."""

import json
from collections.abc import Sequence
from pathlib import Path

from linmech.activations.extraction import Prompt, cache
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.questions.asking import ask
from linmech.stimuli.layouts.stimulus import ordered_pairs
from linmech.stimuli.sprites import load_sprites

KINDS = ("left-right", "above-below", "front-behind")


def main(
    model: Declared,
    sprites: str | Path,
    output: str | Path,
    *,
    pairs: int = 90,
    batch: int = 16,
    chunk: int = 256,
    stored_dtype: str = "float32",
    seed: int = 0,
) -> None:
    """Write `output`/layer_0.h5 ... layer_L.h5; item = "{kind}/{subject}/{reference}/{order}", role = the word.

    At most `pairs` ordered pairs of the nouns of `sprites` (drawn from `seed`, all nouns equally often) are asked the
    kinds of KINDS without an image, in both option orders; each row is the last piece of one relation word. The files'
    manifest_sha256 is the hash of `sprites`, `stored_dtype` their type. Raises what `Declared.load` raises.
    """
    vlm = model.load()
    nouns = sorted({noun for noun, _ in load_sprites(sprites)})
    prompts = word_prompts(ordered_pairs(nouns, min(pairs, len(nouns) * (len(nouns) - 1)), seed))
    cache(
        model, vlm, prompts, output, selector="relation", manifest=sprites, batch=batch, chunk=chunk,
        stored_dtype=stored_dtype,
    )  # fmt: skip


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
    options = json.loads(snakemake.params.model)
    run_job(
        lambda: main(
            Declared(**options, device=snakemake.params.device),
            snakemake.input.sprites,
            Path(snakemake.output[0]).parent,
            batch=snakemake.params.batch,
            chunk=snakemake.params.chunk,
            stored_dtype=snakemake.params.dtype,
        ),
        log=snakemake.log[0],
    )
