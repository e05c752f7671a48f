"""How a layer file is written: once, row after row, so that what a killed writer has left of it is known.

HDF5 gives no promise about a file whose writer was killed. So it makes the file whole and closes it, the rows still
unwritten, one block in the file; they are then put in their place as they come, and the checksum of all up to the next
row runs along. A file without its seal (`hdf5`) has not been written to its end.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from zlib import crc32

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech import hdf5
from linmech.activations.layer_files import DIMENSIONS, LAYER_CONVENTION, Origin


class Growing:
    """A layer file under construction: `start` is the byte of its first row, `row_bytes` the length of one, `total` the
    CRC-32 of all bytes before the next row, which is at byte `place`. Nothing lies behind the last row.
    """

    def __init__(self, path: str | Path, start: int, row_bytes: int):
        self.path, self.start, self.row_bytes = Path(path), start, row_bytes
        self.place, self.total = start, 0

    @classmethod
    def make(cls, path: str | Path, layer: int, index: pd.DataFrame, origin: Origin, hidden: int) -> "Growing":
        """The file with all but its rows; `index` names every row (item, role)."""
        told = {"axes": DIMENSIONS, "layer": layer, "layer_convention": LAYER_CONVENTION, **asdict(origin)}
        with h5py.File(path, "w", libver="latest") as file:
            for name in ("item", "role"):
                file.create_dataset(f"index/{name}", data=index[name].tolist(), dtype=h5py.string_dtype())
            file.attrs.update({**told, "identity": origin.identity(index), "rows_total": len(index), "complete": True})
            plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            plan.set_obj_track_times(False)
            kind, space = h5py.h5t.py_create(np.dtype(origin.dtype)), h5py.h5s.create_simple((len(index), hidden))
            start = h5py.h5d.create(file.id, b"residuals", kind, space, dcpl=plan).get_offset()
        made = cls(path, start, np.dtype(origin.dtype).itemsize * hidden)
        end = start + len(index) * made.row_bytes
        assert made.path.stat().st_size == end, f"HDF5 {h5py.version.hdf5_version} has put something behind the rows"
        with made.path.open("rb") as stream:
            made.total = crc32(stream.read(start))
        return made

    def put(self, values: Float[np.ndarray, "row hidden"]) -> None:
        """Write the next rows, which have the dtype of the file."""
        block = memoryview(np.ascontiguousarray(values)).cast("B")
        with self.path.open("r+b", buffering=0) as stream:
            stream.seek(self.place)
            done = 0
            while done < len(block):
                done += stream.write(block[done:])
        self.place, self.total = self.place + len(block), crc32(block, self.total)

    def holds(self, commits: Sequence[tuple[int, int]]) -> int:
        """How many of the commits (rows that were there, `total` then; the first one of no row) are in the file as they
        were written; the next row is then the one after the last of them.
        """
        self.place, self.total, found = 0, 0, 0
        with self.path.open("rb") as stream:
            for rows, total in commits:
                place, now = self.start + rows * self.row_bytes, self.total
                for first in range(self.place, place, hdf5.BLOCK):
                    now = crc32(stream.read(min(hdf5.BLOCK, place - first)), now)
                if now != total:
                    break
                self.place, self.total, found = place, now, found + 1
        return found

    def seal(self) -> None:
        """Put the checksum behind the file when it has all its rows, and bring it to the disk."""
        with self.path.open("r+b") as stream:
            stream.truncate(self.place)  # of a run that was killed here
            stream.seek(self.place)
            stream.write(hdf5.mark(self.total))
        to_disk([self.path])


def to_disk(paths: Iterable[Path]) -> None:
    """Return when what was written of the files is on the disk. Raises OSError where it does not get there."""
    for path in paths:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


def write_layer(
    path: str | Path, layer: int, index: pd.DataFrame, origin: Origin,
    pieces: Iterable[Float[np.ndarray, "row hidden"]], *, hidden: int,
) -> None:  # fmt: skip
    """Write a whole layer file; the `pieces` of its rows come in their order, `index` names every row (item, role)."""
    file = Growing.make(path, layer, index, origin, hidden)
    for values in pieces:
        file.put(values.astype(origin.dtype, copy=False))
    rows = (file.place - file.start) / file.row_bytes
    assert rows == len(index), f"{rows} rows for an index of {len(index)}"
    file.seal()
