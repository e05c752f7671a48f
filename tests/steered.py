"""Questions of every kind about random images of the tiny model's size, and random IDs of it."""

import dataclasses

import numpy as np

import tiny
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.questions.relations import truth
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts.stimulus import Query
from stored import pair, photographed


def make_dataset(folder, items: int = 6) -> Dataset:
    """Questions of every kind about random images of the tiny model's size."""
    draw, shown = np.random.default_rng(0), []
    for n in range(items):
        nouns = tuple(map(str, draw.permutation(tiny.NOUNS)[:3]))
        stimulus = pair(f"{n}", nouns, draw.uniform(0, 48, (3, 2)))
        asked = [Query("exists", 0, answer="yes", other="no"), Query("colour", 0, answer="red", other="blue")]
        for kind, roles in (("left-right", 2), ("above-below", 2), ("in-between", 3), ("column", 1), ("row", 1)):
            told = truth(kind, stimulus.placements[:roles], 48) or ("no", "yes")
            asked.append(Query(kind, *range(roles), **dict(zip(("answer", "other"), told, strict=True))))
        asked.append(Query("near-far", 0, 1, answer="near", other="far"))
        asked.append(Query("front-behind", 0, 1, answer="front", other="behind"))
        shown.append((dataclasses.replace(stimulus, queries=tuple(asked)), tiny.image(n)))
    return photographed(folder, shown)


def ids_of(grid, layer: int, fingerprint: str = "") -> Ids:
    axes = axes_of(grid.astype(np.float64))
    return Ids(grid, grid, grid, axes, layer, "tiny", fingerprint=fingerprint)


def random_ids(layer: int) -> Ids:
    """IDs of a 4 x 4 grid that depend on the layer."""
    return ids_of(np.random.default_rng(layer).normal(size=(4, 4, tiny.HIDDEN)).astype(np.float32), layer)
