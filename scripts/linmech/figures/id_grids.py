"""Spatial IDs drawn as a grid of points in the plane of their axes, with the words of space as arrows (Fig. 5)."""

import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from linmech.figures.labels import place_labels
from linmech.figures.style import FAINT, GREY, INK, column_colours

ROW_MARKERS = ("^", "o", "s", "v", "D", "P", "X", "*")
WORD_MARKERS = ("+", "x", "1", "2")  # one per reading of words
WORDS_MAY_REACH = 1.6


def word_scale(points: Float[np.ndarray, "column row axis=2"], words: Float[np.ndarray, "word axis=2"]) -> float:
    """The factor 1, 0.5, 0.2, 0.1, ... that brings the farthest word to at most `WORDS_MAY_REACH` grid extents."""
    reach, extent = np.abs(words).max(initial=0.0), np.abs(points).max(initial=0.0)
    if extent == 0 or reach <= WORDS_MAY_REACH * extent:
        return 1.0
    wanted = WORDS_MAY_REACH * extent / reach
    decade = 10.0 ** math.floor(math.log10(wanted))
    return float(max(step for step in (1, 2, 5) if step * decade <= wanted * (1 + 1e-9)) * decade)


def draw_grid(axis: Axes, points: Float[np.ndarray, "column row axis=2"], size: float = 16.0) -> None:
    """One panel of Fig. 5: IDs in the plane of the axes, neighbours joined; colour = column, marker = row.

    `points` in any unit; both coordinates get the same scale. `size` is the markers' area in points squared.
    """
    lines = [*points, *points.transpose(1, 0, 2)]
    axis.add_collection(LineCollection(lines, colors=FAINT, linewidths=0.8, zorder=1), autolim=False)
    colours = column_colours(points.shape[0])
    for row, marker in zip(range(points.shape[1]), itertools.cycle(ROW_MARKERS)):
        x, y = points[:, row].T
        axis.scatter(x, y, s=size, c=colours, marker=marker, edgecolor="white", linewidth=0.3, zorder=3)


def frame_grid(axis: Axes, points: Float[np.ndarray, "point axis=2"], margin: float = 0.14) -> None:
    """Limits around `points` with the same scale in both directions, rows counted downwards as in the image.

    They fit the panel's shape as it is now: call it again in `settle`.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    box = axis.get_window_extent()
    size = np.array([box.width, box.height])
    unit = max(float(((high - low) / size).max()), 1e-12) * (1 + 2 * margin)
    (x, y), (across, down) = (low + high) / 2, unit * size / 2
    axis.set(xlim=(x - across, x + across), ylim=(y + down, y - down))


def draw_words(
    axis: Axes, words: Mapping[str, Mapping[str, Float[np.ndarray, " axis=2"]]],
    points: Float[np.ndarray, "column row axis=2"],
) -> None:  # fmt: skip
    """Mark the `words` of each reading and label them where the labels hide neither IDs nor each other.

    Call it when the layout is settled (`settle`), as room is measured in pixels.
    """
    named = {(reading, word): place for reading, places in words.items() for word, place in places.items()}
    if not named:
        return
    for places, marker in zip(words.values(), WORD_MARKERS, strict=False):
        x, y = np.stack(list(places.values())).T
        axis.scatter(x, y, s=12, color=INK, marker=marker, linewidth=0.8, zorder=4)
    steps = np.linspace(0, 1, 12)[:, None, None, None]
    edges = [(1 - steps) * part[:-1] + steps * part[1:] for part in (points, points.transpose(1, 0, 2))]
    lines = np.concatenate([edge.reshape(-1, 2) for edge in edges])
    place_labels(axis, [(word, place) for (_, word), place in named.items()], points.reshape(-1, 2), lines, colour=INK)


def word_handles(readings: Iterable[str]) -> list[Line2D]:
    """Legend entries for the marks of the words, one per reading."""
    mark = {"color": INK, "linestyle": "", "markersize": 4}
    return [
        Line2D([], [], marker=marker, label=f"words ({reading})", **mark)
        for reading, marker in zip(readings, WORD_MARKERS, strict=False)
    ]


def grid_handles(
    columns: int, rows: int, row: str = "row", tops: tuple[str, str] = ("top", "bottom"), column: str = "column",
    sides: tuple[str, str] = ("left", "right"),
) -> list[Line2D]:  # fmt: skip
    """Legend entries for the columns' colours and the rows' markers of `draw_grid`; `sides`: its first and last column,
    `tops`: its first and last row.
    """
    ends = {0: sides[0], columns - 1: sides[1]}
    tops = {0: tops[0], rows - 1: tops[1]}
    dot = {"linestyle": "", "markersize": 4}
    named = [
        Line2D(
            [], [], color=colour, marker="o", label=f"{column} {n} ({ends[n]})" if n in ends else f"{column} {n}", **dot
        )
        for n, colour in enumerate(column_colours(columns))
    ]
    return named + [
        Line2D(
            [],
            [],
            color=GREY,
            marker=ROW_MARKERS[n],
            label=f"{row} {n} ({tops[n]})" if n in tops else f"{row} {n}",
            **dot,
        )
        for n in range(rows)
    ]
