"""The vectors that steering adds: those of the IDs, and controls of the same size (section 3, Alg 2).

    Alg 2:           v(t) = mean over the other coordinates of  s(t)/|s(t)| - s(o)/|s(o)|,   o = last - t
    natural units:   v(d) = d * axis,   d in cells

A control puts other vectors in the place of the IDs, goes through the same formula, and is scaled to the norm of the
IDs' own: Gaussian noise, random vectors in the IDs' span, IDs with shuffled cells, differences between two nouns, noise
with the covariance that residuals have within a noun, and IDs moved along another axis.
"""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float

from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.ids.places import span
from linmech.seeds import rng

Cells = Float[np.ndarray, "*cell hidden"]
Arms = dict[str, Float[np.ndarray, "draw step hidden"]]
RELABELLED = "relabelled"  # the arm of `relabelled`


def steering_vectors(ids: Cells, along: int) -> Float[np.ndarray, "target hidden"]:
    """v(t) for every target cell t along the IDs' coordinate number `along` (Alg 2), without unit; v(last - t) = -v(t).

    A zero ID has no direction and stays zero.
    """
    # ASSUME: Alg 2 moves to one cell; test objects stand off the grid, so the cells' vectors are averaged over the
    # other coordinates, after normalising: v carries none of those and keeps the dose from inner to outer cells.
    units = _unit(np.moveaxis(ids, along, 0))
    units = units.reshape(len(units), -1, ids.shape[-1])
    return (units - units[::-1]).mean(axis=1)


def arms(ids: Ids, along: int, *key: object, draws: int = 20, few: int = 5, seed: int = 0) -> Arms:
    """v(t) of the IDs and of each control: `draws` of noise, `few` of the other random ones, from `seed` and `key`.

    "orthogonal" moves along the next coordinate, to the target that lies as far along it; IDs of one coordinate have
    no such arm.
    """

    def vectors(cells: Cells, number: int) -> Float[np.ndarray, "target hidden"]:
        return steering_vectors(cells, number)

    return _arms(ids, ids.ids, along, vectors, "ids", *key, draws=draws, few=few, seed=seed)


def displacements(
    ids: Ids, along: int, cells: Float[np.ndarray, " step"], *key: object, draws: int = 3, seed: int = 0
) -> Arms:
    """v(d) for every displacement d of `cells` along the axis, and for controls of the same size, `draws` of each.

    The axis is the one fitted to the objects that are not held out (`Ids.axes`).
    """

    def vectors(grid: Cells, number: int) -> Float[np.ndarray, "step hidden"]:
        axis = axes_of(grid)[number]
        return np.asarray(cells, float)[:, None] * axis

    return _arms(ids, ids.ids_train, along, vectors, "axis", *key, draws=draws, few=draws, seed=seed)


def relabelled(
    ids: Ids, along: int, cells: Float[np.ndarray, " step"], *key: object, runs: int, seed: int = 0
) -> Float[np.ndarray, "run step hidden"]:
    """v(d) of IDs whose cells have exchanged their names at random, in the units that these give.

    As `relabellings`: so would an experiment come out if cells told nothing, its axis as long as it would be then.
    (Controls of `displacements` have the true axis' length, and are drawn anew for every item.)
    """
    moves = np.asarray(cells, float)[:, None]
    found = [moves * axes_of(grid)[along] for grid in relabellings(ids, *key, runs=runs, seed=seed)]
    return np.stack(found) if found else np.zeros((0, len(cells), ids.ids_train.shape[-1]))


def relabellings(ids: Ids, *key: object, runs: int, seed: int = 0) -> Iterator[Cells]:
    """The IDs (`ids_train`) with their cells' names exchanged at random, `runs` times; by its key a run is the same in
    all items.
    """
    own = ids.ids_train.astype(np.float64)
    flat = own.reshape(-1, own.shape[-1])
    yield from (rng(seed, RELABELLED, *key, run).permutation(flat).reshape(own.shape) for run in range(runs))


def _arms(
    ids: Ids, own: Cells, along: int, vectors: Callable[[Cells, int], np.ndarray], name: str, *key: object, draws: int,
    few: int, seed: int,
) -> Arms:  # fmt: skip
    own = own.astype(np.float64)
    moved = vectors(own, along)
    norms = np.linalg.norm(moved, axis=-1, keepdims=True)
    result = {name: moved[None]}
    for control, make in _random_cells(ids).items():
        count = draws if control == "noise" else few
        if not count:
            continue
        grids = (make(rng(seed, control, *key, number)) for number in range(count))
        result[control] = _unit(np.stack([vectors(grid, along) for grid in grids])) * norms
    if own.ndim > 2:
        others = vectors(own, (along + 1) % (own.ndim - 1))
        as_far = np.round(np.linspace(0, len(others) - 1, len(moved))).astype(int)
        result["orthogonal"] = (_unit(others[as_far]) * norms)[None]
    return result


def _random_cells(ids: Ids) -> dict[str, Callable[[np.random.Generator], Cells]]:
    """What each random control puts in the place of the IDs."""
    own = ids.ids.astype(np.float64)
    flat = own.reshape(-1, own.shape[-1])
    basis, nouns = span(flat), np.array(list(ids.nouns.values()), float)
    made: dict[str, Callable[[np.random.Generator], Cells]] = {
        "noise": lambda draw: draw.standard_normal(own.shape),
        "span": lambda draw: (draw.standard_normal((len(flat), len(basis))) @ basis).reshape(own.shape),
        "shuffled": lambda draw: draw.permutation(flat).reshape(own.shape),
    }
    if len(nouns) > 1:
        made["nouns"] = lambda draw: _differences(nouns, len(flat), draw).reshape(own.shape)
    if ids.noise is not None and len(ids.noise):
        noise = ids.noise.astype(float)
        made["covariance"] = lambda draw: (draw.standard_normal((len(flat), len(noise))) @ noise).reshape(own.shape)
    return made


def _differences(
    nouns: Float[np.ndarray, "noun hidden"], count: int, draw: np.random.Generator
) -> Float[np.ndarray, "cell hidden"]:
    """What turns one noun into another, `count` times."""
    pairs = np.stack([draw.permutation(len(nouns))[:2] for _ in range(count)])
    return nouns[pairs[:, 0]] - nouns[pairs[:, 1]]


def _unit(vectors: Float[np.ndarray, "*any hidden"]) -> Float[np.ndarray, "*any hidden"]:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
