"""Colours, sizes and one panel at a time: everything that the figures share, and nothing about where numbers come from.

Figures are built without pyplot (no global state), in one style, and saved without dates, so that the same numbers give
the same bytes. Colours are Okabe and Ito's, which people with any colour vision can tell apart.
"""

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from PIL import Image

from linmech.files import atomic
from linmech.labels import place_labels

COLUMN_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#D55E00")
ROW_MARKERS = ("^", "o", "s", "v", "D", "P", "X", "*")
INK, GREY, FAINT = "#1a1a1a", "#6e6e6e", "#c8c8c8"
ARMS = {
    "ids": ("spatial IDs", INK, "o"),
    "noise": ("Gaussian noise", "#8c8c8c", "x"),
    "span": ("random in the IDs' span", "#E69F00", "^"),
    "shuffled": ("shuffled cells", "#009E73", "s"),
    "orthogonal": ("orthogonal axis", "#CC79A7", "D"),
}
TEXT_WIDTH = 7.0
PNG_DPI = 200
WORDS_MAY_REACH = 1.6
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlelocation": "left",
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "pdf.compression": 9,
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """The one look of all figures; build and save inside this block. The user's own matplotlibrc plays no part."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches with constrained layout, drawn by Agg."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Figure, adapt: Callable[[], None] = lambda: None) -> None:
    """Lay the figure out and keep it so: what is measured from now on holds in every file. Again changes nothing.

    `adapt` is called after each of the two passes, to fit limits (`frame_grid`) to the panels' shapes.
    """
    if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        for _ in range(2):
            figure.draw_without_rendering()
            adapt()
        figure.set_layout_engine("none")


def save_figure(pages: Figure | Sequence[Figure], pdf: str | Path, png: str | Path, dpi: int = PNG_DPI) -> None:
    """Write figures as pages of one PDF and, one below the other, as one PNG; no dates: equal pages are equal bytes."""
    pages = [pages] if isinstance(pages, Figure) else list(pages)
    for page in pages:
        settle(page)
    with atomic(pdf) as partial, PdfPages(partial, metadata={"CreationDate": None}) as document:
        for page in pages:
            document.savefig(page)
    pictures = []
    for page in pages:
        page.set_dpi(dpi)
        page.canvas.draw()
        pictures.append(Image.fromarray(np.asarray(page.canvas.buffer_rgba())).convert("RGB"))
    sheet = Image.new("RGB", (max(p.width for p in pictures), sum(p.height for p in pictures)), "white")
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height
    with atomic(png) as partial:
        sheet.save(partial, dpi=(dpi, dpi), optimize=True)


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write the numbers that a figure shows, one row per mark, beside the figure."""
    with atomic(path) as partial:
        table.to_csv(partial, index=False, float_format="%.8g", lineterminator="\n")


def column_colours(n: int) -> list[str]:
    """`n` colours from left (blue) to right (vermilion)."""
    if n == len(COLUMN_COLOURS):
        return list(COLUMN_COLOURS)
    blend = LinearSegmentedColormap.from_list("columns", COLUMN_COLOURS)
    return [to_hex(blend(value)) for value in np.linspace(0, 1, n)]


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
    axis: Axes, words: Mapping[str, Float[np.ndarray, " axis=2"]], points: Float[np.ndarray, "column row axis=2"]
) -> None:
    """Mark `words` by crosses at their positions and label them where the labels hide neither IDs nor each other.

    Call it when the layout is settled (`settle`), as room is measured in pixels.
    """
    if not words:
        return
    x, y = np.stack(list(words.values())).T
    axis.scatter(x, y, s=12, color=INK, marker="+", linewidth=0.8, zorder=4)
    steps = np.linspace(0, 1, 12)[:, None, None, None]
    edges = [(1 - steps) * part[:-1] + steps * part[1:] for part in (points, points.transpose(1, 0, 2))]
    lines = np.concatenate([edge.reshape(-1, 2) for edge in edges])
    place_labels(axis, words, points.reshape(-1, 2), lines, colour=INK)


def draw_effect(axis: Axes, marks: pd.DataFrame, *, arm: str, shift: float = 0.0, points: Sequence[str] = ()) -> None:
    """One arm of a panel of Fig. 6: columns x, estimate, low, high of `marks` as a line, markers and interval bars.

    `shift` moves the marks sideways so that bars do not cover each other; `points` colours the markers one by one.
    """
    _, colour, marker = ARMS[arm]
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
        color=ARMS[arm][1], alpha=0.22, linewidth=0, zorder=1,
    )  # fmt: skip


def draw_curve(axis: Axes, marks: pd.DataFrame, *, arm: str, dash: str, end: tuple[str, str] | None = None) -> None:
    """One arm along a continuous x (layers, strengths): columns x, estimate, low, high of `marks` as a line and a band.

    `end` gives the colour and marker of the IDs' line; the controls are thin lines of their arm's colour.
    """
    marks = marks.sort_values("x")
    colour, marker = end or (ARMS[arm][1], "")
    width, front = (1.3, 4) if end else (0.7, 2)
    axis.fill_between(marks["x"], marks["low"], marks["high"], color=colour, alpha=0.18, linewidth=0, zorder=front - 1)
    axis.plot(
        marks["x"], marks["estimate"], color=colour, marker=marker, markersize=3, linewidth=width, linestyle=dash,
        zorder=front,
    )  # fmt: skip


def zero_line(axis: Axes) -> None:
    """The line of no effect."""
    axis.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)


def arm_handles(arms: Sequence[str]) -> list[Line2D]:
    """Legend entries for `arms`, in the order of `ARMS`."""
    shown = [ARMS[arm] for arm in ARMS if arm in arms]
    return [Line2D([], [], color=colour, marker=mark, markersize=3.5, label=label) for label, colour, mark in shown]


def grid_handles(columns: int, rows: int) -> list[Line2D]:
    """Legend entries for the columns' colours and the rows' markers of `draw_grid`."""
    ends = {0: "left", columns - 1: "right"}
    tops = {0: "top", rows - 1: "bottom"}
    dot = {"linestyle": "", "markersize": 4}
    named = [
        Line2D([], [], color=colour, marker="o", label=f"column {n} ({ends[n]})" if n in ends else f"column {n}", **dot)
        for n, colour in enumerate(column_colours(columns))
    ]
    return named + [
        Line2D(
            [], [], color=GREY, marker=ROW_MARKERS[n], label=f"row {n} ({tops[n]})" if n in tops else f"row {n}", **dot
        )
        for n in range(rows)
    ]
