"""Figure 8: do wrong answers follow wrong places, and does the picture matter where the object is?"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.figures import style as plotting
from linmech.figures.diagnosis import marks
from linmech.statistics.shares import right_text

RIGHT, WRONG = "#0072B2", "#D55E00"
PANELS = {
    "deviation": ("A", "margin of the nouns' places − true margin (cells)"),
    "sensitivity": ("B", "|Δ belief|, subject's box − other boxes (nats)"),
}
WIDTH, HEIGHT, ROOM, BINS = 6.6, 1.5, 0.45, 24
CUT = (0.01, 0.99)  # quantiles at which the bins end; what lies beyond is in the outer ones


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw both histograms of every model in `tables` (of diagnose_model), a row each, and a csv: a row per item, and
    per panel one of its test. Raises LinmechError where a table is none of diagnosing.
    """
    table = marks.read_diagnosed(tables)
    found = marks.evidence_of(table)
    tests = tests_of(table, found, seed)
    with plotting.style():
        plotting.save_figure(draw(found, tests), pdf, png, dpi)
    plotting.write_csv(pd.concat([tests, found.assign(panel="items")], ignore_index=True), csv)


def tests_of(table: pd.DataFrame, found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A row per model and panel: how well its values tell right answers from wrong ones (`marks.apart`), and of panel A
    how well relabelled cells do (`marks.deviations_by_chance`).
    """
    rows = []
    for model, own in found.groupby("model", sort=False):
        chance = marks.deviations_by_chance(table[table["model"] == model], own)
        for value, (letter, _) in PANELS.items():
            row = {"model": model, "panel": letter} | marks.apart(own, value, seed)
            rows.append(row | (chance if value == "deviation" else {}))
    return pd.DataFrame(rows)


def draw(found: pd.DataFrame, tests: pd.DataFrame) -> Figure:
    """A row per model; left the deviation of the margin, right the sensitivity to masks."""
    models = list(dict.fromkeys(found["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + HEIGHT * len(models))
    axes = figure.subplots(len(models), 2, squeeze=False, sharex="col")
    for row, model in zip(axes, models, strict=True):
        own, told = found[found["model"] == model], tests[tests["model"] == model].set_index("statistic")
        for axis, (value, (letter, label)) in zip(row, PANELS.items(), strict=True):
            draw_histograms(axis, own, value, _edges(found[value]))
            axis.set_title(_title(letter, model, own, told.loc[value]))
            if model == models[-1]:
                axis.set_xlabel(label)
        row[0].set_ylabel("density")
    handles = [
        Line2D([], [], color=colour, linewidth=3, label=label)
        for label, colour in (("answered right", RIGHT), ("answered wrong", WRONG))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def draw_histograms(axis: Axes, found: pd.DataFrame, value: str, edges: np.ndarray) -> None:
    """The densities of right and wrong answers, and their medians."""
    for right, colour, hatch in ((True, RIGHT, ""), (False, WRONG, "////")):
        values = found.loc[found["right"] == right, value].dropna()
        if values.empty:
            continue
        held = values.clip(edges[0], edges[-1])
        axis.hist(held, edges, density=True, color=colour, alpha=0.4, edgecolor=colour, linewidth=0.6, hatch=hatch)
        axis.axvline(values.median(), color=colour, linewidth=1.2, linestyle="-" if right else "--")
    axis.axvline(0, color=plotting.GREY, linewidth=0.6, zorder=0)


def _edges(values: pd.Series) -> np.ndarray:
    low, high = values.dropna().quantile(list(CUT)) if values.notna().any() else (-1.0, 1.0)
    return np.linspace(min(low, -0.1), max(high, 0.1), BINS + 1)


def _title(letter: str, model: str, own: pd.DataFrame, told: pd.Series) -> str:
    share = {name: told[name.replace("right", "accuracy")] for name in ("right", "right_low", "right_high")}
    counts = f"{int(told['right'])} answers right, {int(told['wrong'])} wrong"
    counts += "".join(f", {int(told[name])} {name}" for name in ("undecided", "without") if told[name])
    if told["right"] != told["wrong"]:  # else as many of either were drawn, and the share says nothing of the model
        counts += f": {right_text(share)}"
    if pd.isna(told.get("auc")):
        return f"{letter}  {model}, layer {own['layer'].iloc[0]}\n{counts}"
    auc = f"AUC {told['auc']:.2f} [{told['low']:.2f}, {told['high']:.2f}]"
    where = f", layer {own['layer'].iloc[0]}" if letter == "A" else ""
    return f"{letter}  {model}{where}\n{auc}, {_p_of(told)}\n{counts}"


def _p_of(told: pd.Series) -> str:
    """Which p the panel is tested by: among relabelled cells where there are any, else the U test's."""
    if told.get("relabellings", 0) > 0:
        return f"p {_p(told['p_chance'])} of {int(told['relabellings'])} relabellings"
    return f"U test p {_p(told['p'])}"


def _p(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"= {p:.2g}"
