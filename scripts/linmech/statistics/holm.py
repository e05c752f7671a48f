"""Corrections for many tests."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError


def holm(p_values: Sequence[float] | np.ndarray) -> Float[np.ndarray, " test"]:
    """Holm's step-down adjusted p-values, in the order given: reject where they are at most the family-wise level."""
    p = np.asarray(p_values, dtype=np.float64)
    if np.isnan(p).any() or (p < 0).any() or (p > 1).any():
        raise LinmechError(f"p-values must lie in [0, 1], got {p.tolist()}: correct only the tests that were made")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
