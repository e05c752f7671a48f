"""IDs of a part of a reading's rows: what fewer images, or fewer pairs of nouns, would have given."""

import pandas as pd
from jaxtyping import Bool, Float
from numpy import ndarray

from linmech.errors import LinmechError
from linmech.ids.additive import cells
from linmech.ids.design import Design


def chosen(table: pd.DataFrame, where: Bool[ndarray, " row"]) -> pd.DataFrame:
    """The rows of a table of `describe_rows` where `where` is true; of the cells and signs of the whole table."""
    part = table[where].reset_index(drop=True)
    part.attrs = table.attrs | {"signs": table.attrs["signs"][where]}
    return part


def ids_of_rows(
    table: pd.DataFrame, residuals: Float[ndarray, "row hidden"], estimator: str = "least-squares"
) -> Float[ndarray, "*cell hidden"]:
    """Universal IDs (Eqs 2-5) of all nouns, from these rows of one layer (`layer.read(where)`) as `table` tells them.

    All rows give the IDs of the file. Raises LinmechError where the rows are too few to tell every cell.
    """
    if len(table) != len(residuals) or not len(table):
        raise LinmechError(f"{len(residuals)} residuals for {len(table)} rows: choose the same rows of both, and some")
    design = Design(table)
    sums = design.empty(residuals.shape[1])
    design.add(sums, slice(0, len(table)), residuals)
    return cells(sums, sums.nouns, estimator)
