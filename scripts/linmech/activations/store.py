"""Write the layer files of one dataset and model together, row by row, and survive `kill -9`.

The files grow in a hidden folder beside the output, `.{name}.growing`, each as `layer_writing` says. Every so many rows
are committed: when they are in all files, a line of `commits.jsonl` says how many there are, and each file's checksum
up to there. When all are, the files are sealed and moved to the output folder, and the hidden folder is removed. A new
Store on the same output goes on after the last commit that all files still hold, whatever a kill, a power cut or the
disk has done to them; if the model, the manifest, the selector, the recipe, the layers or the rows have changed, it
starts over and says so. One process writes at a time (`locks`).
"""

import contextlib
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, runtime_checkable
from zlib import crc32

import numpy as np
import pandas as pd
from jaxtyping import Float
from tqdm import tqdm

from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.layer_writing import Growing, to_disk
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.locks import hold, release

DESCRIPTION = "origin.json"
COMMITS = "commits.jsonl"  # rows, and the CRC-32 of each layer's file up to there


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
    and must not be computed again. Rows are committed when `chunk` of them have come together. Raises LinmechError for
    no rows at all, no layers, a repeated (item, role), or where another process is writing them.
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
        self.work = self.folder.with_name(f".{self.folder.name}.growing")
        if self.index.empty or not self.layers:
            raise LinmechError(f"{self.folder}: there is no row, or no layer, to write")
        if twice := self.index[self.index.duplicated()].values.tolist():
            raise LinmechError(f"{self.folder}: row {twice[0]} is asked for twice; item ids must be unique")
        self.identity = origin.identity(self.index)
        hold(self.folder)
        self._files: list[Growing] = []  # of every layer, unless all of them lie in the folder
        self._disk, self._reaching = ThreadPoolExecutor(1), Future()  # what was committed goes there meanwhile
        self._reaching.set_result(None)
        self.rows_done = self.rows_given = self._resume()

    def append(
        self, items: Sequence[str], roles: Sequence[str], residuals: Float[np.ndarray, "layer row hidden"]
    ) -> None:
        """Add the next rows of the index; they are committed when enough have come together.

        Raises LinmechError if they are not the next rows, or if a residual is not finite or overflows the file's dtype;
        OSError where the disk does not take them, or those of the commit before.
        """
        start = self.rows_given
        expected = self.index[start : start + len(items)]
        if expected["item"].tolist() != list(items) or expected["role"].tolist() != list(roles):
            raise LinmechError(f"{self.folder}: rows from {list(items)[:1]} are not the next ones, {start}..")
        if residuals.shape != (len(self.layers), len(items), self.hidden):
            raise LinmechError(f"{self.folder}: residuals of shape {residuals.shape} for {len(items)} rows")
        for file, values in zip(self._files, self._cast(residuals, items), strict=True):
            file.put(values)
        self.rows_given += len(items)
        if self.rows_given - self.rows_done >= self.chunk:
            self._commit()

    def finish(self) -> None:
        """Commit what is left and leave the layer files; raises LinmechError if rows are still missing."""
        self._commit()
        if self.rows_done != len(self.index):
            raise LinmechError(f"{self.folder}: only {self.rows_done} of {len(self.index)} rows were given")
        self._reaching.result()
        self._disk.shutdown()
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in tqdm(self._files, desc="seal layers", unit="layer", disable=None):
            file.seal()
        for file in self._files:
            file.path.replace(self.folder / file.path.name)
        self._discard()
        release(self.folder)

    def _cast(
        self, residuals: Float[np.ndarray, "layer row hidden"], items: Sequence[str]
    ) -> Float[np.ndarray, "layer row hidden"]:
        with np.errstate(over="ignore"):
            stored = residuals.astype(self.origin.dtype, copy=False)
        for layer, values, given in zip(self.layers, stored, residuals, strict=True):
            if np.isfinite(values).all():
                continue
            row = int(np.argmin(np.isfinite(values).all(axis=1)))
            cause = "is not finite: load the model in float32 or bfloat16"
            if np.isfinite(given[row]).all():
                cause = f"overflows {self.origin.dtype} ({np.abs(given[row]).max():.3g}): store it as float32"
            raise LinmechError(f"{self.folder}: the residual of {items[row]} at layer {layer} {cause}")
        return stored

    def _commit(self) -> None:
        if self.rows_given == self.rows_done:
            return
        self._reaching.result()
        self._note(self.rows_given)
        self.rows_done = self.rows_given
        self._reaching = self._disk.submit(to_disk, [file.path for file in self._files])

    def _note(self, rows: int) -> None:
        """Write down that so many rows are in all files."""
        with (self.work / COMMITS).open("a") as stream:
            stream.write(json.dumps([rows, [file.total for file in self._files]]) + "\n")

    def _resume(self) -> int:
        """Rows already committed; leaves files that grow in our work folder, or none when all are already there."""
        state = {**asdict(self.origin), "layers": list(self.layers), "hidden": self.hidden, "rows": self.identity}
        if all(self._is_there(layer) for layer in self.layers):
            print(f"{self.folder}: all {len(self.index)} rows are already there")
            self._discard()
            return len(self.index)
        if before := self._described():
            told, starts = before
            if told == state and (done := self._go_on(starts)) is not None:
                if done:
                    print(f"{self.work}: going on after row {done} of {len(self.index)}")
                return done
            changed = next((key for key in told if told[key] != state.get(key)), "")
            cause = f"another run left it ({changed} changed)" if changed else "what is there is damaged"
            print(f"{self.work}: starting over, because {cause}")
        self._begin(state)
        return 0

    def _begin(self, state: dict[str, object]) -> None:
        """Make the work folder and all files; what describes them is written last."""
        self._discard()
        self.work.mkdir(parents=True)
        self._files = [
            Growing.make(self._growing(layer), layer, self.index, self.origin, self.hidden) for layer in self.layers
        ]
        self._note(0)
        text = json.dumps([state, [file.start for file in self._files]])
        with atomic(self.work / DESCRIPTION) as partial:
            partial.write_text(f"{text}\n{crc32(text.encode())}\n")

    def _described(self) -> tuple[dict[str, object], list[int]] | None:
        """The run of the work folder, and where its files' rows begin: None for no folder, nothing if damaged."""
        with contextlib.suppress(FileNotFoundError):
            text, _, told = (self.work / DESCRIPTION).read_bytes().partition(b"\n")
            return tuple(json.loads(text)) if told == f"{crc32(text)}\n".encode() else ({}, [])
        return None

    def _go_on(self, starts: Sequence[int]) -> int | None:
        """Take up the files that are there after the last commit that they all hold, or leave it (None)."""
        commits = self._commits()
        row_bytes = np.dtype(self.origin.dtype).itemsize * self.hidden
        places = zip(map(self._growing, self.layers), starts, strict=True)
        files = [Growing(path, start, row_bytes) for path, start in places]
        left = [file.path.exists() for file in files]
        held = [
            file.holds([(rows, sums[n]) for rows, sums in commits]) if there else len(commits) * self._is_there(layer)
            for n, (file, there, layer) in enumerate(zip(files, left, self.layers, strict=True))
        ]
        whole = min(held)
        if not whole or (not all(left) and commits[whole - 1][0] < len(self.index)):
            return None
        if whole < len(commits):
            print(f"{self.work}: rows from {commits[whole - 1][0]} on are damaged, and are computed again")
        commits = commits[:whole]
        with atomic(self.work / COMMITS) as partial:  # without what is damaged, and without a line that was cut off
            partial.write_text("".join(json.dumps(commit) + "\n" for commit in commits))
        for n, file in enumerate(files):
            if left[n] and held[n] > whole:
                file.holds([(rows, sums[n]) for rows, sums in commits])
        self._files = [file for file, there in zip(files, left, strict=True) if there]
        return commits[-1][0]

    def _commits(self) -> list[tuple[int, list[int]]]:
        """(rows, sum of each file) of every commit, up to a line that is none: one that was cut off, or is damaged."""
        found = []
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
            for line in (self.work / COMMITS).read_text().splitlines():
                rows, sums = json.loads(line)
                if len(sums) != len(self.layers):
                    break
                found.append((rows, sums))
        return found

    def _growing(self, layer: int) -> Path:
        return self.work / f"layer_{layer}.h5"

    def _is_there(self, layer: int) -> bool:
        try:
            with open_layer(self.folder / f"layer_{layer}.h5") as reader:
                return reader.attrs.get("identity") == self.identity
        except LinmechError:
            return False

    def _discard(self) -> None:
        """Remove the work folder; its description goes first, so that a half-removed one is never taken up again."""
        if self.work.exists():
            (self.work / DESCRIPTION).unlink(missing_ok=True)
            shutil.rmtree(self.work)
