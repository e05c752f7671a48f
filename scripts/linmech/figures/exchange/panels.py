"""The panels of Figure 2, drawn from the marks of marks.py."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from linmech.figures import effects
from linmech.figures import style as plotting
from linmech.figures.exchange.marks import NOISE
from linmech.figures.ruler_marks import OWN

SPREAD = 0.62  # of a row or a bin, over which the marks of the arms are spread
MEET = 0.5  # the dose at which the two nouns meet
TOWARDS = Line2D(
    [], [], color=plotting.INK, marker="o", markersize=3, markerfacecolor="white", linestyle=":", linewidth=0.8,
    label="the IDs’ axis, with the belief",
)  # fmt: skip


def shown_arms(marks: pd.DataFrame) -> list[str]:
    """The arms of some marks in the order of the legend."""
    return [arm for arm in effects.ARM_LOOKS if arm in set(marks["arm"])]


def draw_arms(axis: Axes, marks: pd.DataFrame, models: Sequence[str]) -> None:
    """Share of beliefs swapped, a row per model, a mark per arm with its interval."""
    arms = shown_arms(marks)
    for number, arm in enumerate(arms):
        part = marks[marks["arm"] == arm]
        rows = np.array([models.index(model) for model in part["model"]]) + _shift(number, len(arms))
        axis.errorbar(part["estimate"], rows, xerr=_bars(part), **_look(arm))
    axis.set(xlim=(-0.03, 1.03), ylim=(len(models) - 0.5, -0.5), xlabel="beliefs swapped")
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    _separate(axis, len(models))


def draw_differences(axis: Axes, ours: pd.DataFrame, paper: pd.DataFrame, models: Sequence[str]) -> None:
    """Swaps by the IDs less those by noise: ours, the paper's estimate, and what that finds in noise alone."""
    axis.axvline(0, color=plotting.GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    part = ours[ours["arm"] == NOISE]
    rows = np.array([models.index(model) for model in part["model"]])
    axis.errorbar(part["estimate"], rows - 0.14, xerr=_bars(part), **_look(OWN))
    rows = np.array([models.index(model) for model in paper["model"]])
    axis.errorbar(
        paper["estimate"], rows + 0.14, xerr=paper["spread"].fillna(0), color=plotting.COLUMN_COLOURS[0], linestyle="",
        marker="s", markerfacecolor="white", markersize=4, elinewidth=0.7, zorder=3,
    )  # fmt: skip
    width = paper["null_high"] - paper["null_low"]
    axis.barh(rows + 0.34, width, 0.12, left=paper["null_low"], color=plotting.FAINT, zorder=2)
    axis.plot(paper["null"], rows + 0.34, "|", color=plotting.INK, markersize=5, zorder=3)
    axis.xaxis.set_major_formatter(PercentFormatter(1))
    axis.set_xlabel("difference of shares (points)")
    axis.tick_params(axis="y", left=False)
    _separate(axis, len(models))


def difference_handles(paper: pd.DataFrame) -> list[Line2D | Patch]:
    """The legend of `draw_differences`."""
    best, layers = (sorted(paper[name].unique()) for name in ("best", "layers"))
    which = f"best {best[0]} of {layers[0]} layers" if len(best) == len(layers) == 1 else "best 3/11 of the layers"
    square = Line2D(
        [], [], color=plotting.COLUMN_COLOURS[0], marker="s", markerfacecolor="white", markersize=4, linestyle="",
        label=f"the paper’s estimate ({which})",
    )  # fmt: skip
    return [square, Patch(color=plotting.FAINT, label="the same in noise alone: mean, 95 %")]


def draw_doses(axis: Axes, marks: pd.DataFrame) -> None:
    """Share of beliefs swapped by dose (log scale), a line per arm; dotted: the IDs moved with the belief."""
    axis.axvline(MEET, color=plotting.FAINT, linewidth=0.6, zorder=0)
    sizes = sorted(marks["size"].unique())
    arms = shown_arms(marks)
    for number, arm in enumerate(arms):
        part = marks[(marks["arm"] == arm) & marks["against"]].sort_values("size")
        look = _look(arm) | {"linestyle": "-", "linewidth": 1.2 if arm == OWN else 0.7}
        axis.errorbar(part["size"] * 2 ** (0.3 * _shift(number, len(arms))), part["estimate"], yerr=_bars(part), **look)
    part = marks[~marks["against"]].sort_values("size")
    axis.plot(
        part["size"], part["estimate"], ":", color=plotting.INK, marker="o", markersize=3, markerfacecolor="white",
        linewidth=0.8, zorder=3,
    )  # fmt: skip
    axis.set_xscale("log", base=2)
    axis.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axis.minorticks_off()
    axis.set(ylim=(-0.04, 1.04), xlabel="dose (1: each where the other was)")
    axis.yaxis.set_major_formatter(PercentFormatter(1))


def draw_gaps(axis: Axes, marks: pd.DataFrame) -> None:
    """Share of beliefs swapped by bin of |gap|, a mark per arm."""
    arms = shown_arms(marks)
    for number, arm in enumerate(arms):
        part = marks[marks["arm"] == arm].sort_values("bin")
        axis.errorbar(part["bin"] + _shift(number, len(arms)), part["estimate"], yerr=_bars(part), **_look(arm))
    bins = marks[marks["arm"] == OWN].sort_values("bin")
    names = [f"{row.bin_low:.1f}–{row.bin_high:.1f}\nn = {row.items}" for row in bins.itertuples()]
    axis.set_xticks(bins["bin"], names, fontsize=5)
    axis.set(ylim=(-0.04, 1.04), xlabel="|gap| (cells)")
    axis.yaxis.set_major_formatter(PercentFormatter(1))


def p_text(p: float) -> str:
    """A p-value in words."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _look(arm: str) -> dict:
    _, colour, marker = effects.ARM_LOOKS[arm]
    own = arm == OWN
    return {
        "color": colour, "marker": marker, "linestyle": "", "elinewidth": 0.7, "markersize": 4.5 if own else 3,
        "zorder": 4 if own else 2,
    }  # fmt: skip


def _shift(number: int, count: int) -> float:
    return SPREAD * (number - (count - 1) / 2) / max(count - 1, 1)


def _separate(axis: Axes, rows: int) -> None:
    for row in range(1, rows):
        axis.axhline(row - 0.5, color=plotting.FAINT, linewidth=0.4, zorder=0)


def _bars(part: pd.DataFrame) -> np.ndarray:
    bars = np.stack([part["estimate"] - part["low"], part["high"] - part["estimate"]])
    return np.nan_to_num(bars).clip(min=0)
