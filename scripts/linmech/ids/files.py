"""The files of IDs, `results/ids/{kind}/{model}.h5`: one per kind and model, with a group per layer."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
from jaxtyping import Float

from linmech import hdf5
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.ids.axes import AXIS

ARRAYS = ("ids", "ids_train", "ids_held_out", "axes")
WHOSE = ("model", "kind", "fingerprint", "manifest_sha256", "estimator")


@dataclass(frozen=True)
class Ids:
    """The IDs of one kind at one layer of one model: what a residual says about where (or when) its noun is.

    The universal IDs have an axis per coordinate ("column", "row"), are in the residual's own unit, and sum to zero.
    `ids` from all objects; `ids_train` and `ids_held_out` from the objects that the axes were and were not fitted to;
    `by_role`: as `ids_train`, from the nouns in one role of the question alone (none: there is but one role);
    `words`: by reading, the mean residual of each word of space; `nouns`: of each object; `noise`: draws with the
    covariance that residuals have within a noun; `statistics` as `plane.statistics` and `shape.shape` give them.
    """

    ids: Float[np.ndarray, "*cell hidden"]
    ids_train: Float[np.ndarray, "*cell hidden"]
    ids_held_out: Float[np.ndarray, "*cell hidden"]
    axes: Float[np.ndarray, "axis hidden"]
    layer: int
    model: str
    words: dict[str, dict[str, Float[np.ndarray, " hidden"]]] = field(default_factory=dict)
    nouns: dict[str, Float[np.ndarray, " hidden"]] = field(default_factory=dict)
    noise: Float[np.ndarray, "sketch hidden"] | None = None
    statistics: dict = field(default_factory=dict)
    kind: str = "spatial"
    coordinates: tuple[str, ...] = ("column", "row")
    fingerprint: str = ""
    manifest_sha256: str = ""
    estimator: str = "least-squares"
    by_role: dict[str, Float[np.ndarray, "*cell hidden"]] = field(default_factory=dict)


def save_ids(path: str | Path, layers: Sequence[Ids]) -> None:
    """Write the layers of one model and kind as one file: float32 arrays, their axes named in attributes."""
    with atomic(path) as partial:
        with h5py.File(partial, "w", libver="latest") as file:
            for name in WHOSE:
                file.attrs[name] = getattr(layers[0], name)
            file.attrs["coordinates"] = json.dumps(layers[0].coordinates)
            for each in layers:
                _write(file.create_group(f"layer_{each.layer}"), each)
        hdf5.seal(partial)


def load_ids(path: str | Path, layers: Iterable[int] | None = None) -> dict[int, Ids]:
    """The IDs in a file by layer, ascending: all, or those of `layers`.

    Raises LinmechError for a file that is absent, broken or something else, and for a layer that it does not hold.
    """
    try:
        hdf5.check(path)
        with h5py.File(path, "r", locking="best-effort") as file:
            held = sorted(int(name.removeprefix("layer_")) for name in file)
            if absent := sorted(set(layers or ()) - set(held)):
                raise LinmechError(f"{path}: has no layer {absent[0]}, only {held}; run derive_ids again")
            known = {name: str(file.attrs[name]) for name in WHOSE}
            known["coordinates"] = tuple(json.loads(file.attrs["coordinates"]))
            chosen = held if layers is None else [layer for layer in held if layer in set(layers)]
            return {layer: _read(file[f"layer_{layer}"], layer, known) for layer in chosen}
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise LinmechError(f"{path}: not a file of IDs ({error}): delete it and run derive_ids again") from error


def load_ids_of(path: str | Path, layers: Iterable[int] | None, fingerprint: str) -> dict[int, Ids]:
    """`load_ids` that are those of the model with this `fingerprint`; LinmechError if they are another one's."""
    found = load_ids(path, layers)
    for ids in found.values():
        if ids.fingerprint != fingerprint:
            raise LinmechError(f"{path}: these IDs belong to other weights of {ids.model}: run derive_ids again")
    return found


def _write(group: h5py.Group, ids: Ids) -> None:
    arrays = {name: getattr(ids, name) for name in ARRAYS}
    for name, array in (arrays | {f"by_role/{role}": cells for role, cells in ids.by_role.items()}).items():
        dims = ["axis"] if name == "axes" else list(ids.coordinates)
        _stored(group, name, array).attrs["axes"] = json.dumps([*dims, "hidden"])
    hidden = ids.ids.shape[-1]
    for name, named in {
        "nouns": ids.nouns,
        **{f"words/{reading}": words for reading, words in ids.words.items()},
    }.items():
        stored = _stored(group, name, np.array(list(named.values()), np.float32).reshape(-1, hidden))
        stored.attrs.update({"axes": json.dumps(["name", "hidden"]), "names": json.dumps(list(named))})
    noise = np.zeros((0, hidden)) if ids.noise is None else ids.noise
    _stored(group, "noise", noise).attrs["axes"] = json.dumps(["sketch", "hidden"])
    group["axes"].attrs["names"] = json.dumps([AXIS[name.partition(":")[0]] for name in ids.coordinates])
    group.attrs["statistics"] = json.dumps(ids.statistics, sort_keys=True, allow_nan=False)


def _stored(group: h5py.Group, name: str, array: np.ndarray) -> h5py.Dataset:
    """A dataset of float32 with a checksum of every block (of nothing, none)."""
    checked = {"fletcher32": True, "chunks": True} if array.size else {}
    return group.create_dataset(name, data=array.astype(np.float32), **checked)


def _read(group: h5py.Group, layer: int, known: dict) -> Ids:
    def named(dataset: h5py.Dataset) -> dict[str, np.ndarray]:
        return dict(zip(json.loads(dataset.attrs["names"]), dataset[:], strict=True))

    return Ids(
        **{name: group[name][:] for name in ARRAYS},
        by_role={role: cells[:] for role, cells in group.get("by_role", {}).items()},
        words={reading: named(words) for reading, words in group.get("words", {}).items()},
        nouns=named(group["nouns"]),
        noise=group["noise"][:],
        statistics=json.loads(group.attrs["statistics"]),
        layer=layer,
        **known,
    )
