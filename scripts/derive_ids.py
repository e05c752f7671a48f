"""Derive the universal IDs of one kind of a model, their axes and the words of space, from its cache."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from linmech.activations.layer_files import open_layer
from linmech.activations.sum_files import sums_of_layers
from linmech.config.held_out import held_out_problem
from linmech.errors import LinmechError
from linmech.ids.additive import cells, cells_by_noun, noun_means, relative_norm, residual_noise
from linmech.ids.axes import agreement, axes_of, coordinates_of
from linmech.ids.design import OTHER
from linmech.ids.files import Ids, save_ids
from linmech.ids.plane import statistics
from linmech.ids.shape import shape
from linmech.job import run_job
from linmech.statistics.splits import split
from linmech.stimuli.datasets import Dataset


def main(
    activations: Sequence[str | Path],
    dataset: str | Path,
    words: Mapping[str, Sequence[str | Path]],
    output: str | Path,
    *,
    kind: str = "spatial",
    coordinates: Sequence[str] = ("column", "row"),
    held_out: float | Sequence[str] = 0.3,
    seed: int = 0,
    estimator: str = "least-squares",
) -> None:
    """Write the IDs (Eqs 2-5) at the layers of `activations`, the layer files of one reading of `dataset`.

    The nouns `held_out`, or this share of all, drawn from `seed`, take no part in the axes; how well the axes describe
    them is written beside the IDs. `words`: by reading of words, its layer files in the same order.
    `estimator` is "least-squares" or "mean" (the paper's). Raises LinmechError for files that do not fit together.
    """
    items = {item.id: item for item in Dataset(Path(dataset)).items()}
    found = []
    read = tqdm(sums_of_layers(activations, items, coordinates, seed), total=len(activations), desc="IDs", unit="layer")
    for number, (sums, origin) in enumerate(read):
        apart = set_apart(sums.nouns, held_out, seed)
        train, test = (cells(sums, nouns, estimator) for nouns in (set(sums.nouns) - apart, apart))
        everything = cells(sums, sums.nouns, estimator)
        told = statistics(test, train, estimator, seed=seed) | {"held_out": sorted(apart), "rows": sums.rows}
        told |= {"relative_norm": relative_norm(sums, everything), "shape": shape(test, train, seed=seed)}
        axes = axes_of(train, estimator)
        told |= {"by_noun": coordinates_of(cells_by_noun(sums, apart), axes)}
        by_role = {role: cells(sums, set(sums.nouns) - apart, role=role) for role in sums.roles if role in OTHER}
        told |= {"roles_cosine": agreement(*map(axes_of, by_role.values())) if len(by_role) == 2 else None}
        vectors = {reading: read_words(files[number], origin) for reading, files in words.items()}
        layer = int(origin.pop("layer"))
        found.append(Ids(
            everything, train, test, axes, layer, words=vectors, statistics=told, kind=kind,
            by_role=by_role, nouns=dict(zip(sums.nouns, noun_means(sums), strict=True)), noise=residual_noise(sums),
            coordinates=tuple(coordinates), estimator=estimator, **origin,
        ))  # fmt: skip
        tqdm.write(report(found[-1]))
    save_ids(output, found)


def set_apart(nouns: Sequence[str], held_out: float | Sequence[str], seed: int) -> frozenset[str]:
    """The nouns that are held out: those named, or a share. Raises LinmechError for a noun that there is not, and for a
    share that is none of them or all.
    """
    if isinstance(held_out, (int, float)):
        if problem := held_out_problem(held_out, len(set(nouns))):
            raise LinmechError(f"config key {problem}")
        return split(nouns, held_out, seed, "held-out noun")
    if unknown := sorted(set(held_out) - set(nouns)):
        raise LinmechError(f"config key ids.held_out: no object is called {unknown[0]!r}: name others, or give a share")
    if set(held_out) >= set(nouns):
        raise LinmechError("config key ids.held_out names every object: leave some to fit the axes to")
    return frozenset(held_out)


def read_words(path: str | Path, origin: dict[str, str]) -> dict:
    """Mean residual of each word over the questions that contain it, in alphabetical order.

    Raises LinmechError where the file is of another layer or model than `origin`.
    """
    with open_layer(path, fingerprint=origin["fingerprint"]) as layer:
        if int(layer.attrs["layer"]) != int(origin["layer"]):
            raise LinmechError(f"{path} is of layer {layer.attrs['layer']}, not {origin['layer']}; name both in order")
        return dict(sorted(layer.mean_by(layer.index["role"]).items()))


def by_reading(files: Sequence[str], readings: Sequence[str]) -> dict[str, Sequence[str]]:
    """The files of several readings, one after the other, by reading."""
    count = len(files) // max(1, len(readings))
    return {reading: files[number * count : (number + 1) * count] for number, reading in enumerate(readings)}


def report(ids: Ids) -> str:
    """One line for the log."""
    share, found = ids.statistics["plane_share"], ids.statistics["shape"]
    if share is None:
        return f"{ids.model} layer {ids.layer}: no IDs"
    chance = found["r2_shuffled"]["high"]
    found = f"R2 on the coordinates {found['r2']:.2f} (shuffled cells: up to {chance:.2f}), in the plane {share:.1%}"
    return f"{ids.model} layer {ids.layer}: {found}; held out: {', '.join(ids.statistics['held_out'])}"


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            list(snakemake.input.activations),
            Path(snakemake.input.questions).parent,
            by_reading(list(snakemake.input.words), params.words),
            snakemake.output[0],
            kind=snakemake.wildcards.kind,
            **{name: params[name] for name in ("coordinates", "held_out", "seed", "estimator")},
        ),
        log=snakemake.log[0],
    )
