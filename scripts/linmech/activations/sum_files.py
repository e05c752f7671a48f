"""Layer files that hold sums in the place of rows: what the IDs of a large model need, and no more.

86,400 images, two nouns and 33 layers of 4,096 numbers are 93 GB as rows, and 0.8 GB as sums (20 nouns).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import h5py

from linmech import hdf5
from linmech.activations.layer_files import LAYER_CONVENTION, open_layer
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.ids.design import Design, Sums, describe_rows
from linmech.stimuli.items import Item

ORIGIN = ("model", "fingerprint", "manifest_sha256", "layer")


def write_sums(path: str | Path, layers: Sequence[Sums], attrs: Mapping[str, object]) -> None:
    """Write the sums of layers, with `attrs` that say where they come from; whole or not at all."""
    with atomic(path) as partial:
        with h5py.File(partial, "w", libver="latest") as file:
            for name in ("products", "signs"):
                file.create_dataset(name, data=getattr(layers[0], name), fletcher32=True, chunks=True)
            for number, sums in enumerate(layers):
                stored = file.create_dataset(f"sums/{number}", data=sums.sums, fletcher32=True, chunks=True)
                stored.attrs.update({"rows": sums.rows, "norm": sums.norm})
                file.create_dataset(f"sketch/{number}", data=sums.sketch, fletcher32=True, chunks=True)
            first = layers[0]
            design = {name: getattr(first, name) for name in ("nouns", "roles", "shape")}
            design["cell"] = [first.cell.start, first.cell.stop]
            file.attrs.update({"holds": "sums", "layer_convention": LAYER_CONVENTION, **attrs})
            file.attrs.update({key: json.dumps(value) for key, value in design.items()})
        hdf5.seal(partial)


def read_sums(path: str | Path) -> Iterator[Sums]:
    """The sums in a file, by layer. Raises LinmechError where it is absent, damaged or something else."""
    try:
        hdf5.check(path)
        with h5py.File(path, "r", locking="best-effort") as file:
            known = {name: json.loads(file.attrs[name]) for name in ("nouns", "roles", "shape", "cell")}
            for number in range(len(file["sums"])):
                held = file[f"sums/{number}"]
                yield Sums(
                    known["nouns"], known["roles"], tuple(known["shape"]), slice(*known["cell"]), file["products"][:],
                    held[:], file["signs"][:], file[f"sketch/{number}"][:], int(held.attrs["rows"]),
                    float(held.attrs["norm"]),
                )  # fmt: skip
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise LinmechError(f"{path}: no readable file of sums ({error}); delete it and run cache_sums again") from error


def holds_sums(path: str | Path) -> bool:
    """Whether a layer file holds sums in the place of rows; False too for a file that cannot be opened."""
    try:
        hdf5.check(path)
        with h5py.File(path, "r", locking="best-effort") as file:
            return file.attrs.get("holds") == "sums"
    except (OSError, ValueError):
        return False


def sums_of_layers(
    paths: Sequence[str | Path], items: Mapping[str, Item], coordinates: Sequence[str], seed: int = 0
) -> Iterator[tuple[Sums, dict[str, str]]]:
    """The sums of each layer file of one reading, whether it holds rows or sums, and where it comes from: model,
    fingerprint, manifest_sha256, layer. The design is made once, of the first file's rows.

    Raises LinmechError where a file is damaged, does not fit `items`, or is of another run than the first.
    """
    design, identity = None, None
    for path in paths:
        if holds_sums(path):
            (sums,) = read_sums(path)
            with h5py.File(path, "r", locking="best-effort") as file:
                attrs = dict(file.attrs)
        else:
            with open_layer(path) as layer:
                attrs = layer.attrs
                design = design or Design(describe_rows(layer.index, items, coordinates, seed))
                sums = design.empty(layer.shape[1])
                for rows, residuals in layer.chunks():
                    design.add(sums, rows, residuals)
        if identity not in (None, attrs["identity"]):
            raise LinmechError(f"{path} is of another run than {paths[0]}; delete both and run cache_activations again")
        identity = attrs["identity"]
        yield sums, {key: str(attrs[key]) for key in ORIGIN}
