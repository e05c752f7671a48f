"""Spatial IDs: what a noun's residual says about where the noun is, apart from what it says about the noun (Eqs 2-5).

The universal IDs `s(column, row)`, in the residual's own unit, sum to zero over the cells (estimated in `additive.py`).
An axis is the slope of the IDs on the column (horizontal) or on the row (vertical), per cell.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.files import atomic

AXES = ("horizontal", "vertical")
ARRAYS = {
    "ids": ["column", "row", "hidden"],
    "ids_train": ["column", "row", "hidden"],
    "ids_held_out": ["column", "row", "hidden"],
    "axes": ["axis", "hidden"],
}


@dataclass(frozen=True)
class SpatialIds:
    """The IDs of one layer of one model.

    `ids` from all objects; `ids_train` and `ids_held_out` from the objects that the axes were and were not fitted to;
    `words` the mean residual of each word of a text-only question; `statistics` as `plane.statistics` gives them.
    """

    ids: Float[np.ndarray, "column row hidden"]
    ids_train: Float[np.ndarray, "column row hidden"]
    ids_held_out: Float[np.ndarray, "column row hidden"]
    axes: Float[np.ndarray, "axis=2 hidden"]
    layer: int
    model: str
    words: dict[str, Float[np.ndarray, " hidden"]] = field(default_factory=dict)
    statistics: dict = field(default_factory=dict)
    fingerprint: str = ""
    manifest_sha256: str = ""
    estimator: str = "least-squares"


def axes_of(
    ids: Float[np.ndarray, "column row hidden"], estimator: str = "least-squares"
) -> Float[np.ndarray, "2 hidden"]:
    """Horizontal and vertical axis, residual units per cell: the slope on one coordinate, mean over the other (Eq 5).

    "mean" is the paper's Eq 5: the mean of s(i', j) - s(i, j) over i < i'. It is parallel to the slope.
    """
    both = []
    for grid in (ids, ids.transpose(1, 0, 2)):
        place = np.arange(len(grid)) - (len(grid) - 1) / 2
        pairs = len(place) * (len(place) - 1) / 2
        weights = place / (place @ place) if estimator == "least-squares" else 2 * place / pairs
        both.append(np.einsum("c,crh->h", weights, grid) / grid.shape[1])
    return np.stack(both)


def project(points: Float[np.ndarray, "*point hidden"], axes: Float[np.ndarray, "axis=2 hidden"]) -> np.ndarray:
    """Coordinates (..., axis) in the plane of the axes, in cells: the point nearest to x is coordinates @ axes.

    Solved by least squares, so a horizontal move gives no vertical coordinate even where the axes are oblique.
    """
    return points @ np.linalg.pinv(axes.astype(np.float64))


def project_words(
    words: dict[str, Float[np.ndarray, " hidden"]], axes: Float[np.ndarray, "axis=2 hidden"]
) -> dict[str, Float[np.ndarray, " axis=2"]]:
    """Coordinates of words in the plane of the axes (Figs 5, 7B)."""
    # ASSUME: a word counts from the mean of all the words given; the paper does not say from where.
    if not words:
        return {}
    residuals = np.stack(list(words.values())).astype(np.float64)
    return dict(zip(words, project(residuals - residuals.mean(axis=0), axes), strict=True))


def save_ids(path: str | Path, ids: SpatialIds) -> None:
    """Write `results/ids/spatial/{model}/layer_{layer}.h5`: float32 arrays, their axes named in attributes."""
    with atomic(path) as partial, h5py.File(partial, "w") as file:
        for name, dims in ARRAYS.items():
            file.create_dataset(name, data=getattr(ids, name).astype(np.float32)).attrs["axes"] = json.dumps(dims)
        hidden = ids.ids.shape[-1]
        words = np.array(list(ids.words.values()), np.float32).reshape(-1, hidden)
        stored = file.create_dataset("words", data=words)
        stored.attrs.update({"axes": json.dumps(["word", "hidden"]), "words": json.dumps(list(ids.words))})
        file["axes"].attrs["names"] = json.dumps(AXES)
        for name in ("layer", "model", "fingerprint", "manifest_sha256", "estimator"):
            file.attrs[name] = getattr(ids, name)
        file.attrs["statistics"] = json.dumps(ids.statistics, sort_keys=True, allow_nan=False)


def load_ids(path: str | Path) -> SpatialIds:
    """Read what `save_ids` wrote. Raises LinmechError for a file that is absent, broken or something else."""
    try:
        with h5py.File(path, "r", locking="best-effort") as file:
            names = json.loads(file["words"].attrs["words"])
            return SpatialIds(
                **{name: file[name][:] for name in ARRAYS},
                words=dict(zip(names, file["words"][:], strict=True)),
                statistics=json.loads(file.attrs["statistics"]),
                layer=int(file.attrs["layer"]),
                **{name: str(file.attrs[name]) for name in ("model", "fingerprint", "manifest_sha256", "estimator")},
            )
    except (OSError, KeyError, ValueError) as error:
        raise LinmechError(
            f"{path}: not a file of spatial IDs ({error}): delete it and run derive_ids again"
        ) from error
