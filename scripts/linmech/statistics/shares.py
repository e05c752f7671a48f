"""Shares of right answers: Wilson's interval, which needs no draws and holds at 0 and 1.

It stands apart from the bootstrap so that jobs that measure may say how often a model is right, and an edit of the
bootstrap runs none of them again.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Shaped

Z = 1.959964  # 95 %


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
