"""The cache of a large model: no rows, only the sums that its IDs need (X'X and X'Y of `ids.design`).

Sums are added in the order of the rows, in float64, whatever the batch.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech import hdf5
from linmech.activations.caching import Plan
from linmech.activations.extraction import extract
from linmech.activations.layer_files import Origin
from linmech.activations.prompts import index_of
from linmech.activations.sum_files import read_sums, write_sums
from linmech.errors import LinmechError
from linmech.ids.design import Design, describe_rows
from linmech.locks import hold, release
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset

COMMIT_S = 60.0  # seconds between two commits: each writes all sums


class SumsStore:
    """`store.Store` for sums: takes rows in the order of the index, leaves `{folder}/layer_{layer}.h5` at the end.

    Committed to one file beside the folder, `.{name}.sums.h5`, whole or not at all, with the number of rows that it
    holds; a new store on the same output goes on from there, or starts over where anything has changed. The rows of
    `index` are those of the design from `first` on.
    """

    def __init__(
        self, folder: str | Path, layers: Sequence[int], index: pd.DataFrame, origin: Origin, design: Design, *,
        hidden: int, chunk: int = 256, first: int = 0,
    ):  # fmt: skip
        self.folder, self.layers, self.index, self.origin, self.chunk = (
            Path(folder),
            tuple(layers),
            index,
            origin,
            chunk,
        )
        self.design, self.first, self.work = design, first, self.folder.with_name(f".{self.folder.name}.sums.h5")
        self.sums = [design.empty(hidden) for _ in self.layers]
        self.identity = origin.identity(index)
        hold(self.folder)
        self.rows_done = self._resume()
        self._committed = time.monotonic()

    def append(
        self, items: Sequence[str], roles: Sequence[str], residuals: Float[np.ndarray, "layer row hidden"]
    ) -> None:
        """Add the next rows of the index. Raises LinmechError if they are others, or a residual is not finite."""
        rows = slice(self.rows_done, self.rows_done + len(items))
        expected = self.index[rows]
        if expected["item"].tolist() != list(items) or expected["role"].tolist() != list(roles):
            raise LinmechError(f"{self.folder}: rows from {list(items)[:1]} are not the next ones, {rows.start}..")
        for layer, sums, values in zip(self.layers, self.sums, residuals, strict=True):
            try:
                self.design.add(sums, slice(self.first + rows.start, self.first + rows.stop), values)
            except LinmechError:
                raise LinmechError(
                    f"{self.folder}: a residual of {items[0]} or after it at layer {layer} is not finite: load the "
                    "model in float32 or bfloat16"
                ) from None
        self.rows_done = rows.stop
        if time.monotonic() - self._committed >= COMMIT_S:
            write_sums(self.work, self.sums, self._attrs())
            self._committed = time.monotonic()

    def finish(self) -> None:
        """Leave the layer files. Raises LinmechError if rows are still missing."""
        if self.rows_done != len(self.index):
            raise LinmechError(f"{self.folder}: only {self.rows_done} of {len(self.index)} rows were given")
        for layer, sums in zip(self.layers, self.sums, strict=True):
            if not self._is_ours(path := self.folder / f"layer_{layer}.h5"):
                write_sums(path, [sums], {**self._attrs(), "layer": layer})
        self.work.unlink(missing_ok=True)
        release(self.folder)

    def _attrs(self) -> dict[str, object]:
        return {**asdict(self.origin), "identity": self.identity}

    def _resume(self) -> int:
        """Rows whose sums are already there, which are taken up."""
        whole = [self.folder / f"layer_{layer}.h5" for layer in self.layers]
        if all(self._is_ours(path) for path in whole):
            print(f"{self.folder}: all {len(self.index)} rows are already there")
            self.sums = [next(read_sums(path)) for path in whole]
            return len(self.index)
        if not self.work.exists():
            return 0
        if not self._is_ours(self.work):
            print(f"{self.work}: starting over, because another run left it, or it is damaged")
            return 0
        self.sums = list(read_sums(self.work))
        print(f"{self.work}: going on after row {self.sums[0].rows} of {len(self.index)}")
        return self.sums[0].rows

    def _is_ours(self, path: Path) -> bool:
        try:
            hdf5.check(path)
            with h5py.File(path, "r", locking="best-effort") as file:
                return file.attrs.get("identity") == self.identity
        except (OSError, ValueError):
            return False


def cache_sums(
    model: Declared, dataset: Dataset, output: str | Path, *, roles: Sequence[str], coordinates: Sequence[str],
    seed: int = 0, chunk: int = 256, batch: int = 16, workers: int = 0, wording: int = 0, asks: Sequence[str] = (),
    shard: int = 0, shards: int = 1,
) -> None:  # fmt: skip
    """`caching.cache_rows` that leaves only the sums for IDs of `coordinates`, in float64."""
    vlm = model.load()
    plan = Plan.of(model, vlm, dataset, roles, "float32", __name__, wording=wording, asks=asks)
    origin = replace(plan.origin, selector=f"{','.join(roles)}, cells of {','.join(coordinates)}")
    index = index_of(plan.prompts)
    design = Design(describe_rows(index, {item.id: item for item in dataset.items()}, coordinates, seed))
    own = plan.share(chunk, shard, shards)
    prompts, first = plan.prompts[own], len(index_of(plan.prompts[: own.start]))
    layers, rows = range(vlm.n_layers + 1), index_of(prompts)
    store = SumsStore(output, layers, rows, origin, design, hidden=vlm.hidden, chunk=chunk, first=first)
    extract(vlm, prompts, store, dataset.visual, batch=batch, workers=workers)
