"""Shares of right answers: Wilson's interval, which needs no draws and holds at 0 and 1.

It stands apart from the bootstrap so that jobs that measure may say how often a model is right, and an edit of the
bootstrap runs none of them again.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Shaped

Z = 1.959964  # 95 %
LEAST = 0.6  # of two answers, guessing gives half: below this a model hardly does more


class Share(NamedTuple):
    """A share of 1 with its 95 % interval."""

    estimate: float
    low: float
    high: float


def share(right: Bool[np.ndarray, " item"], images: Shaped[np.ndarray, " item"]) -> Share:
    """How large a share of items is `right`; the interval counts images, not items, as independent."""
    p, n = float(np.mean(right)), len(set(images.tolist()))
    centre, half = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Share(p, max((centre - half) / (1 + Z**2 / n), 0.0), min((centre + half) / (1 + Z**2 / n), 1.0))


def leans_right(table: pd.DataFrame) -> Bool[np.ndarray, " row"]:
    """Whether the belief before anything is done leans to the true answer, by row; undecided ones count as well.

    `table` has the columns answer, first and d_before, log p(first) - log p(second).
    """
    before = table["d_before"].to_numpy(float)
    return np.where((table["answer"] == table["first"]).to_numpy(), before > 0, before < 0)


def right_of(table: pd.DataFrame) -> dict[str, float]:
    """`right`, `right_low`, `right_high`: the share of a table's items whose clean answer is `right`."""
    items = table.drop_duplicates("item")
    found = share(items["right"].to_numpy(bool), items["image"].to_numpy(object))
    return {"right": found.estimate, "right_low": found.low, "right_high": found.high}


def right_text(told: Mapping[str, object] | pd.Series) -> str:
    """What `right_of` tells, in words, with a remark where it is hardly more than guesses."""
    low, high = (100 * float(told[name]) for name in ("right_low", "right_high"))
    remark = " ≈ ½" if told["right"] < LEAST else ""
    return f"{told['right']:.0%} right [{low:.0f}, {high:.0f}]{remark}"
