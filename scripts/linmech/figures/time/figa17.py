"""Figure A17: IDs of place and frame together: how the axis of time lies to the axis of space."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.errors import LinmechError
from linmech.figures import id_grids
from linmech.figures import style as plotting
from linmech.figures.fig5 import spread
from linmech.ids.axes import axes_of, project
from linmech.ids.files import Ids, load_ids
from linmech.ids.plane import shuffled_cosines

PANEL = 1.6
SETS = {"fitted": ("ids_train", "objects of the axes"), "held out": ("ids_held_out", "held-out objects")}


@dataclass(frozen=True)
class Layer:
    """One layer: the held-out objects' IDs in the plane of the others' axes, and the cosines of `cosines`."""

    model: str
    layer: int
    points: Float[np.ndarray, "column frame axis=2"]
    cosines: dict[str, float]

    def numbers(self) -> pd.DataFrame:
        """A row per cell."""
        columns, frames, _ = self.points.shape
        rows = [(c, f, *self.points[c, f]) for c in range(columns) for f in range(frames)]
        table = pd.DataFrame(rows, columns=["column", "frame", "horizontal", "temporal"])
        return table.assign(model=self.model, layer=self.layer, **self.cosines)


def plot(
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    panels: int = 4,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure A17, a row per model, and a csv of every number.

    `ids`: files of IDs of column and frame. `panels` layers are shown as grids, spread evenly over the depth; cosines
    at all of them. `seed` shuffles the null. Raises LinmechError if there are no files, or IDs of other coordinates.
    """
    if not ids:
        raise LinmechError("figure A17 was given no files of IDs: run derive_ids for at least one video model")
    rows = []
    for path in ids:
        found = load_ids(path)
        if any(each.coordinates != ("column", "frame") for each in found.values()):
            raise LinmechError(f"{path}: not IDs of column and frame: name those of the kind space-time")
        rows.append([layer_of(each, seed) for each in found.values()])
    with plotting.style():
        plotting.save_figure(draw(rows, panels), pdf, png, dpi)
    plotting.write_csv(pd.concat([layer.numbers() for row in rows for layer in row]), csv)


def layer_of(ids: Ids, seed: int) -> Layer:
    """The numbers of one layer."""
    return Layer(ids.model, ids.layer, project(ids.ids_held_out, ids.axes), cosines(ids, seed))


def cosines(ids: Ids, seed: int) -> dict[str, float]:
    """|cosine| of the axis of space with that of time, of either set of objects; NaN where there are no IDs.

    `_shuffled`, `_shuffled_high`: mean and 97.5th percentile over time axes of the same IDs, their frames shuffled the
    same way at all places. `agreement_*`: the cosine of each axis with that of the other objects.
    """
    found = {}
    for name, (attribute, _) in SETS.items():
        cells, key = getattr(ids, attribute).astype(np.float64), name.replace(" ", "_")
        axes = axes_of(cells)
        norms = np.linalg.norm(axes, axis=1).prod()
        null = np.abs(shuffled_cosines(cells, 1, seed=seed))
        found[f"cosine_{key}"] = float(abs(axes[0] @ axes[1]) / norms) if norms else float("nan")
        known = np.isfinite(null).all() and norms
        found[f"cosine_{key}_shuffled"] = float(null.mean()) if known else float("nan")
        found[f"cosine_{key}_shuffled_high"] = float(np.quantile(null, 0.975)) if known else float("nan")
    agreed = [float("nan") if value is None else float(value) for value in ids.statistics["agreement"]]
    return found | dict(zip(("agreement_horizontal", "agreement_temporal"), agreed, strict=True))


def draw(rows: Sequence[Sequence[Layer]], panels: int) -> Figure:
    """The figure: a row per model, grids and, last, cosines by layer."""
    shown = [[layer for layer in row if layer.layer in spread([each.layer for each in row], panels)] for row in rows]
    wide = max(map(len, shown)) + 1
    figure = plotting.new_figure(PANEL * wide + 0.6, (PANEL + 0.35) * len(rows) + 0.75)
    frame = figure.add_gridspec(len(rows), wide, width_ratios=[*[1] * (wide - 1), 1.25])
    drawn = []
    for line, (row, grids) in enumerate(zip(rows, shown, strict=True)):
        for place, layer in enumerate(grids):
            axis = figure.add_subplot(frame[line, place])
            id_grids.draw_grid(axis, layer.points)
            told = layer.cosines["cosine_held_out"]
            name = f"{layer.model}\n" if place == 0 else "\n"
            axis.set_title(f"{name}layer {layer.layer}: " + ("no IDs" if np.isnan(told) else f"|cos| {told:.2f}"))
            axis.set(xlabel="space (places)", ylabel="time (frames)" if place == 0 else "")
            axis.locator_params(nbins=4, integer=True)
            drawn.append((axis, layer))
        lines = draw_cosines(figure.add_subplot(frame[line, wide - 1]), row)
    columns, frames, _ = rows[0][0].points.shape
    handles = id_grids.grid_handles(columns, frames, "frame", ("first", "last"))
    figure.legend(handles=[*handles, *lines], loc="outside lower center", ncols=min(6, columns + frames))
    plotting.settle(figure, lambda: [id_grids.frame_grid(axis, each.points.reshape(-1, 2)) for axis, each in drawn])
    return figure


def draw_cosines(axis: Axes, row: Sequence[Layer]) -> list[Artist]:
    """|cosine| of the two axes by layer, and the band up to the 97.5th percentile of shuffled frames; for a legend."""
    layers = [each.layer for each in row]
    looks = {"fitted": (plotting.COLUMN_COLOURS[0], "--", "s"), "held out": (plotting.INK, "-", "o")}
    for name, (colour, dash, marker) in looks.items():
        key = f"cosine_{name.replace(' ', '_')}"
        values = [each.cosines[key] for each in row]
        axis.plot(layers, values, color=colour, linestyle=dash, marker=marker, markersize=3, label=SETS[name][1])
    high, mean = ([each.cosines[f"cosine_held_out_shuffled{end}"] for each in row] for end in ("_high", ""))
    axis.fill_between(layers, 0, high, color=plotting.FAINT, alpha=0.5, linewidth=0, label="shuffled frames, to 97.5 %")
    axis.plot(layers, mean, color=plotting.GREY, linestyle=":", linewidth=0.8, label="their mean")
    axis.set(xlabel="layer", ylabel="|cosine| of the axes", ylim=(-0.03, 1.03), yticks=(0, 0.5, 1))
    axis.xaxis.get_major_locator().set_params(integer=True)
    return axis.get_legend_handles_labels()[0]
