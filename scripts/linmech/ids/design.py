"""The design of the additive model behind the IDs, and its normal equations, summed while residuals stream by.

    residual[row] = object + role + cell + partner cell + size + rest

A cell is a place on all coordinates of the IDs together: (column, row) on the grid, the frame of a video, or both. What
is continuous is cut into cells that hold equally many things: "depth:4" are four of depth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from linmech.errors import LinmechError
from linmech.seeds import digest
from linmech.stimuli.items import Item, Thing

SKETCHES = 64
FACTORS = ("role", "cell", "partner", "size")
CONTINUOUS = ("x", "y", "depth")
OTHER = {"subject": "reference", "reference": "subject"}


def describe_rows(
    index: pd.DataFrame, items: Mapping[str, Item], coordinates: Sequence[str] = ("column", "row"), seed: int = 0
) -> pd.DataFrame:
    """What the model is told about each cached row (item, role): noun, coordinates, role, cell, partner and size.

    `coordinates`: column, row, frame, or one of CONTINUOUS with the number of its cells. `cell` and `partner` count the
    cells, of `attrs["shape"]`, with the last coordinate fastest; partner is -1 where there is no second noun.
    A row at another word than a noun is told of the subject. `attrs["signs"]` (row sketch) are bits drawn from `seed`
    and the row's name. Raises LinmechError for an unknown item, and for a noun that has no place.
    """
    rows, places, signs = [], [], []
    shown = [(item, role, *_things(items, item, role)) for item, role in zip(index["item"], index["role"], strict=True)]
    edges = {name: _edges(name, [own for _, _, own, _ in shown]) for name in coordinates}
    for item, role, own, other in shown:
        here, there = ([_cell(thing, *edge) for edge in edges.items()] if thing else None for thing in (own, other))
        if min(here) < 0:
            raise LinmechError(f"item {item!r} is off the grid: IDs need a data set in which every noun has a cell")
        places.append((here, there if there and min(there) >= 0 else None))
        # ASSUME: what is farther is smaller in the picture: the two are not told apart where cells are cut from places
        size = 0.0 if any(edge is not None for edge in edges.values()) else items[item].things["subject"].size
        rows.append((role, own.noun, size, *here))
        signs.append(np.unpackbits(np.frombuffer(digest(seed, "sketch", item, role), np.uint8))[:SKETCHES])
    table = pd.DataFrame(rows, columns=["role", "noun", "size", *coordinates])
    shape = tuple(1 + max(place[n] for pair in places for place in pair if place) for n in range(len(coordinates)))
    table["cell"] = [int(np.ravel_multi_index(here, shape)) for here, _ in places]
    table["partner"] = [int(np.ravel_multi_index(there, shape)) if there else -1 for _, there in places]
    table.attrs |= {"shape": shape, "signs": np.stack(signs)}
    return table


def parsed(coordinate: str) -> tuple[str, int]:
    """A coordinate's name, and the number of cells that it is cut into (0: it has cells of its own)."""
    name, _, count = coordinate.partition(":")
    return name, int(count or 0)


def _things(items: Mapping[str, Item], item: str, role: str) -> tuple[Thing, Thing | None]:
    """What a row is told of, and its partner."""
    if item not in items:
        raise LinmechError(f"item {item!r} of the activations is not in questions.parquet: run cache_activations again")
    things = items[item].things
    return things[role if role in OTHER else "subject"], things.get(OTHER.get(role, "reference"))


def _edges(coordinate: str, things: Sequence[Thing]) -> Float[np.ndarray, " edge"] | None:
    """The edges between the cells of a continuous coordinate, each with as many of the things; None = it has cells."""
    name, count = parsed(coordinate)
    values = [getattr(thing, name) for thing in things]
    return np.nanquantile(values, np.arange(1, count) / count) if count else None


def _cell(thing: Thing, coordinate: str, edges: Float[np.ndarray, " edge"] | None) -> int:
    """The cell of a thing along a coordinate; -1 = it has none."""
    value = getattr(thing, parsed(coordinate)[0])
    if edges is None:
        return value
    return int(np.searchsorted(edges, value, side="right")) if np.isfinite(value) else -1


@dataclass
class Sums:
    """Normal equations of the additive model at one layer, per role and noun: X'X (counts) and X'Y.

    `shape` is that of the cells, `cell` their place among the p columns of X. `norm` sums the residuals' norms.
    `sketch` sums the residuals with random signs, each sum a draw of noise that varies as they do; `signs` sums those.
    """

    nouns: list[str]
    roles: list[str]
    shape: tuple[int, ...]
    cell: slice
    products: Float[np.ndarray, "role noun p p"]
    sums: Float[np.ndarray, "role noun p hidden"]
    signs: Float[np.ndarray, "sketch noun"]
    sketch: Float[np.ndarray, "sketch hidden"]
    rows: int = 0
    norm: float | int = 0.0


class Design:
    """X, from the table of `describe_rows`: one 1 per factor in every row."""

    def __init__(self, table: pd.DataFrame):
        self.nouns, self.roles = sorted(table["noun"].unique()), sorted(table["role"].unique())
        self.shape: tuple[int, ...] = table.attrs["shape"]
        codes = [pd.factorize(table[name], sort=True)[0] for name in FACTORS]
        codes[1] = table["cell"].to_numpy()
        widths = [int(code.max()) + 1 for code in codes]
        widths[1] = int(np.prod(self.shape))
        starts = np.concatenate([[0], np.cumsum(widths)])
        self.cell = slice(int(starts[1]), int(starts[2]))
        self.levels = np.stack(codes, axis=1) + starts[:-1]
        self.noun = np.searchsorted(self.nouns, table["noun"].to_numpy(dtype=str))
        self.group = codes[0] * len(self.nouns) + self.noun
        self.p = int(starts[-1])
        designs = (_one_hot(self.levels[self.group == n], self.p) for n in range(len(self.roles) * len(self.nouns)))
        products = np.stack([(design.T @ design).toarray() for design in designs])
        self.products = products.reshape(len(self.roles), len(self.nouns), self.p, self.p)
        self.signs = 2.0 * table.attrs["signs"].T - 1
        self.signs_of_nouns = np.stack([self.signs[:, self.noun == n].sum(axis=1) for n in range(len(self.nouns))], 1)

    def empty(self, hidden: int) -> Sums:
        """Sums of no rows yet."""
        none, drawn = np.zeros((*self.products.shape[:3], hidden)), np.zeros((SKETCHES, hidden))
        return Sums(
            self.nouns, self.roles, self.shape, self.cell, self.products, none, self.signs_of_nouns, drawn
        )  # fmt: skip

    def add(self, sums: Sums, rows: slice, residuals: Float[np.ndarray, "row hidden"]) -> None:
        """Add the residuals of the table's `rows` to `sums`. Raises LinmechError where one is not finite."""
        if not np.isfinite(residuals).all():
            raise LinmechError("a residual is not finite: cache the activations as float32 (activations.dtype) again")
        values = residuals.astype(np.float64)
        for group in np.unique(self.group[rows]):
            member = np.flatnonzero(self.group[rows] == group)
            part = np.unravel_index(group, sums.sums.shape[:2])
            sums.sums[part] += _one_hot(self.levels[rows][member], self.p).T @ values[member]
        sums.sketch += self.signs[:, rows] @ values
        sums.rows += len(values)
        sums.norm += float(np.linalg.norm(values, axis=1).sum())


def _one_hot(levels: Int[np.ndarray, "row factor"], p: int) -> csr_array:
    rows = np.repeat(np.arange(len(levels)), levels.shape[1])
    return csr_array((np.ones(levels.size), (rows, levels.ravel())), shape=(len(levels), p))
