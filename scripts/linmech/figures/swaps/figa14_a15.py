"""Figures A14 and A15: do the tokens beside the nouns carry more, and do other words carry any? (C.2)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.swaps import panels
from linmech.figures.swaps.marks import counts_text, make_marks, read_swapped

EXPERIMENT = "neighbours"
ACROSS = 3
WIDTH, ROW, ROOM = 6.6, 1.75, 0.6


def plot(
    tables: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figures A14 and A15 as one, a panel per model, and a csv of every mark.

    `tables`: of swapping's experiment `neighbours`, `{model}.parquet`. `seed` draws the bootstrap. Raises LinmechError
    for a table without items or columns.
    """
    read = read_swapped(tables, EXPERIMENT)
    marks = pd.concat(
        [make_marks(table, ["share"], seed) for _, table in read.groupby("model", sort=False)], ignore_index=True
    )
    with plotting.style():
        plotting.save_figure(draw(marks), pdf, png, dpi)
    plotting.write_csv(marks, csv)


def draw(marks: pd.DataFrame) -> Figure:
    """Shares of the donor's effect by layer, a panel per model."""
    models = list(dict.fromkeys(marks["model"]))
    rows = -(-len(models) // ACROSS)
    figure = plotting.new_figure(WIDTH, ROOM + ROW * rows)
    axes = figure.subplots(rows, min(ACROSS, len(models)), squeeze=False).ravel()
    for number, (model, axis) in enumerate(zip(models, axes, strict=False)):
        own = marks[marks["model"] == model]
        panels.draw_shares(axis, own)
        counts = counts_text(own).replace("; ", "\n")
        axis.set_title(f"{model}\n{counts}", fontsize=6)
        axis.set_ylabel("" if number % ACROSS else axis.get_ylabel())
    for axis in axes[len(models) :]:
        axis.remove()
    shown = marks.loc[marks["value"] == "share", "selector"]
    figure.legend(handles=panels.handles(shown, donor=False), loc="outside lower center", ncols=3)
    return figure
