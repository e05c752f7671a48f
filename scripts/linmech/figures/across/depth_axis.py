"""Figure 7, the axis of depth: IDs of height and depth read from scenes, and how the axis of depth lies to height."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.across import axis_pairs
from linmech.ids.design import parsed
from linmech.ids.files import Ids, load_ids
from linmech.ids.plane import shuffled_cosines

LOOK = axis_pairs.Look(
    ("height", "depth"), ("vertical", "depth_axis"), ("height (down)", "depth (away)"), ("top", "bottom"),
    ("near", "far"), "depths", signed=True, beside={"cosine_grid": "depth and the grid's vertical axis"},
)  # fmt: skip


def plot(
    ids: Sequence[str | Path],
    grids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    panels: int = 4,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw the axis of depth, a row per model, and a csv of every number (section 4.1, experiments.md on Figure 7).

    `ids`: files of IDs of height (y) and depth; `grids`: of each model's spatial IDs, in the same order, whose vertical
    axis is the one that Figure 7 moves along. `panels` layers are shown as grids; cosines at all. `seed` shuffles the
    null. Raises LinmechError if there are no files, or IDs of other coordinates, models or layers.
    """
    if not ids:
        raise LinmechError("the axis of depth was given no files of IDs: run derive_ids for at least one model")
    rows = []
    for path, grid in zip(ids, grids, strict=True):
        found, spatial = load_ids(path), load_ids(grid)
        if any([parsed(name)[0] for name in each.coordinates] != ["y", "depth"] for each in found.values()):
            raise LinmechError(f"{path}: not IDs of height and depth: name those of the kind depth")
        if spatial.keys() != found.keys() or {each.model for each in (*found.values(), *spatial.values())} != {
            next(iter(found.values())).model
        }:
            raise LinmechError(f"{grid} and {path} are not of one model and its layers: run derive_ids for both")
        rows.append([
            axis_pairs.layer_of(each, LOOK, seed, down(spatial[layer], each, seed)) for layer, each in found.items()
        ])  # fmt: skip
    axis_pairs.plot(rows, LOOK, pdf, png, csv, panels, dpi)


def down(spatial: Ids, depth: Ids, seed: int) -> dict[str, float]:
    """The cosine of the grid's vertical axis, down, with the axis of depth, away from the camera, and its null."""
    vertical, cells = spatial.axes[spatial.coordinates.index("row")].astype(np.float64), depth.ids_train
    null = shuffled_cosines(cells.astype(np.float64), 1, seed=seed, other=vertical)
    return axis_pairs.beside_null("cosine_grid", axis_pairs.cosine(vertical, depth.axes[1]), null, LOOK)
