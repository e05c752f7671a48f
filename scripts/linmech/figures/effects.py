"""What steering did, drawn: one mark, bar or line per arm, the same colour everywhere (Figs 6, 7)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from linmech.figures.style import INK

ARM_LOOKS = {
    "ids": ("spatial IDs", INK, "o"),
    "axis": ("along the IDs' axis", INK, "o"),
    "noise": ("Gaussian noise", "#8c8c8c", "x"),
    "span": ("random in the IDs' span", "#E69F00", "^"),
    "shuffled": ("shuffled cells", "#009E73", "s"),
    "nouns": ("noun differences", "#0072B2", "v"),
    "covariance": ("noise like the residuals", "#8B5A2B", "P"),
    "orthogonal": ("orthogonal axis", "#CC79A7", "D"),
}


def draw_effect(axis: Axes, marks: pd.DataFrame, *, arm: str, shift: float = 0.0, points: Sequence[str] = ()) -> None:
    """One arm of a panel of Fig. 6: columns x, estimate, low, high of `marks` as a line, markers and interval bars.

    `shift` moves the marks sideways so that bars do not cover each other; `points` colours the markers one by one.
    """
    _, colour, marker = ARM_LOOKS[arm]
    marks = marks.sort_values("x")
    x = marks["x"].to_numpy(dtype=float) + shift
    bars = np.abs(np.stack([marks["estimate"] - marks["low"], marks["high"] - marks["estimate"]]))
    front = 4 if arm == "ids" else 2
    axis.errorbar(
        x,
        marks["estimate"],
        yerr=bars,
        color=colour,
        linewidth=1.2 if arm == "ids" else 0.7,
        elinewidth=0.7,
        zorder=front,
    )
    if points:
        axis.scatter(x, marks["estimate"], s=18, c=list(points), edgecolor=INK, linewidth=0.5, zorder=5)
    else:
        size, edge = (14, {}) if marker == "x" else (10, {"edgecolor": "white", "linewidth": 0.3})
        axis.scatter(x, marks["estimate"], s=size, color=colour, marker=marker, zorder=front + 0.1, **edge)


def draw_spread(axis: Axes, marks: pd.DataFrame, *, arm: str, shift: float = 0.0) -> None:
    """A light bar of one `draw_sd` either side of each estimate: how far a single random draw moves an item."""
    drawn = marks[marks["draw_sd"].notna()]
    axis.use_sticky_edges = False
    axis.bar(
        drawn["x"] + shift, 2 * drawn["draw_sd"], bottom=drawn["estimate"] - drawn["draw_sd"], width=0.12,
        color=ARM_LOOKS[arm][1], alpha=0.22, linewidth=0, zorder=1,
    )  # fmt: skip


def draw_curve(axis: Axes, marks: pd.DataFrame, *, arm: str, dash: str, end: tuple[str, str] | None = None) -> None:
    """One arm along a continuous x (layers, strengths): columns x, estimate, low, high of `marks` as a line and a band.

    `end` gives the colour and marker of the IDs' line; the controls are thin lines of their arm's colour.
    """
    marks = marks.sort_values("x")
    colour, marker = end or (ARM_LOOKS[arm][1], "")
    width, front = (1.3, 4) if end else (0.7, 2)
    axis.fill_between(marks["x"], marks["low"], marks["high"], color=colour, alpha=0.18, linewidth=0, zorder=front - 1)
    axis.plot(
        marks["x"], marks["estimate"], color=colour, marker=marker, markersize=3, linewidth=width, linestyle=dash,
        zorder=front,
    )  # fmt: skip


def arm_handles(arms: Sequence[str], **names: str) -> list[Line2D]:
    """Legend entries for `arms`, in the order of `ARM_LOOKS`; `names`: other names of arms."""
    shown = [(names.get(arm, label), *look) for arm, (label, *look) in ARM_LOOKS.items() if arm in arms]
    return [Line2D([], [], color=colour, marker=mark, markersize=3.5, label=label) for label, colour, mark in shown]
