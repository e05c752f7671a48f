"""Tables and files of a model of videos whose temporal IDs, swaps and displacements are known, for figures of time."""

from pathlib import Path

import numpy as np
import pandas as pd

from linmech.figures.time import fig10
from linmech.ids.axes import axes_of, coordinates_of
from linmech.ids.files import Ids, save_ids
from linmech.ids.plane import statistics
from linmech.ids.shape import shape
from moved_tables import GOOD, displaced_table, steering_table
from swap_tables import swap_table

FRAMES, HIDDEN, NOUNS = 8, 24, ("frog", "car", "dog", "key")
LIKE = {  # the table of places that a table of time is made of
    "time-depths": "depths", "before-after": "left-right", "before-after-reference": "reference",
    "before-after-both": "both", "reverse-frames": "mirror", "mirror-frames": "background",
    "recolour-frames": "recolour",
}  # fmt: skip
CHANGES = {"reverse-frames": "reverse", "mirror-frames": "mirror", "recolour-frames": "recolour:1"}


def retold(path: Path, experiment: str, **columns: str) -> Path:
    """A table of left and right as one of before and after, beside it under the experiment's name."""
    table = pd.read_parquet(path).replace({"left": "before", "right": "after"})
    output = path.parents[1] / experiment / path.name
    output.parent.mkdir(parents=True, exist_ok=True)
    table.assign(experiment=experiment, dataset="clips", kind="before-after", **columns).to_parquet(output)
    return output


def tables_of(folder: Path, models=("tiny",)) -> tuple[dict, dict, list[Path]]:
    """(swapped, displaced, steered) as `fig10.plot` takes them."""
    swapped = {
        name: [
            retold(swap_table(folder, LIKE[name], model, effect=-2.0 if name == "reverse-frames" else 0.1), name,
                   change=CHANGES[name])
            for model in models
        ]
        for name in fig10.SWAPS
    }  # fmt: skip
    displaced = {}
    for name in fig10.DISPLACED:
        layers = range(5) if name == "time-depths" else (GOOD,)
        made = [displaced_table(folder, LIKE[name], model=model, layers=layers) for model in models]
        displaced[name] = [retold(path, name) for path in made]
    steered = [retold(steering_table(folder, "left-right", model=model), "before-after") for model in models]
    return swapped, displaced, steered


def time_ids(layer: int, ordered: bool = True, model: str = "tiny") -> Ids:
    """IDs along one direction, in order of the frames or in none; held-out objects have their own noise."""
    draw = np.random.default_rng(layer)
    direction = draw.normal(size=HIDDEN)
    frames = np.arange(FRAMES) - (FRAMES - 1) / 2
    along = frames if ordered else draw.permutation(frames)
    grid = along[:, None] * direction * (layer > 0)
    train, held = (grid + 0.05 * draw.normal(size=grid.shape) * (layer > 0) for _ in range(2))
    axes = axes_of(train)
    own = {noun: held + 0.3 * draw.normal(size=grid.shape) * (layer > 0) for noun in NOUNS}
    told = statistics(held, train, draws=5) | {"shape": shape(held, train, draws=20), "held_out": list(NOUNS)}
    told |= {"by_noun": coordinates_of(own, axes), "relative_norm": 0.1}
    words = {"before": -4 * direction, "after": 3 * direction}
    return Ids(
        grid, train, held, axes, layer, model, words={"time-words": words, "clips": words}, statistics=told,
        kind="temporal", coordinates=("frame",),
    )  # fmt: skip


def both_ids(layer: int, apart: bool = True, model: str = "tiny") -> Ids:
    """IDs of 3 places and 8 frames: two directions, or one for both."""
    draw = np.random.default_rng(layer)
    space, time = np.linalg.qr(draw.normal(size=(HIDDEN, 2)))[0].T
    column, frame = np.arange(3) - 1.0, np.arange(FRAMES) - (FRAMES - 1) / 2
    grid = column[:, None, None] * space + frame[None, :, None] * (time if apart else space)
    grid = (grid + 0.02 * draw.normal(size=grid.shape)) * (layer > 0)
    return Ids(
        grid, grid, grid, axes_of(grid), layer, model, statistics=statistics(grid, grid, draws=5), kind="space-time",
        coordinates=("column", "frame"),
    )  # fmt: skip


def ids_files(folder: Path, models=("tiny",), make=time_ids, **how: bool) -> list[Path]:
    """A file of IDs per model, of five layers."""
    paths = []
    for model in models:
        paths.append(folder / make.__name__ / f"{model}.h5")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        save_ids(paths[-1], [make(layer, model=model, **how) for layer in range(5)])
    return paths
