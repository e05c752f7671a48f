"""The verdict: for every model the part that fails, the evidence, and how often that is so where faults are planted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.diagnosis import marks
from linmech.statistics.shares import right_text
from linmech.statistics.verdicts import NONE, PARTS, balanced_accuracy, verdict

LOOKS = {"vision": ("#0072B2", "o"), "binding": ("#E69F00", "s"), "readout": ("#D55E00", "^")}
ALL = (*PARTS, NONE)
WIDTH, ROW, ROOM, SQUARE = 6.6, 0.42, 1.3, 2.0


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path,
    truths: Mapping[str, str] | None = None, seed: int = 0, dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw the verdict on every model in `tables` (of diagnose_model), and a csv, a row per model.

    `truths`: the planted part by model, "none" where none is. Where they name several parts, a confusion matrix
    stands beside. Raises LinmechError where a table is none of diagnosing.
    """
    found = marks.evidence_of(marks.read_diagnosed(tables))
    truths = dict(truths or {})
    table = pd.DataFrame([
        {"model": model, "truth": truths.get(model, "")} | verdict(own, seed)
        for model, own in found.groupby("model", sort=False)
    ])  # fmt: skip
    planted = table[table["truth"] != ""]
    if len(planted):
        table["balanced_accuracy"] = balanced_accuracy(planted["truth"].tolist(), planted["verdict"].tolist())
    with plotting.style():
        plotting.save_figure(draw(table), pdf, png, dpi)
    plotting.write_csv(table, csv)


def draw(table: pd.DataFrame) -> Figure:
    """Left: what share of a model's wrong answers speaks for each part; right: truths against verdicts, if known."""
    known = table[table["truth"].isin(ALL)]
    matrix = known["truth"].nunique() > 1
    figure = plotting.new_figure(WIDTH, max(ROOM + ROW * len(table), SQUARE + 0.3 if matrix else 0))
    if matrix:
        shares, counts = figure.subplots(1, 2, width_ratios=(1.5, 1))
        draw_confusion(counts, known)
    else:
        shares = figure.subplots()
    draw_shares(shares, table)
    handles, labels = shares.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def draw_shares(axis: Axes, table: pd.DataFrame) -> None:
    """A row per model: the share of its wrong answers that speaks for each part, with its interval, and the verdict."""
    for shift, (part, (colour, marker)) in zip((-0.2, 0, 0.2), LOOKS.items(), strict=True):
        known = table.dropna(subset=[part]) if part in table else table.iloc[:0]
        y = known.index.to_numpy() + shift
        if len(known):
            bars = np.abs(np.stack([known[part] - known[f"{part}_low"], known[f"{part}_high"] - known[part]]))
            axis.errorbar(known[part], y, xerr=np.nan_to_num(bars), fmt="none", ecolor=colour, elinewidth=0.8)
        axis.plot(known[part] if len(known) else [], y, marker, color=colour, markersize=4, label=part)
    axis.axvline(1 / 3, color=plotting.FAINT, linewidth=0.6, zorder=0)
    names = [
        f"{row['model']}\n{row['verdict']} ({row['wrong']} of {row['items']} wrong{_unsure(row['undecided'])})\n"
        f"{right_text(row)}"
        for _, row in table.iterrows()
    ]
    axis.set_yticks(range(len(table)), names)
    axis.set(xlim=(-0.03, 1.03), ylim=(len(table) - 0.5, -0.5), xlabel="share of the wrong answers")
    axis.set_title("what wrong answers speak for, and the verdict")


def _unsure(count: int) -> str:
    return f", {count} undecided" if count else ""


def draw_confusion(axis: Axes, known: pd.DataFrame) -> None:
    """How many models of each truth got each verdict."""
    truths = [part for part in ALL if part in set(known["truth"])]
    counts = np.array([[((known["truth"] == t) & (known["verdict"] == v)).sum() for v in ALL] for t in truths])
    axis.imshow(counts / counts.sum(1, keepdims=True), cmap="Greys", vmin=0, vmax=1.4, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        dark = count / counts[row].sum() > 0.5
        axis.text(column, row, str(count), ha="center", va="center", color="white" if dark else plotting.INK)
    axis.set_xticks(range(len(ALL)), ALL)
    axis.set_yticks(range(len(truths)), truths)
    axis.set(xlabel="verdict", ylabel="planted")
    score = balanced_accuracy(known["truth"].tolist(), known["verdict"].tolist())
    axis.set_title(f"{len(known)} models: balanced accuracy {score:.2f}")
