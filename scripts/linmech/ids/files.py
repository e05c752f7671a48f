"""The files of spatial IDs."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.ids.axes import AXES

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
