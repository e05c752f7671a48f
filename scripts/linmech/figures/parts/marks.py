"""Tables of IDs from parts of readings, reduced to means and ranges over draws (Figs A18-A20)."""

from collections.abc import Iterable, Sequence
from math import isqrt
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech.errors import LinmechError

RANGE = "95 % of draws"


def read(paths: Sequence[str | Path], columns: Iterable[str], figure: str) -> pd.DataFrame:
    """The tables of all models as one. Raises LinmechError for no table, and for one without a column or rows."""
    if not paths:
        raise LinmechError(f"{figure} was given no tables: configure at least one model that keeps rows")
    tables = [pd.read_parquet(path) for path in paths]
    for path, table in zip(paths, tables, strict=True):
        if absent := sorted(set(columns) - set(table)):
            raise LinmechError(f"{path}: has no column {absent[0]!r}; delete it and run snakemake again")
        if table.empty:
            raise LinmechError(f"{path}: has no rows; delete it and run snakemake again")
    return pd.concat(tables, ignore_index=True)


def spread(table: pd.DataFrame, by: Sequence[str], value: str) -> pd.DataFrame:
    """Mean of a column over draws and the range of 95 % of them, a row per group; draws without it do not count."""
    grouped = table.groupby(list(by), sort=True)[value]
    found = grouped.agg(estimate="mean", draws="count")
    found["low"], found["high"] = (grouped.quantile(share) for share in (0.025, 0.975))
    return found.reset_index().assign(what=value, interval=RANGE)


def grid(points: Iterable[float]) -> Float[np.ndarray, "column row axis=2"]:
    """Points of a square grid of cells, as `ids.comparing` lists them."""
    values = np.fromiter(points, float)
    side = isqrt(len(values) // 2)
    return values.reshape(side, side, 2)


def cells(points: Iterable[float], **known: object) -> pd.DataFrame:
    """The points of a grid as rows of a csv, with what is `known` of them."""
    placed = grid(points)
    places = np.indices(placed.shape[:2]).reshape(2, -1)
    told = {"column": places[0], "row": places[1], "across": placed[..., 0].ravel(), "down": placed[..., 1].ravel()}
    return pd.DataFrame(told).assign(what="point", **known)


def best(values: pd.Series) -> int:
    """The layer (the index) at which a mean is the largest; the first layer if it is defined at none."""
    return int(values.idxmax()) if values.notna().any() else int(values.index[0])
