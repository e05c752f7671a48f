"""The activation files, `results/activations/{dataset}/{model}/layer_{layer}.h5`: their layout, and how to read one.

Glossary of axes; the same names stand in every type and docstring of linmech:

- **layer**: an entry of the asked-for layers. Layer l is resid_post: the residual stream after block l, blocks counted
  from 1, before the final norm even for the last block; l = 0 is the input embedding.
- **row**: here one cached position, named by (item, role). In the room `ids`, beside "column", it is the cell's row on
  the grid, top to bottom 0..3; the two never meet in one array.
- **column**: the cell's column on the grid, left to right 0..3.
- **item**: one question about one image, the key of every table (two questions may share an image).
- **role**: which word of the question was read: "subject", "reference", "third", or the word itself ("left") in
  text-only files.
- **hidden**: the model's hidden size.
- **token**: all places of a prompt in the *expanded* input_ids; **position**: the selected ones among them.
- **batch**: prompts that share a forward pass. **word**: an entry of a list of words.
- **height**, **width**: pixels of an image, origin at the top left.

A layer file holds `residuals` (row hidden), `index/item` (row) and `index/role` (row), and the attributes of `Origin`
with `layer`, `layer_convention`, `rows_total`, `axes`, `identity` and `complete`. The whole file carries a checksum
(`hdf5`): what is damaged is an error, not a number. Files are written by `store.Store`, as `layer_writing` says.
"""

import contextlib
import hashlib
import json
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from scipy.sparse import csr_array

from linmech import hdf5
from linmech.errors import LinmechError

LAYER_CONVENTION = "resid_post after block `layer`, blocks counted from 1; 0 = input embedding; before the final norm"
DIMENSIONS = json.dumps(["row", "hidden"])
DTYPES = ("float32", "float16")
READ_ROWS = 4096


@dataclass(frozen=True)
class Origin:
    """Where the rows come from; stored in every layer file. Two runs of one origin and index give the same numbers.

    `questions_sha256` hashes the texts that are asked; `recipe` all else that changes a number: tables, sprites, code,
    the model's own dtype.
    """

    model: str
    fingerprint: str
    manifest_sha256: str
    selector: str
    dtype: str = "float32"
    recipe: str = ""
    questions_sha256: str = ""

    def __post_init__(self):
        if self.dtype not in DTYPES:
            raise LinmechError(f"activations cannot be stored as {self.dtype!r}: choose one of {', '.join(DTYPES)}")

    def identity(self, index: pd.DataFrame) -> str:
        """Hex digest of this origin and of the rows (item, role) in their order."""
        text = json.dumps([asdict(self), index["item"].tolist(), index["role"].tolist()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class LayerReader:
    """One open layer file: `.index` (DataFrame item, role), `.attrs`, `.shape` (row hidden); read in pieces."""

    def __init__(self, path: Path, file: h5py.File):
        self.path = path
        self.attrs = dict(file.attrs)
        self.residuals = file["residuals"]
        self.shape: tuple[int, int] = self.residuals.shape
        columns = {name: file["index"][name].asstr()[:] for name in ("item", "role")}
        self.index = pd.DataFrame(columns, dtype=object)

    def chunks(self, size: int = READ_ROWS) -> Iterator[tuple[slice, Float[np.ndarray, "row hidden"]]]:
        """Yield (slice of rows, their residuals as float32), at most `size` rows at a time.

        Raises LinmechError where a block's checksum is wrong.
        """
        for start in range(0, self.shape[0], size):
            rows = slice(start, min(start + size, self.shape[0]))
            try:
                values = self.residuals[rows]
            except OSError as error:
                where = f"rows {rows.start}..{rows.stop - 1} are damaged ({error})"
                raise LinmechError(f"{self.path}: {where}; delete the file and run cache_activations again") from error
            yield rows, values.astype(np.float32, copy=False)

    def read(self, where: Bool[np.ndarray, " row"] | None = None) -> Float[np.ndarray, "selected hidden"]:
        """The residuals as float32: all rows, or those where `where` is true."""
        where = np.ones(self.shape[0], bool) if where is None else where
        if len(where) != self.shape[0]:
            raise LinmechError(f"{self.path} has {self.shape[0]} rows, but {len(where)} were chosen from")
        pieces = [values[where[rows]] for rows, values in self.chunks()]
        return np.concatenate([np.empty((0, self.shape[1]), np.float32), *pieces])

    def mean_by(self, labels: Iterable[Hashable]) -> dict[Hashable, Float[np.ndarray, " hidden"]]:
        """Mean residual (float64) of the rows that share a label, in one pass over the file (paper Eq 2).

        `labels` has one hashable entry per row, e.g. `(noun, column, row)`; None leaves the row out. The result is in
        order of first appearance.
        """
        labels = list(labels)
        if len(labels) != self.shape[0]:
            raise LinmechError(f"{self.path} has {self.shape[0]} rows, but {len(labels)} labels were given")
        order = {label: n for n, label in enumerate(dict.fromkeys(label for label in labels if label is not None))}
        group = np.array([order.get(label, -1) for label in labels], dtype=int)
        sums = np.zeros((len(order), self.shape[1]))
        for rows, values in self.chunks():
            kept = np.flatnonzero(group[rows] >= 0)
            member = (np.ones(len(kept)), (group[rows][kept], kept))
            sums += csr_array(member, shape=(len(order), len(values))) @ values.astype(np.float64)
        counts = np.bincount(group[group >= 0], minlength=len(order))
        return {label: sums[n] / counts[n] for label, n in order.items()}


@contextlib.contextmanager
def open_layer(
    path: str | Path, *, fingerprint: str | None = None, manifest_sha256: str | None = None
) -> Iterator[LayerReader]:
    """Open a layer file for reading.

    Raises LinmechError for a file that is absent, truncated, not ours, incomplete, or made from another model
    (`fingerprint`) or another manifest (`manifest_sha256`) than the ones given.
    """
    path = Path(path)
    if not path.is_file():
        raise LinmechError(f"{path} is not there: run cache_activations for this dataset and model")
    try:
        hdf5.check(path)
    except (OSError, ValueError) as error:
        raise LinmechError(f"{path} is damaged ({error}): delete it and run cache_activations again") from error
    try:
        file = h5py.File(path, "r", locking="best-effort")
    except OSError as error:
        reason = "is truncated" if h5py.is_hdf5(path) else "is not an HDF5 file, or its head is lost"
        raise LinmechError(f"{path} {reason}: delete it and run cache_activations again") from error
    with file:
        _check(path, file, fingerprint, manifest_sha256)
        yield LayerReader(path, file)


def _check(path: Path, file: h5py.File, fingerprint: str | None, manifest_sha256: str | None) -> None:
    needed = {"model", "layer", "layer_convention", "fingerprint", "manifest_sha256", "rows_total", "complete"}
    members = ("residuals", "index/item", "index/role")
    if file.attrs.get("holds") == "sums":
        raise LinmechError(f"{path} holds sums, not rows: set keep: rows for this model and run cache_activations")
    if missing := sorted(needed - set(file.attrs)) + [name for name in members if name not in file]:
        raise LinmechError(f"{path} is not an activation file of linmech: it has no {', '.join(missing)}")
    lengths = {len(file[name]) for name in members}
    if not file.attrs["complete"] or lengths != {int(file.attrs["rows_total"])}:
        raise LinmechError(
            f"{path} is incomplete ({min(lengths)} of {file.attrs['rows_total']} rows): run cache_activations again"
        )
    if not hdf5.is_sealed(path):
        raise LinmechError(f"{path} has no checksum behind it, so it is not whole: run cache_activations again")
    wanted = {"fingerprint": fingerprint, "manifest_sha256": manifest_sha256}
    for key, value in wanted.items():
        if value is not None and file.attrs[key] != value:
            differs = f"its {key} is {file.attrs[key][:12]}, the present one is {value[:12]}"
            raise LinmechError(f"{path} is stale: {differs}; run cache_activations again")
