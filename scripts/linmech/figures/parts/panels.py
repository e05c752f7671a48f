"""Panels of IDs from parts: grids one on top of the other, and curves with ranges."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from linmech.figures import style as plotting
from linmech.figures.id_grids import frame_grid

LOOKS = [  # of parts, in their order: colour, marker, dash
    (plotting.INK, "o", "-"), ("#0072B2", "^", "--"), ("#E69F00", "s", "-."), ("#CC79A7", "D", ":"),
    ("#009E73", "v", (0, (5, 1, 1, 1, 1, 1))), ("#56B4E9", "P", (0, (1, 3))), ("#8B5A2B", "X", (0, (6, 3))),
]  # fmt: skip
CHANCE = {"color": plotting.GREY, "linestyle": (0, (1, 1.5)), "linewidth": 1}


def draw_grids(axis: Axes, grids: Mapping[str, Float[np.ndarray, "column row axis=2"]], names: Sequence[str]) -> None:
    """IDs of several parts in one plane: colour = column, marker = part."""
    for name, points in grids.items():
        marker = LOOKS[names.index(name) % len(LOOKS)][1]
        for column, colour in zip(points, plotting.column_colours(len(points)), strict=True):
            axis.plot(*column.T, marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.3)
    axis.set(xlabel="along the columns' axis (cells)", ylabel="along the rows' axis")
    if not grids:
        axis.text(0.5, 0.5, "no IDs", transform=axis.transAxes, ha="center", color=plotting.GREY)


def frame(axis: Axes, grids: Mapping[str, Float[np.ndarray, "column row axis=2"]]) -> None:
    """Fit the limits of `draw_grids` to the panel's shape; call it in `settle`."""
    if grids:
        frame_grid(axis, np.concatenate([points.reshape(-1, 2) for points in grids.values()]))


def draw_curve(axis: Axes, marks: pd.DataFrame, x: str, look: int) -> None:
    """Means over `x` as a line with markers, and the range over draws as a band."""
    colour, marker, dash = LOOKS[look % len(LOOKS)]
    marks = marks.sort_values(x)
    axis.fill_between(marks[x], marks["low"], marks["high"], color=colour, alpha=0.15, linewidth=0)
    axis.plot(marks[x], marks["estimate"], color=colour, marker=marker, markersize=3, linestyle=dash, zorder=3)


def handles(names: Sequence[str]) -> list[Line2D]:
    """Legend entries of parts, and of chance."""
    looks = [LOOKS[number % len(LOOKS)] for number in range(len(names))]
    found = [
        Line2D([], [], color=colour, marker=marker, linestyle=dash, markersize=4, label=name)
        for name, (colour, marker, dash) in zip(names, looks, strict=True)
    ]
    return [*found, Line2D([], [], label="shuffled cells, 97.5 %", **CHANCE)]


def shares(axis: Axes, label: str) -> None:
    """An axis of cosines."""
    axis.set(ylim=(-0.25, 1.05), yticks=(0, 0.5, 1), ylabel=label)
    plotting.zero_line(axis)
