"""How many images are enough for IDs: those of random and of balanced parts of a grid beside the whole grid's.

A part is of the grid itself, so the agreement with the whole nears 1 as parts grow, whatever they hold; `unseen` is the
agreement with the IDs of the images that the part leaves out.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.ids.axes import axes_of
from linmech.ids.parts import chosen, ids_of_rows
from linmech.ids.shape import regressed
from linmech.seeds import rng
from linmech.statistics.designs import balanced

DESIGNS = ("random", "balanced")


def images_needed(
    table: pd.DataFrame, layers: Mapping[int, Float[np.ndarray, "row hidden"]], images: Sequence[str],
    levels: Int[np.ndarray, "image factor"], *, counts: Sequence[int], draws: int, seed: int = 0,
    estimator: str = "least-squares",
) -> pd.DataFrame:  # fmt: skip
    """A row per design, number of images (of `counts`, below all), draw and layer.

    `table` (of `describe_rows`) tells the rows of all `layers`, `images` the image of each row, `levels` what a
    balanced design balances, an image a row, in their sorted order. Columns: `cosine` with the whole grid's IDs,
    `unseen` with those of the images left out, `axis` of the part's axes with the whole grid's (the least of them),
    `r2` of the part's IDs on their coordinates. NaN where a part does not tell every cell (`told` False), or a layer
    has no IDs. Raises LinmechError where the whole grid does not tell every cell, or no count lies below all.
    """
    names = np.unique(np.asarray(images))
    if len(names) != len(levels) or not (smaller := sorted(count for count in counts if count < len(names))):
        raise LinmechError(f"config key ids.images_needed.counts: the grid has {len(names)} images; give fewer of them")
    number = np.searchsorted(names, np.asarray(images))
    whole = {layer: ids_of_rows(table, residuals, estimator) for layer, residuals in layers.items()}
    wide = np.concatenate(list(layers.values()), axis=1)
    rows = []
    for count, draw in tqdm([(c, d) for c in smaller for d in range(draws)], desc="parts of the grid", mininterval=5):
        for design in DESIGNS:
            part = np.isin(number, _drawn(design, levels, count, rng(seed, design, draw)))
            own, rest = (_told(table, wide, where, estimator, list(layers)) for where in (part, ~part))
            named = {"design": design, "images": count, "draw": draw, "told": own is not None}
            rows += [named | row for row in _agreements(own, rest, whole)]
    return pd.DataFrame(rows).assign(all_images=len(names))


def _drawn(design: str, levels: Int[np.ndarray, "image factor"], count: int, draw: np.random.Generator) -> list[int]:
    """The images of a part. Parts of one draw hold one another: a larger one holds the smaller."""
    if design == "balanced":
        return balanced(levels, count, draw)
    return draw.permutation(len(levels))[:count].tolist()


def _told(
    table: pd.DataFrame, wide: Float[np.ndarray, "row wide"], where: np.ndarray, estimator: str, layers: list[int]
) -> dict[int, np.ndarray] | None:
    """The IDs of a part by layer; None where it does not tell every cell."""
    try:
        found = ids_of_rows(chosen(table, where), wide[where], estimator)
    except LinmechError:  # the whole grid was told: this part is too small
        return None
    return dict(zip(layers, np.split(found, len(layers), axis=-1), strict=True))


def _agreements(
    own: Mapping[int, np.ndarray] | None, rest: Mapping[int, np.ndarray] | None, whole: Mapping[int, np.ndarray]
) -> Iterator[dict[str, object]]:
    for layer, true in whole.items():
        row = {"layer": layer, "cosine": np.nan, "unseen": np.nan, "axis": np.nan, "r2": np.nan}
        if own is not None and true.any():
            row |= {"cosine": _cosine(own[layer], true), "r2": _r2(own[layer])}
            row |= {"unseen": _cosine(own[layer], rest[layer]) if rest is not None else np.nan}
            row |= {"axis": min(_cosine(*pair) for pair in zip(axes_of(own[layer]), axes_of(true), strict=True))}
        yield row


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other)))


def _r2(ids: Float[np.ndarray, "*cell hidden"]) -> float:
    places = np.indices(ids.shape[:-1]).reshape(ids.ndim - 1, -1).T.astype(float)
    return regressed(ids.reshape(-1, ids.shape[-1]), places)
