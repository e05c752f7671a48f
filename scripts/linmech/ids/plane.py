"""How well the plane (the span) of the axes describes IDs that had no part in fitting it (Figs 5, A11, A12)."""

import numpy as np
from jaxtyping import Float

from linmech.ids.axes import axes_of, project
from linmech.seeds import rng

NULL_DRAWS = 200
ORDERED = 6  # cells: 2 of 720 orders are their own or its reverse; of 5 cells 2 of 120, too many of 200 draws


def statistics(
    held_out: Float[np.ndarray, "*cell hidden"],
    train: Float[np.ndarray, "*cell hidden"],
    estimator: str = "least-squares",
    *,
    seed: int = 0,
    draws: int = NULL_DRAWS,
) -> dict:
    """Of held-out IDs in the plane of axes fitted to `train`, ready for JSON (None = undefined, e.g. all IDs zero):

    - plane_share: variance in the plane / all variance; axis_share: the same for each axis alone
    - correlation: of the coordinate along each axis with the cell's place on it
    - cosine: between the first two axes of `train`; cosine_held_out: between those of `held_out`
    - agreement: cosine between an axis of `train` and the same axis of `held_out`
    - shuffled: axes of `train` with its cells shuffled; random: two Gaussian directions. Each holds means over draws,
      and 97.5th percentiles in `high`; correlations are absolute.

    IDs that truly span two dimensions lie in the plane of *any* axes made of them, shuffled ones as well: what
    shuffling destroys is the correlation.
    """
    axes, others = axes_of(train, estimator), axes_of(held_out, estimator)
    flat = train.reshape(-1, train.shape[-1])

    def shuffled(draw: int) -> np.ndarray:
        order = rng(seed, "shuffled cells", draw).permutation(len(flat))
        return axes_of(flat[order].reshape(train.shape), estimator)

    def random(draw: int) -> np.ndarray:
        return rng(seed, "random plane", draw).standard_normal(axes.shape)

    return measure(held_out, axes) | {
        "cosine": _cosine(*axes[:2]) if len(axes) > 1 else None,
        "cosine_held_out": _cosine(*others[:2]) if len(others) > 1 else None,
        "agreement": [_cosine(one, other) for one, other in zip(axes, others, strict=True)],
        "shuffled": _null([measure(held_out, shuffled(draw)) for draw in range(draws)]),
        "random": _null([measure(held_out, random(draw)) for draw in range(draws)]),
    }


def measure(ids: Float[np.ndarray, "*cell hidden"], axes: Float[np.ndarray, "axis hidden"]) -> dict:
    """plane_share, axis_share and correlation of `ids` for the given axes (see `statistics`)."""
    count = ids.ndim - 1
    centred = (ids - ids.mean(axis=tuple(range(count)))).astype(np.float64)
    points = centred.reshape(-1, centred.shape[-1])
    total = float((points**2).sum())
    if total == 0 or not np.linalg.norm(axes, axis=1).all():
        return _undefined(count)
    basis = np.linalg.qr(axes.T.astype(np.float64))[0]
    unit = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    coordinates = project(points, axes)
    places = np.indices(ids.shape[:-1]).reshape(count, -1)
    return {
        "plane_share": float(((points @ basis) ** 2).sum() / total),
        "axis_share": [float(((points @ axis) ** 2).sum() / total) for axis in unit],
        "correlation": [_cosine(coordinates[:, k], places[k] - places[k].mean()) for k in range(count)],
    }


def _null(measured: list[dict]) -> dict:
    """Mean and 97.5th percentile over draws."""
    if any(one["plane_share"] is None for one in measured):
        return _undefined(len(measured[0]["axis_share"]))
    summary: dict = {"high": {}}
    for name in ("plane_share", "axis_share", "correlation"):
        values = np.abs([one[name] for one in measured])
        summary[name] = values.mean(axis=0).tolist()
        summary["high"][name] = np.quantile(values, 0.975, axis=0).tolist()
    return summary


def _undefined(axes: int) -> dict:
    return {"plane_share": None, "axis_share": [None] * axes, "correlation": [None] * axes}


def _cosine(one: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"]) -> float | None:
    norms = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / norms) if norms > 0 else None


def shuffled_cosines(
    ids: Float[np.ndarray, "*cell hidden"], number: int, *, seed: int = 0, draws: int = NULL_DRAWS,
    other: Float[np.ndarray, " hidden"] | None = None,
) -> Float[np.ndarray, " draw"]:  # fmt: skip
    """Cosines between the first axis, or another vector (`other`), and axis `number` of IDs whose cells are shuffled
    along that coordinate, the same way everywhere (Figs A17, 7): how it lies to any direction in which the IDs vary
    along the coordinate.

    NaN where the IDs have fewer than ORDERED cells along it: their own order and its reverse are then so many of all
    orders that no cosine of theirs could lie outside the null's 97.5 %.
    """
    if ids.shape[number] < ORDERED:
        return np.full(draws, np.nan)
    found = []
    for draw in range(draws):
        order = rng(seed, "shuffled coordinate", draw).permutation(ids.shape[number])
        axes = axes_of(np.take(ids, order, axis=number))
        found.append(_cosine(axes[0] if other is None else other, axes[number]))
    return np.array([np.nan if value is None else value for value in found])
