"""Do IDs from other images, questions or sizes agree? (sections D.1, D.2: Figs A18-A20)

Two parts of a reading's rows are compared by halves: the IDs of one part from half of the pairs of nouns, of the other
part from the other half. So noise weighs on all comparisons alike, and what a part's own halves reach is the ceiling
of what it can share with another part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from linmech.ids.additive import UndeterminedError
from linmech.ids.axes import axes_of, project
from linmech.ids.plane import measure
from linmech.ids.shape import regressed, shuffled
from linmech.ids.weights import Weights, cosine
from linmech.seeds import rng

DRAWS, NULL_DRAWS = 20, 200
Residuals = Float[np.ndarray, "row hidden"]


@dataclass(frozen=True)
class Rows:
    """The rows of one reading: the table of `describe_rows`, and of each row the pair of nouns that its image shows."""

    table: pd.DataFrame
    pairs: Shaped[np.ndarray, " row"]

    def weights(self, pairs: Iterable[str], size: float | None = None) -> Weights:
        """Of the rows about these pairs, of things of that size (None = any). Raises UndeterminedError."""
        where = np.isin(self.pairs, list(pairs))
        return Weights.of(self.table, where if size is None else where & (self.table["size"] == size).to_numpy())


@dataclass(frozen=True)
class Part:
    """Rows of a reading about things of one size (None = any), by the name of the part."""

    reading: str
    size: float | None = None


def counts_of(total: int) -> list[int]:
    """Numbers of pairs to try: powers of two below half of all, half of all, all."""
    half = total // 2
    return sorted({*(2**power for power in range(total.bit_length()) if 2**power <= half), half, total} - {0})


def thinned(
    rows: Rows, layers: Iterator[tuple[int, Residuals]], seed: int, draws: int = DRAWS
) -> pd.DataFrame:  # fmt: skip
    """What IDs of fewer pairs of nouns share with those of all, a row per layer, number of pairs and draw (Fig A18).

    whole: cosine with the IDs of all pairs (which hold these); apart: with those of as many other pairs, half of all at
    most; plane_share: their variance in the plane of the axes of all other pairs; r2: on coordinates; chance: 97.5 %
    of the cosines with the IDs of all pairs of shuffled cells; points: IDs of draw 0 in the plane of the axes of all
    pairs, in cells (cell, axis). NaN where IDs are zero or there are no other pairs. `determined`: False where
    so few rows leave the effect of some cell open; such a draw has no numbers.
    """
    names = np.unique(rows.pairs)
    planned = []
    for count in counts_of(len(names)):
        for draw in range(draws if count < len(names) else 1):
            order = rng(seed, "pairs of nouns", draw).permutation(names)
            thirds = order[:count], order[count : 2 * count], order[count:]
            full = (len(order[:count]) == count, 2 * count <= len(order), count < len(order))
            made = [_tried(rows.weights, third) if held else None for third, held in zip(thirds, full, strict=True)]
            planned.append((count, draw, made))
    everything, found = rows.weights(names), []
    for layer, residuals in layers:
        whole = everything.ids(residuals)
        known = {"layer": layer, "chance": _chance(whole, whole, seed)}
        for count, draw, (own, other, rest) in planned:
            told = {"pairs": count, "draw": draw, "determined": own is not None}
            if own is not None:
                others = [each and each.ids(residuals) for each in (other, rest)]
                told |= _thin(own.ids(residuals), whole, *others, points=draw == 0)
            found.append(known | told)
    return pd.DataFrame(found)


def _tried(weights: Callable[..., Weights], *arguments: object) -> Weights | None:
    try:
        return weights(*arguments)
    except UndeterminedError:
        return None


def _thin(own: np.ndarray, whole: np.ndarray, other: np.ndarray | None, rest: np.ndarray | None, points: bool) -> dict:
    told = {"whole": cosine(own, whole), "r2": _r2(own)}
    told["apart"] = np.nan if other is None else cosine(own, other)
    told["plane_share"] = np.nan if rest is None else _share(own, rest)
    return told | ({"points": _points(own, whole)} if points else {})


def compared(
    readings: Mapping[str, Rows],
    parts: Mapping[str, Part],
    layers: Iterator[tuple[int, Mapping[str, Residuals]]],
    seed: int,
    *,
    axes_of_part: str,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """What parts share, by layer, ordered pair of parts (`one`, `other`) and draw of halves (Figs A19, A20).

    The readings are about the same pairs of nouns. cosine: of `one` from half of these with `other` from the other
    half; plane_share: the variance of the former in the plane of the axes of the latter. Rows of draw -1 are about
    whole parts: r2 of `one` on the coordinates beside r2_chance, the 97.5th percentile for shuffled cells; `chance`,
    that of their cosine; and, where `other` is `axes_of_part`, points: IDs of `one` in the plane of its axes, in cells.
    NaN where IDs are zero. Raises UndeterminedError where a half leaves the effect of some cell open.
    """
    names = np.unique(next(iter(readings.values())).pairs)
    halves = [np.array_split(rng(seed, "halves of pairs", draw).permutation(names), 2) for draw in range(draws)]
    split = {
        name: [[readings[part.reading].weights(half, part.size) for half in pair] for pair in halves]
        for name, part in parts.items()
    }
    whole = {name: readings[part.reading].weights(names, part.size) for name, part in parts.items()}
    found = []
    for layer, residuals in layers:
        here = {name: residuals[part.reading] for name, part in parts.items()}
        halved = {name: [[each.ids(here[name]) for each in pair] for pair in split[name]] for name in parts}
        ids = {name: whole[name].ids(here[name]) for name in parts}
        for one in parts:
            for other in parts:
                known = {"layer": layer, "one": one, "other": other}
                for draw, (halves_one, halves_other) in enumerate(zip(halved[one], halved[other], strict=True)):
                    told = {"cosine": cosine(halves_one[0], halves_other[1])}
                    told["plane_share"] = _share(halves_one[0], halves_other[1])
                    found.append(known | {"draw": draw} | told)
                told = {"cosine": cosine(ids[one], ids[other]), "chance": _chance(ids[one], ids[other], seed)}
                told |= {"r2": _r2(ids[one]), "r2_chance": _r2_chance(ids[one], seed), "rows": len(whole[one].rows)}
                told |= {"points": _points(ids[one], ids[other])} if other == axes_of_part else {}
                found.append(known | {"draw": -1} | told)
    return pd.DataFrame(found)


def _flat(ids: np.ndarray) -> np.ndarray:
    return ids.reshape(-1, ids.shape[-1]).astype(np.float64)


def _places(ids: np.ndarray) -> np.ndarray:
    return np.indices(ids.shape[:-1]).reshape(ids.ndim - 1, -1).T.astype(float)


def _r2(ids: np.ndarray) -> float:
    return regressed(_flat(ids), _places(ids)) if ids.any() else np.nan


def _r2_chance(ids: np.ndarray, seed: int) -> float:
    return float(np.quantile(shuffled(_flat(ids), _places(ids), seed, NULL_DRAWS), 0.975)) if ids.any() else np.nan


def _share(ids: np.ndarray, others: np.ndarray) -> float:
    share = measure(ids, axes_of(others))["plane_share"]
    return np.nan if share is None else share


def _chance(one: np.ndarray, other: np.ndarray, seed: int) -> float:
    """97.5th percentile of the cosine between IDs and others whose cells are shuffled."""
    if not one.any() or not other.any():
        return np.nan
    points = _flat(other)
    orders = (rng(seed, "shuffled cells", draw).permutation(len(points)) for draw in range(NULL_DRAWS))
    return float(np.quantile([cosine(_flat(one), points[order]) for order in orders], 0.975))


def _points(ids: np.ndarray, others: np.ndarray) -> list[float]:
    """Coordinates in the plane of the others' axes, in cells, one after the other; none where these are zero."""
    return project(ids, axes_of(others)).ravel().tolist() if others.any() else []
