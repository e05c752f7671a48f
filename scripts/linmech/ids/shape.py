"""What shape IDs have: linear in the coordinates, curved, or one vector per cell (experiments.md 1.2 and 4.3).

All of it is measured on the IDs of objects that the axes were not fitted to:

- r2: share of their variance that a regression on the coordinates explains, beside the same for shuffled cells
- contrasts: how the variance between the cells of one coordinate is shared by its linear, quadratic and cubic contrast
  (one vector per cell without order would give equal shares), and the interaction's share of all variance
- left_out: R2 of the IDs of a column (row, frame) by a line through the IDs of all others, of the objects of the axes;
  1 = the line goes on, 0 = no better than their mean, below 0 = curved or not ordered
- reproduced: R2 of the IDs by those of the objects of the axes, cell by cell, at the best length: 1 = places are told
  alike whatever stands there, 0 = the objects share nothing about their places (below 0: they are opposed)
- length: that length, in lengths of the IDs of the objects of the axes
- code: how `name_code` names what these say
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from linmech.seeds import rng

NULL_DRAWS = 1000
REPRODUCED, UNORDERED, STRAIGHT = 0.5, 0.6, 0.8


def shape(
    held_out: Float[np.ndarray, "*cell hidden"], train: Float[np.ndarray, "*cell hidden"], *, seed: int = 0,
    draws: int = NULL_DRAWS,
) -> dict:  # fmt: skip
    """The statistics above, ready for JSON; None where all IDs are zero. `r2_shuffled`: mean and 97.5th percentile over
    `draws` permutations of the cells.
    """
    if not held_out.any() or not train.any():
        return {"r2": None, "r2_shuffled": None, "contrasts": None, "interaction": None, "left_out": None,
                "reproduced": None, "length": None, "code": "none"}  # fmt: skip
    points, places = _flat(held_out), _places(held_out.shape[:-1])
    null = shuffled(points, places, seed, draws)
    shares, interaction = contrasts(held_out)
    found = {
        "r2": regressed(points, places),
        "r2_shuffled": {"mean": float(np.mean(null)), "high": float(np.quantile(null, 0.975))},
        "contrasts": shares,
        "interaction": interaction,
        "left_out": [left_out(held_out, train, number) for number in range(held_out.ndim - 1)],
        "reproduced": reproduced(held_out, train),
        "length": _slope(held_out, train),
    }
    return found | {"code": name_code(found)}


def reproduced(held_out: Float[np.ndarray, "*cell hidden"], train: Float[np.ndarray, "*cell hidden"]) -> float:
    """Squared cosine, with its sign, between the IDs of held-out objects and of the others, both less their means."""
    own, others = (points - points.mean(axis=0) for points in (_flat(held_out), _flat(train)))
    cosine = float((own * others).sum() / (np.linalg.norm(own) * np.linalg.norm(others)))
    return cosine * abs(cosine)


def _slope(held_out: Float[np.ndarray, "*cell hidden"], train: Float[np.ndarray, "*cell hidden"]) -> float:
    own, others = (points - points.mean(axis=0) for points in (_flat(held_out), _flat(train)))
    return float((own * others).sum() / (others**2).sum())


def name_code(found: Mapping) -> str:
    """What code the statistics of `shape` show: "none", "categorical", "linear" or "curved".

    none: less than half of the held-out IDs is that of other objects; categorical: the coordinates explain no more than
    chance does, or cubic and higher contrasts have over 0.6 of the share that vectors in no order would give them;
    linear: the linear contrasts have 0.8 of the variance, and lines through all other columns and rows foretell those
    left out better than their mean; else curved.
    """
    if found["r2"] is None or found["reproduced"] < REPRODUCED:
        return "none"
    higher = [sum(shares[2:]) * len(shares) / max(1, len(shares) - 2) for shares in found["contrasts"]]
    if found["r2"] <= found["r2_shuffled"]["high"] or np.mean(higher) > UNORDERED:
        return "categorical"
    straight = np.mean([shares[0] for shares in found["contrasts"]]) >= STRAIGHT
    return "linear" if straight and np.mean(found["left_out"]) > 0 else "curved"


def regressed(points: Float[np.ndarray, "cell hidden"], places: Float[np.ndarray, "cell axis"]) -> float:
    """R2 of the points by least squares on their places."""
    centred, design = points - points.mean(axis=0), places - places.mean(axis=0)
    basis = np.linalg.qr(design)[0]
    return float(np.linalg.norm(basis.T @ centred) ** 2 / np.linalg.norm(centred) ** 2)


def shuffled(
    points: Float[np.ndarray, "cell hidden"], places: Float[np.ndarray, "cell axis"], seed: int, draws: int
) -> list[float]:
    """R2 by least squares on the places of shuffled cells, over draws."""
    orders = (rng(seed, "shuffled cells", draw).permutation(len(points)) for draw in range(draws))
    return [regressed(points[order], places) for order in orders]


def contrasts(ids: Float[np.ndarray, "*cell hidden"]) -> tuple[list[list[float]], float]:
    """Per coordinate the shares of its polynomial contrasts (linear first) in the variance between its cells; and
    the share of all variance that no single coordinate explains (interaction).
    """
    grid = ids.astype(float) - ids.mean(axis=tuple(range(ids.ndim - 1)))
    total, explained, shares = float((grid**2).sum()), 0.0, []
    for number in range(ids.ndim - 1):
        means = np.moveaxis(grid, number, 0).reshape(ids.shape[number], -1, ids.shape[-1]).mean(axis=1)
        between = float((means**2).sum())
        explained += between * total_cells(ids.shape[:-1]) / ids.shape[number]
        sizes = np.linalg.norm(_polynomials(len(means)).T @ means, axis=1) ** 2
        shares.append((sizes / between).tolist() if between > 0 else [0.0] * len(sizes))
    return shares, max(0.0, 1 - explained / total)


def left_out(
    held_out: Float[np.ndarray, "*cell hidden"], train: Float[np.ndarray, "*cell hidden"], number: int
) -> float:
    """R2 of held-out IDs in each slice of a coordinate by a line through the IDs of `train` in all other slices."""
    own, others = (np.moveaxis(ids, number, 0).astype(float) for ids in (held_out, train))
    missed, total = 0.0, 0.0
    for cell in range(len(own)):
        rest = [index for index in range(len(own)) if index != cell]
        places = _places(others.shape[:-1]).reshape(*others.shape[:-1], -1)
        seen, wanted = places[rest].reshape(-1, places.shape[-1]), places[cell].reshape(-1, places.shape[-1])
        points = others[rest].reshape(-1, others.shape[-1])
        line = np.linalg.lstsq(_with_one(seen), points, rcond=None)[0]
        true = own[cell].reshape(-1, own.shape[-1])
        missed += float(((true - _with_one(wanted) @ line) ** 2).sum())
        total += float(((true - points.mean(axis=0)) ** 2).sum())
    return 1 - missed / total


def total_cells(shape: tuple[int, ...]) -> int:
    """How many cells there are."""
    return int(np.prod(shape))


def _polynomials(count: int) -> Float[np.ndarray, "cell degree"]:
    """Orthonormal polynomial contrasts of degree 1, 2, ... over equally spaced cells."""
    place = np.arange(count) - (count - 1) / 2
    return np.linalg.qr(np.vander(place, increasing=True))[0][:, 1:]


def _flat(ids: Float[np.ndarray, "*cell hidden"]) -> Float[np.ndarray, "point hidden"]:
    return ids.reshape(-1, ids.shape[-1]).astype(float)


def _places(shape: tuple[int, ...]) -> Float[np.ndarray, "cell axis"]:
    return np.indices(shape).reshape(len(shape), -1).T.astype(float)


def _with_one(places: Float[np.ndarray, "cell axis"]) -> Float[np.ndarray, "cell column"]:
    return np.concatenate([places, np.ones((len(places), 1))], axis=1)
