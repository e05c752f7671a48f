"""The vectors that steering adds: those of the IDs, and four controls of the same size (section 3, Alg 2).

    v(t) = mean over the other coordinates of  s(t)/|s(t)| - s(o)/|s(o)|,   o = last - t

A control puts other vectors in the place of the IDs, goes through the same formula, and is scaled to the norm of the
IDs' v(t): Gaussian noise, random vectors in the IDs' span, IDs with shuffled cells, IDs moved along another axis.
"""

import numpy as np
from jaxtyping import Float

from linmech.seeds import rng

Cells = Float[np.ndarray, "*cell hidden"]


def steering_vectors(ids: Cells, along: int) -> Float[np.ndarray, "target hidden"]:
    """v(t) for every target cell t along the IDs' coordinate number `along` (Alg 2), without unit; v(last - t) = -v(t).

    A zero ID has no direction and stays zero.
    """
    # ASSUME: Alg 2 moves to one cell; test objects stand off the grid, so the cells' vectors are averaged over the
    # other coordinates, after normalising: v carries none of those and keeps the dose from inner to outer cells.
    units = _unit(np.moveaxis(ids, along, 0))
    units = units.reshape(len(units), -1, ids.shape[-1])
    return (units - units[::-1]).mean(axis=1)


def arms(
    ids: Cells, along: int, *key: object, draws: int = 20, few: int = 5, seed: int = 0
) -> dict[str, Float[np.ndarray, "draw target hidden"]]:
    """v(t) of the IDs and of each control: `draws` of noise, `few` of span and shuffled, from `seed` and `key`.

    "orthogonal" moves along the next coordinate, to the target that lies as far along it; IDs of one coordinate have
    no such arm.
    """
    moved = steering_vectors(ids, along)
    norms = np.linalg.norm(moved, axis=-1, keepdims=True)
    flat = ids.reshape(-1, ids.shape[-1])
    basis = _basis(flat)

    def noise(draw: np.random.Generator) -> np.ndarray:
        return draw.standard_normal(ids.shape)

    def span(draw: np.random.Generator) -> np.ndarray:
        return (draw.standard_normal((len(flat), len(basis))) @ basis).reshape(ids.shape)

    def shuffled(draw: np.random.Generator) -> np.ndarray:
        return draw.permutation(flat).reshape(ids.shape)

    result = {"ids": moved[None]}
    for make, count in ((noise, draws), (span, few), (shuffled, few)):
        grids = (make(rng(seed, make.__name__, *key, number)) for number in range(count))
        vectors = np.stack([steering_vectors(grid, along) for grid in grids])
        result[make.__name__] = _unit(vectors) * norms
    if ids.ndim > 2:
        others = steering_vectors(ids, (along + 1) % (ids.ndim - 1))
        as_far = np.round(np.linspace(0, len(others) - 1, len(moved))).astype(int)
        result["orthogonal"] = (_unit(others[as_far]) * norms)[None]
    return result


def _unit(vectors: Float[np.ndarray, "*any hidden"]) -> Float[np.ndarray, "*any hidden"]:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)


def _basis(points: Float[np.ndarray, "cell hidden"]) -> Float[np.ndarray, "dimension hidden"]:
    """Orthonormal basis of the points' span."""
    _, sizes, directions = np.linalg.svd(points, full_matrices=False)
    return directions[sizes > 1e-6 * max(sizes.max(), np.finfo(float).tiny)]
