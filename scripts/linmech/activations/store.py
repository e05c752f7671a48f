"""Write the layer files of one dataset and model together, row by row, and survive `kill -9`.

HDF5 gives no promise about a file whose writer was killed, so rows are first committed as small .npy pieces in a hidden
folder beside the output, `.{name}.chunks/rows_{first}_{end}/layer_{layer}.npy`; a folder of pieces appears by one
rename, whole or not at all. When all rows are committed, each layer is merged into one HDF5 file (its pieces are then
removed, so the disk holds the rows once, plus one layer), all files are moved to the output folder, and the hidden
folder is removed. A new Store on the same output goes on after the last commit; if the model, the manifest, the
selector, the recipe, the layers or the rows have changed, it starts over and says so. One process writes at a time
(`locks`).
"""

import io
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, runtime_checkable
from zlib import crc32

import numpy as np
import pandas as pd
from jaxtyping import Float
from tqdm import tqdm

from linmech.activations.layer_files import Origin, open_layer, write_layer
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.locks import hold, release

COMMITTED = "all_rows_committed"
DESCRIPTION = "origin.json"
CHECKS = "checks.json"  # of a piece: layer -> CRC-32


@runtime_checkable
class Sink(Protocol):
    """What takes the rows of an extraction: `rows_done` are there already, `chunk` come together in a commit."""

    folder: Path
    layers: tuple[int, ...]
    chunk: int
    rows_done: int

    def append(
        self, items: Sequence[str], roles: Sequence[str], residuals: Float[np.ndarray, "layer row hidden"]
    ) -> None:
        """Take the next rows."""

    def finish(self) -> None:
        """Leave the files."""


class Store:
    """Layer files `{folder}/layer_{layer}.h5` under construction: `append` in the order of the index, then `finish`.

    `index` (DataFrame item, role) lists all rows in the order of the files; `rows_done` of them are already committed
    and must not be computed again. Rows are committed when `chunk` of them have come together, which is also the
    HDF5 chunk of the files. Raises LinmechError for no rows at all, no layers, a repeated (item, role), or
    where another process is writing them.
    """

    def __init__(
        self,
        folder: str | Path,
        layers: Sequence[int],
        index: pd.DataFrame,
        origin: Origin,
        *,
        hidden: int,
        chunk: int = 256,
    ):
        self.folder, self.layers, self.origin, self.hidden = Path(folder), tuple(layers), origin, hidden
        self.index, self.chunk = index[["item", "role"]].reset_index(drop=True), chunk
        self.work = self.folder.with_name(f".{self.folder.name}.chunks")
        self._waiting: list[np.ndarray] = []
        if self.index.empty or not self.layers:
            raise LinmechError(f"{self.folder}: there is no row, or no layer, to write")
        if twice := self.index[self.index.duplicated()].values.tolist():
            raise LinmechError(f"{self.folder}: row {twice[0]} is asked for twice; item ids must be unique")
        self.identity = origin.identity(self.index)
        hold(self.folder)
        self.rows_done = self._resume()

    def append(
        self, items: Sequence[str], roles: Sequence[str], residuals: Float[np.ndarray, "layer row hidden"]
    ) -> None:
        """Add the next rows of the index; they are committed when enough have come together.

        Raises LinmechError if they are not the next rows, or if a residual is not finite or overflows the file's dtype.
        """
        start = self.rows_done + sum(piece.shape[1] for piece in self._waiting)
        expected = self.index[start : start + len(items)]
        if expected["item"].tolist() != list(items) or expected["role"].tolist() != list(roles):
            raise LinmechError(f"{self.folder}: rows from {list(items)[:1]} are not the next ones, {start}..")
        if residuals.shape != (len(self.layers), len(items), self.hidden):
            raise LinmechError(f"{self.folder}: residuals of shape {residuals.shape} for {len(items)} rows")
        self._waiting.append(self._cast(residuals, items))
        if start + len(items) - self.rows_done >= self.chunk:
            self._commit()

    def finish(self) -> None:
        """Commit what is left and leave the layer files; raises LinmechError if rows are still missing."""
        self._commit()
        if self.rows_done != len(self.index):
            raise LinmechError(f"{self.folder}: only {self.rows_done} of {len(self.index)} rows were given")
        if not self.work.exists():
            release(self.folder)
            return
        if not (self.work / COMMITTED).exists():
            self._check_pieces()
        (self.work / COMMITTED).touch()
        self.folder.mkdir(parents=True, exist_ok=True)
        for layer in tqdm(self.layers, desc="merge layers", unit="layer", disable=None):
            if not self._is_merged(layer):
                self._merge(layer)
        for layer in self.layers:
            if self._merged(layer).exists():
                self._merged(layer).replace(self._final(layer))
        self._discard()
        release(self.folder)

    def _cast(
        self, residuals: Float[np.ndarray, "layer row hidden"], items: Sequence[str]
    ) -> Float[np.ndarray, "layer row hidden"]:
        with np.errstate(over="ignore"):
            stored = residuals.astype(self.origin.dtype)
        bad = np.argwhere(~np.isfinite(stored).all(axis=2))
        if len(bad):
            layer, row = bad[0]
            if np.isfinite(residuals[layer, row]).all():
                cause = (
                    f"overflows {self.origin.dtype} ({np.abs(residuals[layer, row]).max():.3g}): store it as float32"
                )
            else:
                cause = "is not finite: load the model in float32 or bfloat16"
            raise LinmechError(f"{self.folder}: the residual of {items[row]} at layer {self.layers[layer]} {cause}")
        return stored

    def _commit(self) -> None:
        if not self._waiting:
            return
        rows = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
        end = self.rows_done + rows.shape[1]
        with atomic(self.work / f"rows_{self.rows_done}_{end}") as partial:
            partial.mkdir()
            for layer, values in zip(self.layers, rows, strict=True):
                np.save(partial / f"layer_{layer}.npy", values, allow_pickle=False)
            checks = {str(layer): crc32((partial / f"layer_{layer}.npy").read_bytes()) for layer in self.layers}
            (partial / CHECKS).write_text(json.dumps(checks))
            for path in partial.iterdir():  # when all are written, so that the disk takes them together
                with path.open("rb") as stream:
                    os.fsync(stream.fileno())
        self.rows_done, self._waiting = end, []

    def _resume(self) -> int:
        """Rows already committed; leaves a work folder that is ours, or none when the files are already there."""
        state = {**asdict(self.origin), "layers": list(self.layers), "hidden": self.hidden, "rows": self.identity}
        described = self.work / DESCRIPTION
        if all(self._is_ours(self._final(layer)) for layer in self.layers):
            print(f"{self.folder}: all {len(self.index)} rows are already there")
            self._discard()
            return len(self.index)
        before = json.loads(described.read_text()) if described.exists() else {}
        done = self._rows_committed() if before == state else 0
        if done:
            print(f"{self.work}: going on after row {done} of {len(self.index)}")
            return done
        if before and before != state:
            changed = next(key for key in state if before.get(key) != state[key])
            print(f"{self.work}: starting over, because another run left it ({changed} changed)")
        self._discard()
        self.work.mkdir(parents=True)
        with atomic(described) as partial:
            partial.write_text(json.dumps(state))
        return 0

    def _rows_committed(self) -> int:
        pieces = self._pieces()
        whole = bool(pieces) and pieces[-1][1] == len(self.index)
        if (self.work / COMMITTED).exists():
            rest = [layer for layer in self.layers if not self._is_merged(layer)]
            kept = all((folder / f"layer_{layer}.npy").exists() for *_, folder in pieces for layer in rest)
            return len(self.index) if not rest or (whole and kept) else 0
        return pieces[-1][1] if pieces else 0

    def _pieces(self) -> list[tuple[int, int, Path]]:
        """The committed pieces (first row, end row, folder), from row 0 on without a gap."""
        found = sorted((*map(int, path.name.split("_")[1:]), path) for path in self.work.glob("rows_*_*"))
        pieces, end = [], 0
        for first, last, path in found:
            if first == end:
                pieces.append((first, last, path))
                end = last
        return pieces

    def _merge(self, layer: int) -> None:
        pieces = self._pieces()
        slices = ((slice(first, last), self._load(folder / f"layer_{layer}.npy")) for first, last, folder in pieces)
        with atomic(self._merged(layer)) as partial:
            write_layer(partial, layer, self.index, self.origin, slices, hidden=self.hidden, chunk=self.chunk)
        for *_, folder in pieces:
            (folder / f"layer_{layer}.npy").unlink()

    def _check_pieces(self) -> None:
        """Look at every piece once more before the first is merged; LinmechError where the disk has changed one, which
        is removed, so that the next run goes on with its rows.
        """
        for first, _, folder in self._pieces():
            try:
                for layer in self.layers:
                    self._load(folder / f"layer_{layer}.npy")
            except LinmechError as error:
                shutil.rmtree(folder)
                again = f"it is removed, and rows from {first} on are computed again when you run the job again"
                raise LinmechError(f"{str(error).partition(':')[0]}: {again}") from error

    def _load(self, piece: Path) -> Float[np.ndarray, "row hidden"]:
        try:
            held = piece.read_bytes()
            if crc32(held) != json.loads((piece.parent / CHECKS).read_text())[piece.stem.partition("_")[2]]:
                raise ValueError("its checksum differs")
            return np.load(io.BytesIO(held), allow_pickle=False)
        except (ValueError, OSError, KeyError, TypeError) as error:
            raise LinmechError(f"{piece} is damaged ({error}): delete {self.work} and run the job again") from error

    def _merged(self, layer: int) -> Path:
        return self.work / f"layer_{layer}.h5"

    def _final(self, layer: int) -> Path:
        return self.folder / f"layer_{layer}.h5"

    def _is_merged(self, layer: int) -> bool:
        return self._is_ours(self._merged(layer)) or self._is_ours(self._final(layer))

    def _is_ours(self, path: Path) -> bool:
        try:
            with open_layer(path) as reader:
                return reader.attrs.get("identity") == self.identity
        except LinmechError:
            return False

    def _discard(self) -> None:
        """Remove the work folder; its description goes first, so that a half-removed one is never taken up again."""
        if self.work.exists():
            (self.work / DESCRIPTION).unlink(missing_ok=True)
            shutil.rmtree(self.work)
