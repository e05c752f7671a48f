"""Figures A6 and A7: how colours are bound to objects, by swapping with the run about exchanged colours (A.4)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.swaps import panels
from linmech.figures.swaps.marks import DONOR, counts_text, crossing_text, make_marks, read_swapped

EXPERIMENTS = ("colour", "colour-places")
ASKED = {"colour": "asked for the colour", "colour-places": "asked for left / right"}
WIDTH, ROW, ROOM = 6.6, 1.75, 0.6


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figures A6 and A7 as one, a row per model, and a csv of every mark.

    `tables`: of swapping, by experiment (EXPERIMENTS), all `{model}.parquet`. `seed` draws the bootstrap. Raises
    LinmechError for a table without items or columns.
    """
    parts = []
    for name in EXPERIMENTS:
        values = ("share", "delta") if name == "colour" else ("delta",)
        for _, table in read_swapped(tables[name], name).groupby("model", sort=False):
            parts.append(make_marks(table, values, seed))
    marks = pd.concat(parts, ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(marks), pdf, png, dpi)
    plotting.write_csv(marks, csv)


def draw(marks: pd.DataFrame) -> Figure:
    """Per model: the share carried where the colour is asked for; changes in nats there, and where the place is."""
    models = list(dict.fromkeys(marks["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    rows = figure.subplots(len(models), 1 + len(EXPERIMENTS), squeeze=False)
    for model, (shares, *deltas) in zip(models, rows, strict=True):
        own = marks[marks["model"] == model]
        colour = own[own["experiment"] == "colour"]
        panels.draw_shares(shares, colour)
        shares.set_title(f"{model}\n{counts_text(colour)}\n{crossing_text(colour)}", fontsize=6)
        for axis, name in zip(deltas, EXPERIMENTS, strict=True):
            part = own[own["experiment"] == name]
            panels.draw_deltas(axis, part)
            counts = counts_text(part).replace("; ", "\n")
            axis.set_title(f"{ASKED[name]}\n{counts}", fontsize=6)
        panels.same_scale(deltas)
        deltas[-1].set_ylabel("")
    shown = set(marks.loc[marks["value"] != "crossing", "selector"]) - {DONOR}
    names = {"relation": "colour words; left and right"}
    figure.legend(handles=panels.handles(shown, **names), loc="outside lower center", ncols=5)
    return figure
