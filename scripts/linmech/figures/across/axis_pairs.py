"""IDs of two coordinates together: how the axis of one lies to the axis of the other, by layer (Figures A17, 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.figures import id_grids
from linmech.figures import style as plotting
from linmech.figures.fig5 import spread
from linmech.ids.axes import axes_of, project
from linmech.ids.files import Ids
from linmech.ids.plane import shuffled_cosines

PANEL = 1.6
SETS = {"fitted": ("ids_train", "objects of the axes"), "held out": ("ids_held_out", "held-out objects")}


@dataclass(frozen=True)
class Look:
    """What a figure calls the two coordinates.

    `coordinates` and `axes`: in the csv; `labels`: of the plane's axes; `sides`, `ends`: of the first and the second
    coordinate, the first cell and the last; `shuffled`: what the null shuffles. `signed`: cosines keep their sign.
    `beside`: lines of other cosines in the last panel, the key of `Layer.cosines` and the name.
    """

    coordinates: tuple[str, str]
    axes: tuple[str, str]
    labels: tuple[str, str]
    sides: tuple[str, str]
    ends: tuple[str, str]
    shuffled: str
    signed: bool = False
    beside: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Layer:
    """One layer: the held-out objects' IDs in the plane of the others' axes, and the cosines of `cosines`."""

    model: str
    layer: int
    points: Float[np.ndarray, "one other axis=2"]
    cosines: dict[str, float]

    def numbers(self, look: Look) -> pd.DataFrame:
        """A row per cell."""
        one, other, _ = self.points.shape
        rows = [(a, b, *self.points[a, b]) for a in range(one) for b in range(other)]
        table = pd.DataFrame(rows, columns=[*look.coordinates, *look.axes])
        return table.assign(model=self.model, layer=self.layer, **self.cosines)


def plot(
    rows: Sequence[Sequence[Layer]],
    look: Look,
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    panels: int,
    dpi: int,
) -> None:
    """Draw a figure, a row per model, and a csv of every number."""
    with plotting.style():
        plotting.save_figure(draw(rows, panels, look), pdf, png, dpi)
    plotting.write_csv(pd.concat([layer.numbers(look) for row in rows for layer in row]), csv)


def layer_of(ids: Ids, look: Look, seed: int, others: Mapping[str, float] | None = None) -> Layer:
    """The numbers of one layer; `others`: cosines to show beside."""
    told = cosines(ids, look, seed) | dict(others or {})
    return Layer(ids.model, ids.layer, project(ids.ids_held_out, ids.axes), told)


def cosine(one: Float[np.ndarray, " hidden"], other: Float[np.ndarray, " hidden"]) -> float:
    """The cosine of two vectors; NaN where one is zero."""
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norms if norms else float("nan")


def cosines(ids: Ids, look: Look, seed: int) -> dict[str, float]:
    """The cosine of the first axis with the second, of either set of objects; NaN where there are no IDs. Its absolute
    value, unless the look is `signed`.

    `_shuffled`, `_shuffled_high`: mean and 97.5th percentile of its absolute value over axes of the same IDs, their
    cells shuffled along the second coordinate the same way everywhere; NaN for too few cells. `agreement_*`: the cosine
    of each axis with that of the other objects.
    """
    found = {}
    for name, (attribute, _) in SETS.items():
        cells = getattr(ids, attribute).astype(np.float64)
        own = cosine(*axes_of(cells))
        found |= beside_null(f"cosine_{name.replace(' ', '_')}", own, shuffled_cosines(cells, 1, seed=seed), look)
    agreed = [float("nan") if value is None else float(value) for value in ids.statistics["agreement"]]
    return found | dict(zip((f"agreement_{axis}" for axis in look.axes), agreed, strict=True))


def beside_null(key: str, own: float, null: Float[np.ndarray, " draw"], look: Look) -> dict[str, float]:
    """A cosine beside the mean and the 97.5th percentile of the absolute values of its null, NaN where it has none."""
    known = np.isfinite(null).all() and np.isfinite(own)
    mean, high = (np.abs(null).mean(), np.quantile(np.abs(null), 0.975)) if known else (np.nan, np.nan)
    told = own if look.signed else abs(own)
    return {key: told, f"{key}_shuffled": float(mean), f"{key}_shuffled_high": float(high)}


def draw(rows: Sequence[Sequence[Layer]], panels: int, look: Look) -> Figure:
    """The figure: a row per model, grids and, last, cosines by layer."""
    shown = [[layer for layer in row if layer.layer in spread([each.layer for each in row], panels)] for row in rows]
    wide = max(map(len, shown)) + 1
    figure = plotting.new_figure(PANEL * wide + 0.6, (PANEL + 0.35) * len(rows) + 0.75 + 0.2 * bool(look.beside))
    frame = figure.add_gridspec(len(rows), wide, width_ratios=[*[1] * (wide - 1), 1.25])
    drawn, sign = [], "cos" if look.signed else "|cos|"
    for line, (row, grids) in enumerate(zip(rows, shown, strict=True)):
        for place, layer in enumerate(grids):
            axis = figure.add_subplot(frame[line, place])
            id_grids.draw_grid(axis, layer.points)
            told = layer.cosines["cosine_held_out"]
            name = f"{layer.model}\n" if place == 0 else "\n"
            axis.set_title(f"{name}layer {layer.layer}: " + ("no IDs" if np.isnan(told) else f"{sign} {told:.2f}"))
            axis.set(xlabel=look.labels[0], ylabel=look.labels[1] if place == 0 else "")
            axis.locator_params(nbins=4, integer=True)
            drawn.append((axis, layer))
        lines = draw_cosines(figure.add_subplot(frame[line, wide - 1]), row, look)
    one, other, _ = rows[0][0].points.shape
    handles = id_grids.grid_handles(one, other, look.coordinates[1], look.ends, look.coordinates[0], look.sides)
    wide = 4 if look.beside else min(6, one + other)
    figure.legend(handles=[*handles, *lines], loc="outside lower center", ncols=wide)
    plotting.settle(figure, lambda: [id_grids.frame_grid(axis, each.points.reshape(-1, 2)) for axis, each in drawn])
    return figure


def draw_cosines(axis: Axes, row: Sequence[Layer], look: Look) -> list[Artist]:
    """Cosines of the two axes by layer, and the band up to the 97.5th percentile of shuffled cells; for a legend."""
    layers = [each.layer for each in row]
    looks = {"fitted": (plotting.COLUMN_COLOURS[0], "--", "s"), "held out": (plotting.INK, "-", "o")}
    lines = {f"cosine_{name.replace(' ', '_')}": (*looks[name], SETS[name][1]) for name in SETS}
    lines |= {key: (plotting.COLUMN_COLOURS[-1], "-.", "^", name) for key, name in (look.beside or {}).items()}
    for key, (colour, dash, marker, name) in lines.items():
        values = [each.cosines[key] for each in row]
        axis.plot(layers, values, color=colour, linestyle=dash, marker=marker, markersize=3, label=name)
    bands = {end: np.array([each.cosines[f"cosine_held_out_shuffled{end}"] for each in row]) for end in ("", "_high")}
    high, mean = bands["_high"], bands[""]
    low = -high if look.signed else 0 * high
    axis.fill_between(
        layers, low, high, color=plotting.FAINT, alpha=0.5, linewidth=0, label=f"shuffled {look.shuffled}, to 97.5 %"
    )
    for key in look.beside or {}:
        for sign in (-1, 1) if look.signed else (1,):
            ends = [sign * each.cosines[f"{key}_shuffled_high"] for each in row]
            axis.plot(layers, ends, color=lines[key][0], linestyle=":", linewidth=0.8)
    if look.signed:
        axis.axhline(0, color=plotting.GREY, linewidth=0.5, zorder=1)
        axis.set(ylabel="cosine of the axes", ylim=(-1.03, 1.03), yticks=(-1, -0.5, 0, 0.5, 1))
    else:
        axis.plot(layers, mean, color=plotting.GREY, linestyle=":", linewidth=0.8, label="their mean")
        axis.set(ylabel="|cosine| of the axes", ylim=(-0.03, 1.03), yticks=(0, 0.5, 1))
    axis.set(xlabel="layer")
    axis.xaxis.get_major_locator().set_params(integer=True)
    return axis.get_legend_handles_labels()[0]
