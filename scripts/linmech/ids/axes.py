"""The axes of IDs: slopes on each coordinate of their cells, and coordinates in the axes' span (Eq 5)."""

import numpy as np
from jaxtyping import Float

AXIS = {  # by the coordinate that changes along it
    "column": "horizontal", "row": "vertical", "frame": "temporal",
    "x": "horizontal", "y": "vertical", "depth": "depth",
}  # fmt: skip


def axes_of(
    ids: Float[np.ndarray, "*cell hidden"], estimator: str = "least-squares"
) -> Float[np.ndarray, "axis hidden"]:
    """One axis per coordinate, residual units per cell: the slope on it, mean over the other coordinates (Eq 5).

    "mean" is the paper's Eq 5: the mean of s(i', j) - s(i, j) over i < i'. It is parallel to the slope.
    """
    found = []
    for number in range(ids.ndim - 1):
        grid = np.moveaxis(ids, number, 0)
        grid = grid.reshape(len(grid), -1, grid.shape[-1])
        place = np.arange(len(grid)) - (len(grid) - 1) / 2
        pairs = len(place) * (len(place) - 1) / 2
        weights = place / (place @ place) if estimator == "least-squares" else 2 * place / pairs
        found.append(np.einsum("c,crh->h", weights, grid) / grid.shape[1])
    return np.stack(found)


def agreement(one: Float[np.ndarray, "axis hidden"], other: Float[np.ndarray, "axis hidden"]) -> list[float | None]:
    """The cosine between each axis of one set and the same axis of the other; None where one of them is zero."""
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    products = np.einsum("ah,ah->a", one, other)
    return [float(value / norm) if norm > 0 else None for value, norm in zip(products, norms, strict=True)]


def project(points: Float[np.ndarray, "*point hidden"], axes: Float[np.ndarray, "axis hidden"]) -> np.ndarray:
    """Coordinates (..., axis) in the span of the axes, in cells: the point nearest to x is coordinates @ axes.

    Solved by least squares, so a horizontal move gives no vertical coordinate even where the axes are oblique.
    """
    return points @ np.linalg.pinv(axes.astype(np.float64))


def coordinates_of(
    cells: dict[str, Float[np.ndarray, "*cell hidden"]], axes: Float[np.ndarray, "axis hidden"]
) -> dict[str, list | None]:
    """`project` for the cells of each noun, ready for JSON: (cell, axis), cells in order, None where not known."""
    found = {noun: project(points.reshape(-1, points.shape[-1]), axes) for noun, points in cells.items()}
    return {
        noun: [None if np.isnan(place).any() else place.tolist() for place in places] for noun, places in found.items()
    }


def project_words(
    words: dict[str, Float[np.ndarray, " hidden"]], axes: Float[np.ndarray, "axis hidden"]
) -> dict[str, Float[np.ndarray, " axis"]]:
    """Coordinates of words in the span of the axes (Figs 5, 7B)."""
    # ASSUME: a word counts from the mean of all the words given; the paper does not say from where.
    if not words:
        return {}
    residuals = np.stack(list(words.values())).astype(np.float64)
    return dict(zip(words, project(residuals - residuals.mean(axis=0), axes), strict=True))
