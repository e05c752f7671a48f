"""Temporal IDs drawn: their place on the axis of time, frame by frame, with the words before and after."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scipy.optimize import isotonic_regression

from linmech.figures import style as plotting
from linmech.figures.id_grids import WORD_MARKERS
from linmech.figures.time.id_marks import TimeIds

FITTED = plotting.COLUMN_COLOURS[0]
STRIP = 0.8  # of the frames' width: where the words stand


def draw_times(axis: Axes, times: TimeIds, size: float = 3.5) -> None:
    """One layer: held-out objects one by one (thin), their mean with its interval, the objects of the axis, and words.

    Words stand beside the last frame, in a strip of their own; `draw_labels` names them when the layout is settled.
    """
    held, fitted = (times.marks[times.marks["point"] == point] for point in ("held out", "fitted"))
    ends = fitted["frame"].to_numpy(float)[[0, -1]]
    middle = ends.mean()
    axis.plot(ends, ends - middle, color=plotting.FAINT, linewidth=0.8, zorder=0)
    for _, part in times.nouns.groupby("noun", sort=True):
        axis.plot(part["frame"], part["coordinate"], color=plotting.GREY, linewidth=0.4, alpha=0.6, zorder=1)
    axis.plot(fitted["frame"], fitted["coordinate"], color=FITTED, linestyle="--", linewidth=0.9, zorder=2)
    bars = np.stack([held["coordinate"] - held["low"], held["high"] - held["coordinate"]]).clip(min=0)
    axis.errorbar(
        held["frame"], held["coordinate"], yerr=bars, color=plotting.INK, marker="o", markersize=size, linewidth=1.1,
        elinewidth=0.7, zorder=3,
    )  # fmt: skip
    for marker, (_, places) in zip(WORD_MARKERS, word_places(times).items(), strict=False):
        axis.scatter(
            *zip(*places.values(), strict=True), s=14, marker=marker, color=plotting.INK, linewidth=0.9, zorder=4
        )
    axis.set_xticks(fitted["frame"].to_numpy(int)[:: 1 if size > 3 else 7])
    strip = STRIP * (ends[1] - ends[0] + 1) * bool(times.words)
    axis.set_xlim(ends[0] - 0.5, ends[1] + 0.5 + strip)
    axis.axhline(0, color=plotting.FAINT, linewidth=0.5, zorder=0)


def word_places(times: TimeIds) -> dict[str, dict[str, tuple[float, float]]]:
    """Where the words of each reading are drawn: beside the last frame, at their scaled place."""
    last = float(times.marks["frame"].max())
    return {
        reading: {word: (last + 0.8 + 0.4 * number, place * times.scale) for word, place in places.items()}
        for number, (reading, places) in enumerate(times.words.items())
    }


def draw_labels(axis: Axes, times: TimeIds, size: float = 6.0) -> None:
    """Name the words, one below the other right of their marks. Call it when the layout is settled, as room is measured
    in pixels.
    """
    named = [(*place, word) for places in word_places(times).values() for word, place in places.items()]
    if not named:
        return
    named.sort(key=lambda mark: mark[1:])
    dots = axis.get_figure(root=True).dpi / 72
    marks = axis.transData.transform([mark[:2] for mark in named])
    bottom, top = axis.get_window_extent().extents[[1, 3]]
    heights = spread(marks[:, 1], 1.25 * size * dots, bottom, top)
    ends = np.stack([np.full(len(named), marks[:, 0].max() + 5 * dots), heights], axis=1)
    for (*place, word), offset in zip(named, (ends - marks) / dots, strict=True):
        axis.annotate(
            word, place, offset, textcoords="offset points", fontsize=size,
            verticalalignment="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": plotting.GREY, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def spread(heights: Float[np.ndarray, " label"], gap: float, low: float, high: float) -> Float[np.ndarray, " label"]:
    """Heights in the same (rising) order, at least `gap` apart and half of it from the ends, moved as little as it
    takes (in squares); from `low` on where there is no room for all.
    """
    steps = gap * np.arange(len(heights))
    most = max(low + gap / 2, high - gap / 2 - steps[-1])
    return isotonic_regression(heights - steps).x.clip(low + gap / 2, most) + steps


def title(times: TimeIds, short: bool = False) -> str:
    """What a panel says of its layer; intervals, unless it is to be `short`."""
    told = times.quality
    if np.isnan(told["slope"]):
        return f"layer {times.layer}: no IDs"
    words = "" if times.scale == 1 else f", words ×{times.scale:g}"
    if short:
        return f"layer {times.layer}{words}\nτ {told['tau']:.2f}".replace("-", "−")
    order = f"τ {told['tau']:.2f} {bracket(told, 'tau')}"
    return f"layer {times.layer}{words}\nslope {told['slope']:.2f} {bracket(told, 'slope')}\n{order}".replace("-", "−")


def bracket(told: dict[str, float], name: str) -> str:
    """The interval of a quality; nothing where it is not known."""
    low, high = told[f"{name}_low"], told[f"{name}_high"]
    return f"[{low:.2f}, {high:.2f}]" if np.isfinite(low) else ""


def handles(shown: Sequence[TimeIds]) -> list[Line2D]:
    """Legend entries of some panels."""
    readings = dict.fromkeys(reading for times in shown for reading in times.words)
    marks = [
        Line2D([], [], color=plotting.INK, marker="o", markersize=3.5, label="held-out objects, mean"),
        Line2D([], [], color=plotting.GREY, linewidth=0.6, label="held-out objects"),
        Line2D([], [], color=FITTED, linestyle="--", label="objects of the axis"),
        Line2D([], [], color=plotting.FAINT, label="one frame per frame"),
    ]
    return marks + [
        Line2D([], [], color=plotting.INK, marker=marker, linestyle="", markersize=4, label=f"words ({reading})")
        for reading, marker in zip(readings, WORD_MARKERS, strict=False)
    ]
