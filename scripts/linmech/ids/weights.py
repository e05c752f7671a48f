"""The IDs of a part of a reading's rows at every layer: weights on residuals, and cosines between IDs (D.1, D.2).

The least-squares estimate of `additive` is linear in the residuals, with weights that only the rows' design decides: so
they are found once for a part. `parts` gives the same numbers from the residuals of one layer.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from linmech.ids.additive import ROUNDING, inverted
from linmech.ids.design import Design
from linmech.ids.parts import chosen


@dataclass(frozen=True)
class Weights:
    """Of some `rows` of a reading (numbers of rows in its layer files), in the ID of each cell."""

    rows: Int[np.ndarray, " part"]
    values: Float[np.ndarray, "cell part"]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, table: pd.DataFrame, where: Bool[np.ndarray, " row"]) -> "Weights":
        """Of the rows of a table of `describe_rows` where `where` is true.

        Raises UndeterminedError where they are too few to tell every cell.
        """
        design, rows = Design(chosen(table, where)), np.flatnonzero(where)
        factors, nouns = np.zeros((len(rows), design.p)), np.zeros((len(rows), len(design.nouns)))
        np.put_along_axis(factors, design.levels, 1.0, axis=1)
        nouns[np.arange(len(rows)), design.noun] = 1.0
        factors -= nouns @ (nouns.T @ factors / nouns.sum(axis=0)[:, None])  # centred within the noun
        inverse, vectors = inverted(factors.T @ factors, design.cell)
        values = inverse[design.cell] @ (factors @ vectors).T
        return cls(rows, values - values.mean(axis=0), design.shape)

    def ids(self, residuals: Float[np.ndarray, "row hidden"]) -> Float[np.ndarray, "*cell hidden"]:
        """The IDs of these rows among all `residuals` of a layer; zero where all lie below the residuals' rounding."""
        own = residuals[self.rows].astype(np.float64)
        effects = self.values @ own
        if np.linalg.norm(effects, axis=1).mean() <= ROUNDING * np.linalg.norm(own, axis=1).mean():
            effects[:] = 0
        return effects.reshape(*self.shape, -1)


def cosine(one: Float[np.ndarray, "*cell hidden"], other: Float[np.ndarray, "*cell hidden"]) -> float:
    """Between two sets of IDs, all cells together, each less its mean; NaN where one of them is zero."""
    ones, others = (ids.reshape(-1, ids.shape[-1]).astype(np.float64) for ids in (one, other))
    ones, others = ones - ones.mean(axis=0), others - others.mean(axis=0)
    lengths = np.linalg.norm(ones) * np.linalg.norm(others)
    return float((ones * others).sum() / lengths) if lengths > 0 else float("nan")
