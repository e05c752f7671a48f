"""Figure A13: temporal IDs at every layer of every video model."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.time import id_panels
from linmech.figures.time.id_marks import TimeIds, read_times

ACROSS = 5
WIDTH, HEIGHT = 1.38, 1.6  # of a panel with its title, in inches
INK, BLUE, RED = plotting.INK, plotting.COLUMN_COLOURS[0], plotting.COLUMN_COLOURS[-1]
DEPTH = {
    "held-out objects": {
        "slope": ("slope on the frame", INK, "-"),
        "tau": ("order, Kendall’s τ", BLUE, "--"),
    },
    "R² on the frame, held-out objects": {
        "r2_held_out": ("IDs", INK, "-"),
        "r2_shuffled_high": ("shuffled frames, 97.5 %", plotting.GREY, ":"),
        "left_out": ("a frame left out", RED, "--"),
    },
}
LIMITS = ((-0.6, 1.6), (-1.1, 1.1))


def plot(
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw every layer of every model that `ids` (files of temporal IDs) hold, a page per model, and a csv.

    `seed` draws the bootstrap. Raises LinmechError if there are no files, or IDs of other coordinates.
    """
    if not ids:
        raise LinmechError("figure A13 was given no files of temporal IDs: run derive_ids for at least one video model")
    times = list(read_times(ids, seed))
    pages = [[each for each in times if each.model == model] for model in dict.fromkeys(each.model for each in times)]
    with plotting.style():
        plotting.save_figure([draw(page) for page in pages], pdf, png, dpi)
    plotting.write_csv(pd.concat([each.numbers() for page in pages for each in page]), csv)


def draw(times: Sequence[TimeIds]) -> Figure:
    """A model's page: how the IDs change over the depth, then a small panel per layer."""
    rows = -(-len(times) // ACROSS)
    figure = plotting.new_figure(WIDTH * ACROSS, HEIGHT * rows + 2.8)
    figure.suptitle(times[0].model, x=0.01, horizontalalignment="left", weight="bold", fontsize=8)
    frame = figure.add_gridspec(rows + 1, ACROSS, height_ratios=[1.5] + [1.0] * rows)
    draw_depth([figure.add_subplot(half) for half in frame[0, :].subgridspec(1, 2)], times)
    shown = []
    for number, each in enumerate(times):
        axis = figure.add_subplot(frame[1 + number // ACROSS, number % ACROSS])
        id_panels.draw_times(axis, each, size=2.0)
        axis.set_title(id_panels.title(each, short=True), fontsize=5.5)
        axis.tick_params(labelsize=5)
        shown.append((axis, each))
    handles = id_panels.handles(times)
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    plotting.settle(figure)
    for axis, each in shown:
        id_panels.draw_labels(axis, each, size=5)
    return figure


def draw_depth(axes: Sequence[Axes], times: Sequence[TimeIds]) -> None:
    """Slope and order of held-out objects' IDs by layer with intervals, and how well the frame explains them."""
    layers = [each.layer for each in times]
    for axis, (title, lines), limits in zip(axes, DEPTH.items(), LIMITS, strict=True):
        for name, (label, colour, dash) in lines.items():
            axis.plot(layers, [each.quality[name] for each in times], color=colour, linestyle=dash, label=label)
            if f"{name}_low" in times[0].quality:
                low, high = ([each.quality[f"{name}_{end}"] for each in times] for end in ("low", "high"))
                axis.fill_between(layers, low, high, color=colour, alpha=0.15, linewidth=0)
        for edge in (0, 1):
            axis.axhline(edge, color=plotting.FAINT, linewidth=0.6, zorder=0)
        axis.set(title=title, xlabel="layer", ylim=limits)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend(loc="upper left", bbox_to_anchor=(0, -0.32), fontsize=5.5, ncols=3)
