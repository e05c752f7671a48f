"""The panels of Figure 6's calibrated counterfactual, drawn from the marks of ruler_marks.py."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpec, SubplotSpec

from linmech.figures import effects
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.statistics.shares import right_text

NEEDS = {"turn": "-", "stay": "--"}
SCORE = "answers that follow the rule"
DODGE = 0.085
SLOPES = 3.0  # a slope's interval is shown this far from 0
LEGEND = 0.45  # of the reach of the crossings: room for two lines above them
ABOVE = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}


def draw_depths(axis: Axes, depths: pd.DataFrame, layer: int) -> None:
    """Share of answers that follow the rule by layer: turns asked for (solid) and not (dashed)."""
    for (arm, need), part in depths.groupby(["arm", "need"]):
        front = arm == ruler.OWN
        _, colour, marker = effects.ARM_LOOKS[str(arm)]
        part = part.sort_values("layer")
        axis.fill_between(part["layer"], part["low"], part["high"], color=colour, alpha=0.15, linewidth=0)
        axis.plot(
            part["layer"], part["estimate"], NEEDS[str(need)], color=colour, marker=marker, markersize=3,
            linewidth=1.2 if front else 0.7, label=f"{effects.ARM_LOOKS[str(arm)][0]}, {need}",
        )  # fmt: skip
    _mark_layer(axis, depths, layer)
    n = int(depths["items"].max())
    told = f"n = {n}, {right_text(depths.loc[depths['items'].idxmax()])}\n{_solid()}"
    axis.set(ylim=(-0.03, 1.03), ylabel=SCORE.replace(" that", "\nthat"), title=told)


def draw_slopes(axis: Axes, slopes: pd.DataFrame, layer: int) -> None:
    """Slope of the crossings on the true ones by layer, with its interval; 1 = calibrated.

    Intervals are cut, which is said, where they reach beyond SLOPES and all slopes: a few crossings tell nothing.
    """
    part = slopes.dropna(subset="slope")
    axis.errorbar(
        part["layer"], part["slope"], yerr=_bars(part["slope"], part["slope_low"], part["slope_high"]),
        color=plotting.INK, marker="o", markersize=3, linewidth=1.2, elinewidth=0.7, label="over both sides",
    )  # fmt: skip
    inner = part.dropna(subset="within")
    axis.errorbar(
        inner["layer"] + 0.12,
        inner["within"],
        yerr=_bars(inner["within"], inner["within_low"], inner["within_high"]),
        color=plotting.COLUMN_COLOURS[0],
        marker="s",
        markersize=3,
        linewidth=1.2,
        elinewidth=0.7,
        label="within a side",
    )
    axis.axhline(1, color=plotting.GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    _mark_layer(axis, slopes, layer)
    few = slopes["slope"].isna().sum()
    reach = max(SLOPES, 1.1 * part[["slope", "within"]].abs().max(axis=None)) if len(part) else SLOPES
    low, high = axis.get_ylim()
    if low < -reach or high > reach:
        axis.annotate(
            "long intervals are cut", (0.02, 0.04), xycoords="axes fraction", fontsize=5.5, color=plotting.GREY
        )
    told = f"n = {int(slopes['items'].max())}, {right_text(slopes.iloc[0])}"
    axis.set(ylabel="slope of crossing\non true gap", title=f"{told}\nno slope: {few} layers" if few else told)
    axis.set_ylim(max(min(0, low), -reach), min(high, reach))
    if len(part):
        axis.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1, fontsize=5.5, ncols=2)


def draw_crossings(axis: Axes, points: pd.DataFrame, fit: pd.Series, unit: str = "cells") -> None:
    """Each item's crossing against the displacement that makes up for its true gap."""
    points = points.dropna(subset="crossing")
    reach = float(np.abs(points[["true", "crossing"]].to_numpy()).max(initial=1.0)) * 1.05
    axis.plot([-reach, reach], [-reach, reach], color=plotting.GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    for held, part in points.groupby("held_out"):
        face = "white" if held else plotting.COLUMN_COLOURS[0]
        label = f"axis fitted with{'out' * bool(held)} the noun"
        axis.scatter(
            part["true"], part["crossing"], s=9, facecolor=face, edgecolor=plotting.COLUMN_COLOURS[0], linewidth=0.6,
            zorder=3, label=label,
        )  # fmt: skip
    axis.set(xlabel=f"displacement that makes up for the gap ({unit})", xlim=(-reach, reach))
    axis.set_ylim(-reach, (1 + LEGEND) * reach)
    axis.set_ylabel(f"where the belief crosses\nzero ({unit})")
    axis.set_title(fit_text(fit, unit), fontsize=6, color=plotting.GREY)
    if len(points):
        axis.legend(loc="upper left", fontsize=5.5, handletextpad=0.1)


def draw_answers(axis: Axes, marks: pd.DataFrame, by: Sequence[str]) -> None:
    """Shares of answers that follow the rule, by arm, a place per need and combination of the columns `by`; below, how
    many questions there are, and how many of them the model answers right by itself.
    """
    places = list(dict.fromkeys(zip(*(marks[name] for name in [*by, "need"]), strict=True)))
    places.sort(key=lambda place: (place[:-1], place[-1] != "turn"))
    shown = [arm for arm in effects.ARM_LOOKS if arm in set(marks["arm"])]
    for number, arm in enumerate(shown):
        part = marks[marks["arm"] == arm]
        keys = list(zip(*(part[name] for name in [*by, "need"]), strict=True))
        x = np.array([places.index(key) for key in keys]) + DODGE * (number - (len(shown) - 1) / 2)
        _, colour, marker = effects.ARM_LOOKS[arm]
        bars = _bars(part["estimate"], part["low"], part["high"])
        axis.errorbar(
            x, part["estimate"], yerr=bars, color=colour, linestyle="", marker=marker, elinewidth=0.7,
            markersize=4.5 if arm == ruler.OWN else 3, zorder=4 if arm == ruler.OWN else 2,
        )  # fmt: skip
    own = marks[marks["arm"] == ruler.OWN].set_index([*by, "need"])
    names = [_told(place, by, own.loc[place if by else place[-1]]) for place in places]
    axis.set_xticks(range(len(places)), names, fontsize=5.5 if by else 6)
    axis.set(ylim=(-0.05, 1.05), ylabel=SCORE.replace(" that", "\nthat"), xlim=(-0.5, len(places) - 0.5))
    axis.axhline(0.5, color=plotting.FAINT, linewidth=0.6, zorder=0)


def fit_text(fit: pd.Series, unit: str = "cells") -> str:
    """How the crossings of a data set follow the true ones, in words."""
    head = f"{fit['dataset']}, n = {int(fit['items'])}, {right_text(fit)}: {fit['share']:.0%} cross"
    if np.isnan(fit["slope"]):
        return head
    slope = f"slope {fit['slope']:.2f} [{fit['slope_low']:.2f}, {fit['slope_high']:.2f}]"
    within = f"within a side: slope {fit['within']:.2f} [{fit['within_low']:.2f}, {fit['within_high']:.2f}]"
    return f"{head}\n{within}\n{slope}, r = {fit['r']:.2f}, median error {fit['error']:.2f} {unit}".replace("-", "−")


def row(figure: Figure | SubFigure, place: SubplotSpec | GridSpec, count: int) -> list[Axes]:
    """So many panels side by side."""
    return [figure.add_subplot(part) for part in place.subgridspec(1, count)]


def head(axis: Axes, letter: str, header: str, model: str = "") -> None:
    """A header above the axis' title, and the panel's letter and the model above that; room is kept for them."""
    title = axis.get_title(loc="left")
    high = 6 + 8 * (title.count("\n") + bool(title))
    bold = {"weight": "bold", "fontsize": 8, "color": plotting.INK}
    axis.annotate(letter, (0, 1), (-30, high), **ABOVE, **bold).set_in_layout(False)
    axis.annotate(header, (0, 1), (0, high), **ABOVE, fontsize=7, color=plotting.INK).set_in_layout(False)
    axis.set_title(f"\n\n{title}", fontsize=6, color=plotting.GREY)
    if model:
        axis.annotate(model, (0, 1), (0, high + 14), **ABOVE, **bold)


def _solid() -> str:
    return "solid: the rule asks for a turn, dashed: for none"


def _told(place: tuple, by: Sequence[str], own: pd.Series) -> str:
    """A place of `draw_answers` in words."""
    return f"{_named(place, by)}\n{place[-1]} (n = {own['items']})\n{right_text(own).replace(' [', chr(10) + '[')}"


def _named(place: tuple, by: Sequence[str]) -> str:
    """What was moved, and on which data set."""
    if not by:
        return ""
    dataset, tokens = place[:2]
    return f"{dataset}, {'both' if '+' in tokens else tokens}"


def _mark_layer(axis: Axes, table: pd.DataFrame, layer: int) -> None:
    axis.axvline(layer, color=plotting.COLUMN_COLOURS[2], linewidth=0.8, zorder=0)
    axis.set_xlabel("layer")
    axis.set_xlim(table["layer"].min() - 0.3, table["layer"].max() + 0.3)
    axis.xaxis.get_major_locator().set_params(integer=True)


def _bars(middle: pd.Series, low: pd.Series, high: pd.Series) -> np.ndarray:
    return np.stack([middle - low, high - middle]).clip(min=0)
