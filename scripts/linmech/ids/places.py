"""The ID of any place: between the cells' centres, and what of a residual says where its noun is (section 4.2)."""

import numpy as np
from jaxtyping import Float


def id_at(ids: Float[np.ndarray, "column row hidden"], x: float | int, y: float | int) -> Float[np.ndarray, " hidden"]:
    """The ID of the point (x, y), shares of the picture's width and height: bilinear between the centres of the cells.

    Outside the outermost centres it is that of the nearest point between them; the weights add up to 1.
    """
    result = ids
    for place in (x, y):
        cells = len(result)
        along = float(np.clip(place * cells - 0.5, 0, cells - 1))
        below = min(int(along), max(cells - 2, 0))
        share = along - below
        result = result[below] * (1 - share) + result[min(below + 1, cells - 1)] * share
    return result


def span(points: Float[np.ndarray, "*cell hidden"]) -> Float[np.ndarray, "dimension hidden"]:
    """Orthonormal basis of the points' span."""
    flat = points.reshape(-1, points.shape[-1]).astype(np.float64)
    _, sizes, directions = np.linalg.svd(flat, full_matrices=False)
    return directions[sizes > 1e-6 * max(sizes.max(), np.finfo(float).tiny)]


def placed(
    residual: Float[np.ndarray, " hidden"], middle: Float[np.ndarray, " hidden"],
    basis: Float[np.ndarray, "dimension hidden"], there: Float[np.ndarray, " hidden"],
) -> Float[np.ndarray, " hidden"]:  # fmt: skip
    """What is added to a residual so that it says that its noun is `there` (an ID; zero: nowhere): h - P(h - m) + s.

    P projects on the IDs' span (`basis`), m is the mean residual of the noun (`middle`).
    """
    return there - (residual - middle) @ basis.T @ basis
