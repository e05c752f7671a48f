"""Figure A21 and the paper's Table 2: how far spatial IDs follow the positions that the vision tower is told."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.diagnosis.marks import read_diagnosed
from linmech.figures.paper.numbers import TABLE_2
from linmech.figures.parts import marks
from linmech.statistics.shares import right_text
from linmech.statistics.summaries import summarise

COLUMNS = (
    "layer", "design", "draw", "rank", "in_sample", "left_out", "reproduced", "model", "positions", "cells",
)  # fmt: skip
DESIGNS = {  # name, colour, marker, dash
    "own": ("the tower's own positions", plotting.INK, "o", "-"),
    "fourier": ("random Fourier features of its bandwidth", "#0072B2", "^", "--"),
    "untrained": ("an untrained table", "#E69F00", "s", "-."),
    "shuffled": ("its own, IDs of shuffled cells", "#CC79A7", "D", ":"),
}
RANKS = {2: "rank 2", 3: "rank 3", 0: "all"}
MEASURES = {"in_sample": "in sample", "left_out": "blocks left out"}
ANSWERS, PLACES = "answers turned", "places turned"
TURNED = {ANSWERS: ("answers (D)", "o", -0.12), PLACES: ("places of the nouns by their IDs (D)", "s", 0.12)}
EXCHANGES = ("mirrored", "objects", "elsewhere")  # arms of `repositioned` in diagnosing
BY_IMAGE = "95 % bootstrap by image"
FLOOR = -0.5  # of the R2 that are drawn; what is less stands there
WIDTH, ROW, ROOM = 8.0, 1.95, 0.9


def plot(
    tables: Sequence[str | Path], moved: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path,
    seed: int = 0, dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw the figure (section E.2), a row per model, and a csv of every layer, design and rank.

    `tables`: of derive_positions; `moved`: of a diagnosing experiment in which towers are told other positions. Raises
    LinmechError for tables without rows, columns or the layer that is shown.
    """
    table = marks.read(tables, COLUMNS, "figure a21")
    found = pd.concat([reduce(part) for _, part in table.groupby("model", sort=False)], ignore_index=True)
    found = pd.concat([found, turned(read_diagnosed(moved), found, seed)], ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found, csv)


def reduce(table: pd.DataFrame) -> pd.DataFrame:
    """The marks of one model: both R2 by layer, design and rank, the mean and the range over draws.

    `shown`: whether a row is about the layer whose IDs other objects reproduce best. `items`: cells. `paper`: what the
    paper has in sample for a model of that name, at its own cells.
    """
    known = {name: table[name].iloc[0] for name in ("model", "positions")}
    by = ["layer", "design", "rank"]
    found = pd.concat([marks.spread(table, by, value) for value in MEASURES], ignore_index=True)
    found = found.assign(**known, items=table["cells"].iloc[0])
    found.loc[found["design"] == "own", ["low", "high"]] = np.nan  # there is but one
    found["shown"] = found["layer"] == marks.best(table.groupby("layer")["reproduced"].first())
    printed = dict(zip((2, 3), TABLE_2.get(known["model"], ()), strict=False))
    own = (found["design"] == "own") & (found["what"] == "in_sample") & found["shown"]
    return found.assign(paper=found["rank"].map(printed).where(own))


def turned(moved: pd.DataFrame, found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What turns where a tower is told other positions (`experiments.repositioning`), a row per model and exchange: the
    share of answers, and of the nouns' margins by the IDs of the shown layer, on decided items.

    `without`: decided items that have no room for the exchange; `undecided`: items that are left out. Raises
    LinmechError if the shown layer is not read.
    """
    shown, parts = found[found["shown"]].drop_duplicates("model").set_index("model"), []
    for model, every in moved.groupby("model", sort=False):
        unsure = every["undecided"].astype(bool)
        own, left_out = every[~unsure], every.loc[unsure, "item"].nunique()
        layer, told = shown.loc[model, "layer"], own[own["what"] == "repositioned"]
        if told.empty:
            continue
        bound = own[(own["what"] == "bound") & (own["relabelling"] == 0) & (own["layer"] == layer)].set_index("item")
        if bound.empty:
            raise LinmechError(f"figure a21: layer {layer} of {model} was not diagnosed; let experiment easy read all")
        told = told[told["layer"] == layer]
        told = told.assign(**{PLACES: (told["margin"] * told["item"].map(bound["margin"]) < 0).astype(float)})
        for what, value in ((ANSWERS, "turned"), (PLACES, PLACES)):
            each = summarise(told, ["arm"], value, seed=seed).drop(columns="p").rename(columns={"arm": "design"})
            known = {"model": model, "positions": shown.loc[model, "positions"], "layer": layer, "what": what}
            parts.append(
                each.assign(
                    **known, without=len(bound) - each["items"], undecided=left_out, shown=False, interval=BY_IMAGE
                )
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def draw(found: pd.DataFrame) -> Figure:
    """Four panels per model: R2 in sample and of blocks left out by rank, at the shown layer; the latter by layer; what
    turns when the tower is told other positions.
    """
    models = list(dict.fromkeys(found["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    grid = figure.subplots(len(models), 4, squeeze=False, width_ratios=(1, 1, 1.1, 1))
    for line, model in zip(grid, models, strict=True):
        own = found[found["model"] == model]
        shown = own[own["shown"]]
        for axis, letter, (what, label) in zip(line, "AB", MEASURES.items(), strict=False):
            draw_ranks(axis, shown[shown["what"] == what])
            axis.set_title(f"{letter}  {label}, layer {shown['layer'].iloc[0]:.0f}")
        line[0].set_title(f"{model}\n(positions: {own['positions'].iloc[0]})\n{line[0].get_title(loc='left')}")
        draw_layers(line[2], own[(own["what"] == "left_out") & (own["rank"] == 0)])
        draw_turned(line[3], own[own["what"].isin(TURNED)])
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle=dash, markersize=4, label=name)
        for name, colour, marker, dash in DESIGNS.values()
    ]
    for what, (label, marker, _) in TURNED.items():
        if (found["what"] == what).any():
            handles.append(Line2D([], [], color="#D55E00", marker=marker, linestyle="", markersize=4, label=label))
    if found["paper"].notna().any():
        handles.append(Line2D([], [], color="#009E73", marker="*", linestyle="", markersize=6, label="the paper's"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def draw_ranks(axis: Axes, shown: pd.DataFrame) -> None:
    """R2 by rank, a mark per design, with the range over draws and the number of the tower's own."""
    for number, (design, (_, colour, marker, _)) in enumerate(DESIGNS.items()):
        for at, rank in enumerate(RANKS):
            for row in shown[(shown["design"] == design) & (shown["rank"] == rank)].itertuples():
                x = at + 0.18 * (number - 1.5)
                axis.plot([x, x], np.clip([row.low, row.high], FLOOR, None), color=colour, linewidth=0.9)
                axis.plot([x], np.clip([row.estimate], FLOOR, None), marker, color=colour, markersize=4)
                if not np.isnan(row.paper):
                    axis.plot([x - 0.12], [row.paper], "*", color="#009E73", markersize=6)
                if design == "own" and not np.isnan(row.estimate):
                    told = f"{row.estimate:.2f}".replace("-", "−")
                    axis.text(x, 1.06, told, fontsize=5.5, ha="center", color=plotting.INK)
    axis.set_xticks(range(len(RANKS)), RANKS.values())
    axis.set(xlim=(-0.5, len(RANKS) - 0.5))
    _scale(axis)


def draw_layers(axis: Axes, own: pd.DataFrame) -> None:
    """R2 of blocks left out by layer, without a limit on the rank."""
    for design, (_, colour, marker, dash) in DESIGNS.items():
        part = own[(own["design"] == design) & (own["draws"] > 0)].sort_values("layer")
        axis.fill_between(
            part["layer"], part["low"].clip(FLOOR), part["high"].clip(FLOOR), color=colour, alpha=0.15, linewidth=0
        )
        axis.plot(
            part["layer"], part["estimate"].clip(FLOOR), color=colour, marker=marker, linestyle=dash, markersize=3
        )
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="layer", xlim=(own["layer"].min() - 0.3, own["layer"].max() + 0.3))
    axis.set_title("C  blocks left out, all ranks, by layer")
    _scale(axis)


def draw_turned(axis: Axes, own: pd.DataFrame) -> None:
    """The share of answers and of margins that turn, with intervals, by exchange; a word where there is no table."""
    answers = own[own["what"] == ANSWERS]
    told = f"\n{right_text(answers.loc[answers['items'].idxmax()])}" if len(answers) else ""
    axis.set_title(f"D  told other positions{told}")
    axis.set(xlim=(-0.5, len(EXCHANGES) - 0.5), ylim=(-0.05, 1.15), yticks=(0, 0.5, 1), ylabel="share that turns")
    axis.set_xticks(range(len(EXCHANGES)), EXCHANGES)
    for what, (_, marker, shift) in TURNED.items():
        for row in own[own["what"] == what].itertuples():
            x = EXCHANGES.index(row.design) + shift
            axis.plot([x, x], [row.low, row.high], color="#D55E00", linewidth=0.9)
            axis.plot([x], [row.estimate], marker, color="#D55E00", markersize=4)
    if own.empty:
        axis.text(0.5, 0.5, "no table, or pictures\nnot seen whole", transform=axis.transAxes, ha="center", fontsize=6)


def _scale(axis: Axes) -> None:
    axis.set(ylim=(FLOOR - 0.05, 1.15), yticks=(FLOOR, 0, 0.5, 1), ylabel="R² of the IDs")
    plotting.zero_line(axis)
