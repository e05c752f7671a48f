"""Figure A18: spatial IDs from fewer and fewer pairs of nouns, beside those of all pairs and of as many others."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.parts import marks, panels

COLUMNS = ("layer", "chance", "pairs", "draw", "determined", "whole", "apart", "plane_share", "r2", "points", "model")
MEASURES = ("whole", "apart", "plane_share", "r2")
WIDTH, ROW, ROOM = 7.0, 2.05, 0.75


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, dpi: int = plotting.PNG_DPI
) -> None:
    """Draw Figure A18 (section D.1), a row per model, and a csv of every mark and of the layers that are not shown.

    `tables`: of derive_from_pairs. Raises LinmechError for tables without rows or columns.
    """
    table = marks.read(tables, COLUMNS, "figure a18")
    found = pd.concat([reduce(part) for _, part in table.groupby("model", sort=False)], ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found, csv)


def reduce(table: pd.DataFrame) -> pd.DataFrame:
    """The marks of one model: MEASURES by layer and number of pairs over draws, chance by layer, points of draw 0.

    `shown`: whether a row is about the layer at which halves of all pairs agree best. `undetermined` counts draws that
    leave a cell open.
    """
    by = ["layer", "pairs"]
    means = pd.concat([marks.spread(table, by, value) for value in MEASURES])
    means = means[means["draws"] > 0]
    tried = table.groupby(by)["determined"].agg(undetermined=lambda held: int((~held.astype(bool)).sum()))
    chance = table.groupby("layer")["chance"].first().rename("estimate").reset_index().assign(what="chance")
    apart = means[means["what"] == "apart"]
    halves = apart[apart["pairs"] == apart["pairs"].max()].set_index("layer")["estimate"]
    layer = marks.best(halves.reindex(table["layer"].unique()))
    first = table[(table["layer"] == layer) & (table["draw"] == 0) & table["points"].notna()]
    points = [marks.cells(row.points, layer=layer, pairs=row.pairs) for row in first.itertuples() if len(row.points)]
    found = pd.concat([means.merge(tried.reset_index(), on=by), chance, *points], ignore_index=True)
    return found.assign(model=table["model"].iloc[0], shown=found["layer"] == layer)


def draw(found: pd.DataFrame) -> Figure:
    """Three panels per model: grids of a few numbers of pairs; cosines by number of pairs, and by layer."""
    models = list(dict.fromkeys(found["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    grid = figure.subplots(len(models), 3, squeeze=False, width_ratios=(1.1, 1, 1))
    overlaid = []
    for line, model in zip(grid, models, strict=True):
        own = found[found["model"] == model]
        overlaid.append((line[0], draw_grids(line[0], own[own["shown"]], model)))
        draw_pairs(line[1], own[own["shown"]])
        draw_layers(line[2], own)
    figure.legend(
        handles=panels.handles(["all pairs", "as many other pairs"]), loc="outside lower left", ncols=3,
        title="B: cosine with IDs of", title_fontsize=7,
    )  # fmt: skip
    counts = some(found.loc[found["what"] == "apart", "pairs"])
    if counts:
        names = [f"{count:.0f}" for count in counts]
        figure.legend(
            handles=panels.handles(names)[:-1], loc="outside lower right", ncols=3, title="C: pairs", title_fontsize=7
        )
    plotting.settle(figure, lambda: [panels.frame(axis, grids) for axis, grids in overlaid])
    return figure


def some(counts: Iterable[float]) -> list[int]:
    """The numbers of pairs that are drawn as grids and by layer: two, eight and the most, as far as there are such."""
    there = sorted({int(count) for count in counts})
    return sorted({count for count in there if count in (2, 8)} | set(there[-1:]))


def draw_grids(axis: Axes, own: pd.DataFrame, model: str) -> dict[str, np.ndarray]:
    """The IDs of draw 0 of some numbers of pairs and of all; returns what is drawn."""
    points = own[own["what"] == "point"]
    shown = some(points["pairs"])
    grids = {
        f"{count:.0f} pairs": part[["across", "down"]].to_numpy(float).reshape(part["column"].nunique(), -1, 2)
        for count, part in points.groupby("pairs")
        if count in shown
    }
    panels.draw_grids(axis, grids, list(grids))
    axis.legend(
        handles=panels.handles(list(grids))[:-1], loc="upper left", bbox_to_anchor=(0, 1.0), ncols=len(grids),
        fontsize=5.5, handlelength=0, handletextpad=0.7, columnspacing=0.9, borderpad=0.1,
    )  # fmt: skip
    axis.set_title(f"{model}\nA  IDs of one draw, layer {own['layer'].iloc[0]:.0f}")
    return grids


def draw_pairs(axis: Axes, own: pd.DataFrame) -> None:
    """Cosines with the IDs of all pairs and of as many others by number of pairs, at the shown layer."""
    for look, value in enumerate(("whole", "apart")):
        panels.draw_curve(axis, own[own["what"] == value], "pairs", look)
    (chance,) = own.loc[own["what"] == "chance", "estimate"]
    axis.axhline(chance, **panels.CHANCE)
    axis.set_xscale("log", base=2)
    ticks = sorted(own["pairs"].dropna().unique())
    axis.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axis.minorticks_off()
    axis.set(xlabel="pairs of nouns")
    open_cells = own[own["what"] == "whole"].set_index("pairs")["undetermined"]
    lost = [f"{count:.0f} draws of {pairs:.0f} pair{'s' * (pairs > 1)}" for pairs, count in open_cells.items() if count]
    axis.set_title("B" + (f"  too few rows: {', '.join(lost)}" if lost else ""))
    panels.shares(axis, "cosine")


def draw_layers(axis: Axes, own: pd.DataFrame) -> None:
    """Cosines between disjoint sets of some numbers of pairs, by layer."""
    apart = own[own["what"] == "apart"]
    for look, count in enumerate(some(apart["pairs"])):
        panels.draw_curve(axis, apart[apart["pairs"] == count], "layer", look)
    chance = own[own["what"] == "chance"].sort_values("layer")
    axis.plot(chance["layer"], chance["estimate"], **panels.CHANCE)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="layer", xlim=(own["layer"].min() - 0.3, own["layer"].max() + 0.3))
    axis.set_title("C  disjoint sets of pairs")
    panels.shares(axis, "cosine")
