"""A reading in shards: stretches of its questions, one a job, and the layer files that are merged of theirs.

Shards begin and end where rows are committed, so that the same prompts run together as without shards: merged rows are
those of one job, bit for bit. Sums are added shard by shard, which differs from one job's by the rounding of float64.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from linmech.activations.batching import share
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.layer_writing import write_layer
from linmech.activations.prompts import Prompt, index_of, texts_hash
from linmech.activations.sum_files import holds_sums, read_sums, write_sums
from linmech.errors import LinmechError
from linmech.files import atomic


def merge(paths: Sequence[str | Path], output: str | Path, prompts: Sequence[Prompt], chunk: int = 256) -> None:
    """Leave one layer file of a reading from those of its shards, in order: of rows, or of sums. `chunk` is theirs.

    Raises LinmechError where a file is absent or damaged, or is not that shard of these prompts in one run.
    """
    rows = np.array([len(prompt.roles) for prompt in prompts], int)
    shares = [share(rows, chunk, number, len(paths)) for number in range(len(paths))]
    parts = [index_of(prompts[own]) for own in shares]
    how = _merge_sums if holds_sums(paths[0]) else _merge_rows
    how(paths, Path(output), parts, texts_hash(prompts), chunk)


def _merge_rows(paths: Sequence[str | Path], output: Path, parts: list[pd.DataFrame], texts: str, chunk: int) -> None:
    with contextlib.ExitStack() as opened:
        readers = [opened.enter_context(open_layer(path)) for path in paths]
        origin, layer = _origin([reader.attrs for reader in readers], paths, parts, texts)
        hidden, index = readers[0].shape[1], pd.concat(parts, ignore_index=True)
        with atomic(output) as partial:
            pieces = (values for reader in readers for _, values in reader.chunks())
            write_layer(partial, layer, index, origin, pieces, hidden=hidden)


def _merge_sums(paths: Sequence[str | Path], output: Path, parts: list[pd.DataFrame], texts: str, chunk: int) -> None:
    held, attrs = [], []
    for path in paths:
        held += read_sums(path)
        with h5py.File(path, "r", locking="best-effort") as file:
            attrs.append(dict(file.attrs))
    origin, layer = _origin(attrs, paths, parts, texts)
    whole = held[0]
    for more in held[1:]:
        both = {name: getattr(whole, name) + getattr(more, name) for name in ("sums", "sketch", "rows", "norm")}
        whole = replace(whole, **both)
    identity = origin.identity(pd.concat(parts, ignore_index=True))
    write_sums(output, [whole], {**asdict(origin), "identity": identity, "layer": layer})


def _origin(
    attrs: Sequence[Mapping[str, object]], paths: Sequence[str | Path], parts: Sequence[pd.DataFrame], texts: str
) -> tuple[Origin, int]:
    """The origin and the layer that all shards name; LinmechError where one is not the shard that it should be."""
    origin = Origin(**{field.name: str(attrs[0].get(field.name, "")) for field in fields(Origin)})
    layer = int(attrs[0]["layer"])
    for path, told, index in zip(paths, attrs, parts, strict=True):
        same = told.get("identity") == origin.identity(index) and int(told["layer"]) == layer
        if not same or origin.questions_sha256 != texts:
            raise LinmechError(f"{path} is no shard of this reading as it is asked now; delete it and run again")
    return origin, layer
