"""Figure 4: where the answer to a question of place comes from, by swapping residuals with another picture's run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.swaps import panels
from linmech.figures.swaps.marks import DONOR, counts_text, crossing_text, make_marks, read_swapped

MIRRORED = ("mirror", "mirror-objects")
EXPERIMENTS = (*MIRRORED, "background", "recolour", "other-nouns")
SIZE = (6.6, 4.9)


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 4, a page per model, and a csv of every mark (method 2; Alg 1).

    `tables`: of swapping, by experiment (EXPERIMENTS), all `{model}.parquet`. `seed` draws the bootstrap. Raises
    LinmechError for a table without items or columns.
    """
    parts = []
    for name in EXPERIMENTS:
        values = ("share", "delta") if name in MIRRORED else ("delta",)
        for _, table in read_swapped(tables[name], name).groupby("model", sort=False):
            parts.append(make_marks(table, values, seed))
    marks = pd.concat(parts, ignore_index=True)
    marks.insert(1, "panel", (marks["value"] == "delta").map({True: "B", False: "A"}))
    with plotting.style():
        pages = [draw(own) for _, own in marks.groupby("model", sort=False)]
        plotting.save_figure(pages, pdf, png, dpi)
    plotting.write_csv(marks, csv)


def draw(marks: pd.DataFrame) -> Figure:
    """A model's page. A: shares, left and right exchanged; B: changes in nats, of all donors on one scale."""
    figure = plotting.new_figure(*SIZE)
    figure.suptitle(marks["model"].iloc[0], x=0.01, horizontalalignment="left", weight="bold", fontsize=8)
    grid = figure.add_gridspec(2, 1)
    above = [figure.add_subplot(place) for place in grid[0].subgridspec(1, len(MIRRORED))]
    for letter, axis, name in zip(("A   ", ""), above, MIRRORED, strict=True):
        own = marks[marks["experiment"] == name]
        panels.draw_shares(axis, own)
        told = f"{counts_text(own)}\n{crossing_text(own)}"
        axis.set_title(f"{letter}{panels.donor_text(own['change'].iloc[0])}\n{told}", fontsize=6)
    below = [figure.add_subplot(place) for place in grid[1].subgridspec(1, len(EXPERIMENTS))]
    for axis, name in zip(below, EXPERIMENTS, strict=True):
        own = marks[marks["experiment"] == name]
        panels.draw_deltas(axis, own)
        letter, counts = "B   " * (axis is below[0]), counts_text(own).replace("; ", "\n")
        axis.set_title(f"{letter}{panels.donor_text(own['change'].iloc[0])}\n{counts}", fontsize=6)
        if axis is not below[0]:
            axis.set_ylabel("")
            axis.tick_params(labelleft=False)
    panels.same_scale(below)
    shown = set(marks.loc[marks["value"].isin(["share", "delta"]), "selector"]) - {DONOR}
    figure.legend(handles=panels.handles(shown), loc="outside lower center", ncols=4)
    return figure
