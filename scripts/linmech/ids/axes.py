"""The axes of spatial IDs: slopes on the column and the row, and coordinates in their plane (Eq 5)."""

import numpy as np
from jaxtyping import Float

AXES = ("horizontal", "vertical")


def axes_of(
    ids: Float[np.ndarray, "column row hidden"], estimator: str = "least-squares"
) -> Float[np.ndarray, "2 hidden"]:
    """Horizontal and vertical axis, residual units per cell: the slope on one coordinate, mean over the other (Eq 5).

    "mean" is the paper's Eq 5: the mean of s(i', j) - s(i, j) over i < i'. It is parallel to the slope.
    """
    both = []
    for grid in (ids, ids.transpose(1, 0, 2)):
        place = np.arange(len(grid)) - (len(grid) - 1) / 2
        pairs = len(place) * (len(place) - 1) / 2
        weights = place / (place @ place) if estimator == "least-squares" else 2 * place / pairs
        both.append(np.einsum("c,crh->h", weights, grid) / grid.shape[1])
    return np.stack(both)


def project(points: Float[np.ndarray, "*point hidden"], axes: Float[np.ndarray, "axis=2 hidden"]) -> np.ndarray:
    """Coordinates (..., axis) in the plane of the axes, in cells: the point nearest to x is coordinates @ axes.

    Solved by least squares, so a horizontal move gives no vertical coordinate even where the axes are oblique.
    """
    return points @ np.linalg.pinv(axes.astype(np.float64))


def project_words(
    words: dict[str, Float[np.ndarray, " hidden"]], axes: Float[np.ndarray, "axis=2 hidden"]
) -> dict[str, Float[np.ndarray, " axis=2"]]:
    """Coordinates of words in the plane of the axes (Figs 5, 7B)."""
    # ASSUME: a word counts from the mean of all the words given; the paper does not say from where.
    if not words:
        return {}
    residuals = np.stack(list(words.values())).astype(np.float64)
    return dict(zip(words, project(residuals - residuals.mean(axis=0), axes), strict=True))
