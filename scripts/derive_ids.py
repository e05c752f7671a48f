"""Derive the universal spatial IDs, their axes and the words of space from the cached residuals of one layer."""

from pathlib import Path

import pandas as pd

from linmech.activations.layer_files import open_layer
from linmech.ids.additive import Sums, describe_rows
from linmech.ids.axes import axes_of
from linmech.ids.files import SpatialIds, save_ids
from linmech.ids.plane import statistics
from linmech.job import run_job
from linmech.statistics.splits import split


def main(
    activations: str | Path,
    questions: str | Path,
    words: str | Path | None,
    output: str | Path,
    held_out: float = 0.3,
    seed: int = 0,
    estimator: str = "least-squares",
) -> None:
    """Write the IDs of one layer (Eqs 2-5) from `activations` of the grid's data set and its `questions`.

    The share `held_out` of the nouns, drawn from `seed`, takes no part in the axes; how well the axes describe these
    nouns is written beside the IDs. `words`: a layer file of text-only questions, its roles the words; None: no words.
    `estimator` is "least-squares" or "mean" (the paper's). Raises LinmechError for files that do not fit together.
    """
    with open_layer(activations) as layer:
        table = describe_rows(layer.index, pd.read_parquet(questions))
        sums = Sums(table, layer.shape[1])
        for rows, residuals in layer.chunks():
            sums.add(rows, residuals)
        attrs = {name: str(layer.attrs[name]) for name in ("model", "fingerprint", "manifest_sha256")}
        number = int(layer.attrs["layer"])
    apart = split(sums.nouns, held_out, seed, "held-out noun")
    train, test = (sums.cells(nouns, estimator) for nouns in (set(sums.nouns) - apart, apart))
    everything = sums.cells(sums.nouns, estimator)
    found = statistics(test, train, estimator, seed=seed) | {"held_out": sorted(apart), "rows": sums.rows}
    found |= {"relative_norm": sums.relative_norm(everything)}
    vectors = read_words(words, attrs["fingerprint"]) if words else {}
    axes = axes_of(train, estimator)
    ids = SpatialIds(
        everything, train, test, axes, number, words=vectors, statistics=found, estimator=estimator, **attrs
    )
    save_ids(output, ids)
    report(ids)


def read_words(path: str | Path, fingerprint: str) -> dict:
    """Mean residual of each word over the text-only questions that contain it, in alphabetical order."""
    with open_layer(path, fingerprint=fingerprint) as layer:
        return dict(sorted(layer.mean_by(layer.index["role"]).items()))


def report(ids: SpatialIds) -> None:
    """One line for the log."""
    share, cosine = ids.statistics["plane_share"], ids.statistics["cosine"]
    found = "no IDs" if share is None else f"{share:.1%} of held-out variance in the plane, cosine {cosine:+.2f}"
    print(f"{ids.model} layer {ids.layer}: {found}; held out: {', '.join(ids.statistics['held_out'])}")


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    run_job(
        lambda: main(
            snakemake.input.activations,
            snakemake.input.questions,
            snakemake.input.get("words"),
            snakemake.output[0],
            snakemake.params.held_out,
            snakemake.params.seed,
            snakemake.params.estimator,
        ),
        log=snakemake.log[0],
    )
