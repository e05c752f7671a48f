"""Do spatial IDs follow the positions that the vision tower is told? (section E.2, Table 2, Fig A21)

The IDs S of all cells are fitted by positions P: W_k is the rank-k truncated SVD of pinv(P) S, and
R2 = 1 - |S - P W_k|^2 / |S - mean|^2. In sample any table of as many features as cells fits, so the same is measured on
blocks of cells that take no part, and of other tables beside the tower's own. There pinv leaves out singular values
below a share of the largest: for every table and rank the one of CUTS that foretells best, so that no smooth table
fails for want of one (the choice is made on the same blocks, and favours all alike).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from linmech.seeds import rng

RANKS = (2, 3, 0)  # 0 = not truncated
DRAWS, SHUFFLES, BLOCK = 20, 20, 2
COLUMNS = ["layer", "design", "draw", "rank", "in_sample", "left_out"]
CUTS = (1e-6, 1e-3, 1e-2, 1e-1)  # the first one in sample


class Regression:
    """Of any IDs on the positions `table`, in sample and with blocks left out; the pseudoinverses are made once."""

    def __init__(self, table: Float[np.ndarray, "column row feature"]):
        points = table.reshape(-1, table.shape[-1]).astype(np.float64)
        every = np.ones(len(points), bool)
        self.folds = [(every, every), *((~block, block) for block in blocks(table.shape[:2]))]
        self.fits = []
        for fitted, left in self.folds:
            middle = points[fitted].mean(axis=0)  # ASSUME: both are centred; the paper does not say
            one, sizes, other = np.linalg.svd(points[fitted] - middle, full_matrices=False)
            kept = sizes > CUTS[0] * sizes.max()
            one, sizes, wanted = one[:, kept], sizes[kept], (points[left] - middle) @ other[kept].T
            self.fits.append((one, sizes, wanted))

    def r2(self, ids: Float[np.ndarray, "cell hidden"]) -> Iterator[tuple[int, float, float]]:
        """(rank, R2 in sample, R2 of cells left out) for each of RANKS."""
        missed, total = np.zeros((len(RANKS), len(CUTS), 2)), np.zeros(2)
        for number, ((fitted, left), (basis, sizes, wanted)) in enumerate(zip(self.folds, self.fits, strict=True)):
            middle, kind = ids[fitted].mean(axis=0), int(number > 0)
            seen, true = basis.T @ (ids[fitted] - middle), ids[left] - middle
            total[kind] += (true**2).sum()
            for cut, share in enumerate(CUTS[: 1 if kind == 0 else None]):
                held = sizes > share * sizes.max()
                one, lengths, other = np.linalg.svd(seen[held] / sizes[held, None], full_matrices=False)
                for at, rank in enumerate(RANKS):
                    kept = slice(rank or len(lengths))
                    fit = (wanted[:, held] @ one[:, kept] * lengths[kept]) @ other[kept]
                    missed[at, cut, kind] += ((true - fit) ** 2).sum()
        for rank, each in zip(RANKS, missed, strict=True):
            yield rank, float(1 - each[0, 0] / total[0]), float(1 - each[:, 1].min() / total[1])


def blocks(shape: Sequence[int]) -> Iterator[Bool[np.ndarray, " cell"]]:
    """Blocks of BLOCK x BLOCK neighbouring cells, which cover the grid once."""
    column, row = np.indices(shape).reshape(2, -1) // BLOCK
    for one in range(column.max() + 1):
        for other in range(row.max() + 1):
            yield (column == one) & (row == other)


def likeness(table: Float[np.ndarray, "column row feature"]) -> float:
    """The correlation of neighbouring cells' features, all less their mean over cells."""
    centred = table - table.mean(axis=(0, 1))
    pairs = [(centred[1:] * centred[:-1]).sum(-1), (centred[:, 1:] * centred[:, :-1]).sum(-1)]
    return float(np.mean([pair.mean() for pair in pairs]) / (centred**2).sum(-1).mean())


def fourier(
    table: Float[np.ndarray, "column row feature"], draw: np.random.Generator
) -> Float[np.ndarray, "column row feature"]:
    """Random Fourier features, as many as the table's, of its bandwidth: neighbours are as alike (`likeness`)."""
    waves = draw.standard_normal((max(1, table.shape[-1] // 2), 2))
    places = np.moveaxis(np.indices(table.shape[:2]), 0, -1)

    def of(width: float) -> np.ndarray:
        phases = places @ (width * waves).T
        return np.concatenate([np.cos(phases), np.sin(phases)], axis=-1)

    low, high, wanted = 1e-3, np.pi, likeness(table)
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if likeness(of(middle)) > wanted else (low, middle)
    return of(low)


def explained(
    table: Float[np.ndarray, "column row feature"], ids: Mapping[int, Float[np.ndarray, "column row hidden"]], seed: int
) -> pd.DataFrame:
    """R2 of the IDs of each layer on positions, a row per layer, design, draw and rank: in_sample, left_out.

    Designs: own (`table`), fourier, untrained (a table of independent Gaussian numbers, as towers begin with), shuffled
    (own, on IDs of shuffled cells). A layer without IDs has no numbers, nor has any where `table` has no features.
    """
    drawn = {
        "fourier": lambda draw: fourier(table, rng(seed, "fourier", draw)),
        "untrained": lambda draw: rng(seed, "untrained table", draw).standard_normal(table.shape),
    }
    if not table.size:
        nothing = [{"layer": layer, "design": "own", "draw": 0, "rank": rank} for layer in ids for rank in RANKS]
        return pd.DataFrame(nothing, columns=COLUMNS)
    own = Regression(table)
    others = [(name, draw, Regression(make(draw))) for name, make in drawn.items() for draw in range(DRAWS)]
    found = []
    for layer, each in ids.items():
        points = _narrow(each)
        if points is None:
            found += [{"layer": layer, "design": "own", "draw": 0, "rank": rank} for rank in RANKS]
            continue
        tried = [("own", 0, own, points), *((name, draw, fit, points) for name, draw, fit in others)]
        for draw in range(SHUFFLES):
            order = rng(seed, "shuffled cells", draw).permutation(len(points))
            tried.append(("shuffled", draw, own, points[order]))
        for design, draw, fit, values in tried:
            found += [
                {"layer": layer, "design": design, "draw": draw, "rank": rank, "in_sample": inside, "left_out": outside}
                for rank, inside, outside in fit.r2(values)
            ]
    return pd.DataFrame(found, columns=COLUMNS)


def copies(table: pd.DataFrame) -> pd.DataFrame:
    """Whether IDs are a copy of the tower's positions, a row per layer of a table of `explained`.

    `own_left_out`: R2 of cells left out by the tower's own positions, `smooth_high`: the largest by random smooth
    positions of its bandwidth; `copied`: the former is above the latter, whose rank among `draws` + 1 is p. NaN and
    not copied where there is nothing to regress.
    """
    at = table[table["rank"] == 0].astype({"left_out": float})
    own = at[at["design"] == "own"].groupby("layer")["left_out"].first()
    smooth = at[at["design"] == "fourier"].groupby("layer")["left_out"].agg(["max", "size"]).reindex(own.index)
    found = pd.DataFrame({"own_left_out": own, "smooth_high": smooth["max"], "smooth_draws": smooth["size"].fillna(0)})
    return found.assign(copied=found["own_left_out"] > found["smooth_high"]).reset_index()


def _narrow(ids: np.ndarray) -> np.ndarray | None:
    """The IDs in their own span (cell, at most cells - 1), which no R2 tells from them; None where all are zero."""
    points = ids.reshape(-1, ids.shape[-1]).astype(np.float64)
    points = points - points.mean(axis=0)
    if not points.any():
        return None
    one, sizes, _ = np.linalg.svd(points, full_matrices=False)
    return one * sizes
