"""Supplement to figure 5 (paper: Figs. A11, A12): the spatial IDs of every layer of every model, one page per model."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from linmech.errors import LinmechError
from linmech.figures import id_grids
from linmech.figures import style as plotting
from linmech.figures.fig5 import IdGrid, draw_panel, frame_panels, numbers, read_grids, scale_text, scaled_words

ACROSS = 8
PANEL = 1.1
BLUE, RED = plotting.COLUMN_COLOURS[0], plotting.COLUMN_COLOURS[-1]
DEPTH = {
    "R² on the coordinates, held-out objects": {
        "r2_held_out": ("column and row", plotting.INK, "-"),
        "r2_shuffled_high": ("shuffled cells, 97.5 %", plotting.GREY, ":"),
        "left_out_horizontal": ("a column left out", BLUE, "--"),
        "left_out_vertical": ("a row left out", RED, "--"),
    },
    "share of the contrasts": {
        "linear_horizontal": ("linear, columns", BLUE, "-"),
        "linear_vertical": ("linear, rows", RED, "-"),
        "quadratic_horizontal": ("quadratic, columns", BLUE, ":"),
        "quadratic_vertical": ("quadratic, rows", RED, ":"),
    },
    "cosine": {
        "cosine_held_out": ("between the axes, held out", plotting.INK, "-"),
        "cosine": ("between the axes", plotting.GREY, "--"),
        "roles_cosine_horizontal": ("subject's, reference's axis: across", BLUE, ":"),
        "roles_cosine_vertical": ("down", RED, ":"),
    },
}

LIMITS = dict(zip(DEPTH, ((-1.1, 1.1), (-0.05, 1.05), (-1.1, 1.1)), strict=True))


def plot(
    ids: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, dpi: int = plotting.PNG_DPI
) -> None:
    """Draw every layer of every model that `ids` (files of derive_ids) hold: a PDF of one page per model, one tall PNG.

    Each page begins with the shape of the held-out IDs over depth: R2 on the coordinates, contrasts, the axes' cosine.
    """
    if not ids:
        raise LinmechError("figure 5 was given no files of IDs: run derive_ids for at least one model and layer")
    grids = [grid for path in ids for grid in read_grids(path)]
    pages = {}
    for grid in sorted(grids, key=lambda grid: grid.layer):
        pages.setdefault(grid.model, []).append(grid)
    with plotting.style():
        plotting.save_figure([draw_page(pages[model]) for model in sorted(pages)], pdf, png, dpi)
    plotting.write_csv(pd.concat([numbers(grid) for model in sorted(pages) for grid in pages[model]]), csv)


def draw_page(grids: Sequence[IdGrid]) -> Figure:
    """One model: quality over depth in the first row, then a small panel per layer."""
    rows = -(-len(grids) // ACROSS)
    figure = plotting.new_figure(PANEL * ACROSS, (PANEL + 0.35) * rows + 1.9)
    figure.suptitle(grids[0].model, x=0.01, horizontalalignment="left", weight="bold", fontsize=8)
    frame = figure.add_gridspec(rows + 1, ACROSS, height_ratios=[1.4] + [1.0] * rows)
    depth_panels(figure, frame[0, :], grids)
    panels = []
    for number, grid in enumerate(grids):
        axis = figure.add_subplot(frame[1 + number // ACROSS, number % ACROSS])
        draw_panel(axis, grid, size=6.0)
        for number_of, words in enumerate(scaled_words(grid).values()):
            for word, (x, y) in words.items():
                letter = word[0].upper() if number_of == 0 else word[0]
                axis.text(x, y, letter, weight="bold", fontsize=6, ha="center", va="center", zorder=5)
        axis.set(xticks=[], yticks=[])
        axis.title.set_fontsize(6)
        axis.set_xlabel(scale_text(grid), fontsize=6, color=plotting.GREY, labelpad=1)
        panels.append((axis, grid))
    columns, cells, _ = grids[0].points.shape
    figure.legend(handles=id_grids.grid_handles(columns, cells), loc="outside lower center", ncols=columns)
    plotting.settle(figure, lambda: frame_panels(panels))
    return figure


def depth_panels(figure: Figure, place: SubplotSpec, grids: Sequence[IdGrid]) -> None:
    """Three panels over depth: R2 on the coordinates, shares of the contrasts, cosine between the axes."""
    axes = [figure.add_subplot(part) for part in place.subgridspec(1, len(DEPTH))]
    for axis, (title, lines) in zip(axes, DEPTH.items(), strict=True):
        for name, (label, colour, dash) in lines.items():
            values = [grid.quality[name] for grid in grids]
            axis.plot([grid.layer for grid in grids], values, color=colour, linestyle=dash, label=label)
        low, high = LIMITS[title]
        axis.set(title=title, xlabel="layer", ylim=(low, high), yticks=[-1, 0, 1] if low < -1 else [0, 0.5, 1])
        axis.xaxis.get_major_locator().set_params(integer=True)
        plotting.zero_line(axis)
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.5), fontsize=5.5, ncols=2)  # beneath, on no curve
