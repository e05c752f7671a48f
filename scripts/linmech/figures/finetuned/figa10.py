"""Figure A10: accuracies and losses while a model is finetuned, in all arms; runs as bands."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.finetuned.tables import ALL, ARMS, arms_of, losses, read, tested, validated
from linmech.statistics.runs import over_runs

SIZE = (6.6, 4.8)
KEYS = ["experiment", "model", "arm", "dataset", "step"]
PANELS = {
    "A": ("validation accuracy", "share right"),
    "B": ("loss of answers, training", "nats"),
    "C": ("spatial ID loss to the true IDs, training", "mean of 1 − cos"),
    "D": ("test accuracy, opened once", "share right"),
}


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, dpi: int = plotting.PNG_DPI
) -> None:
    """Draw the figure, a page per experiment, and a csv of every mark. Raises what `tables.read` raises."""
    marks = make_marks(read(tables))
    with plotting.style():
        pages = [draw(own) for _, own in marks.groupby("experiment", sort=True)]
        plotting.save_figure(pages, pdf, png, dpi)
    plotting.write_csv(marks, csv)


def make_marks(table: pd.DataFrame) -> pd.DataFrame:
    """Means over runs with Student's intervals: A by data set and step, B and C by step, D by data set.

    `share` is the step's share of all steps; in D `step` is the mean of the chosen ones.
    """
    test = tested(table)
    test["step"] = test.groupby(["experiment", "arm"])["step"].transform("mean")
    parts = {"A": validated(table), "B": losses(table, "answer"), "C": losses(table, "ids"), "D": test}
    rows = []
    for panel, values in parts.items():
        for key, own in values.groupby(KEYS, sort=True):
            found = over_runs(own["value"].to_numpy(float))
            told = {"estimate": found.estimate, "low": found.low, "high": found.high, "runs": own["run"].nunique()}
            spread = {"least": own["value"].min(), "most": own["value"].max(), "items": int(own["items"].iloc[0])}
            rows.append({"panel": panel} | dict(zip(KEYS, key, strict=True)) | told | spread)
    marks = pd.DataFrame(rows)
    last = marks[marks["panel"] == "A"].groupby("experiment")["step"].max()
    return marks.assign(share=marks["step"] / marks["experiment"].map(last))


def draw(marks: pd.DataFrame) -> Figure:
    """One page: one experiment."""
    figure = plotting.new_figure(*SIZE)
    grid = figure.subplots(2, 2)
    arms = arms_of(marks)
    for axis, (panel, (title, unit)) in zip(grid.flat, PANELS.items(), strict=True):
        own = marks[marks["panel"] == panel]
        axis.set_title(f"{panel}  {title}")
        axis.set_ylabel(unit)
        if panel == "D":
            _bars(axis, own, arms)
        else:
            _curves(axis, own[own["dataset"].isin([ALL, ""])], arms)
            axis.set_xlabel("steps")
    first = marks.iloc[0]
    handles, labels = grid[0, 0].get_legend_handles_labels()
    title = f"{first['experiment']}: {first['model']}, {marks['runs'].max()} runs of each arm"
    figure.legend(handles, labels, loc="outside lower center", ncols=len(arms), handlelength=2.6)
    figure.suptitle(title, fontsize=7, x=0.01, ha="left")
    return figure


def _curves(axis: Axes, marks: pd.DataFrame, arms: Sequence[str]) -> None:
    for arm in arms:
        name, colour, dash, mark = ARMS[arm]
        own = marks[marks["arm"] == arm].sort_values("step")
        axis.fill_between(own["step"], own["low"], own["high"], color=colour, alpha=0.13, linewidth=0)
        axis.plot(own["step"], own["estimate"], color=colour, linestyle=dash, marker=mark, markersize=2.6, label=name)


def _bars(axis: Axes, marks: pd.DataFrame, arms: Sequence[str]) -> None:
    datasets = [name for name in sorted(set(marks["dataset"])) if name != ALL] + [ALL]
    for number, arm in enumerate(arms):
        own = marks[marks["arm"] == arm].set_index("dataset").loc[datasets]
        where = np.arange(len(datasets)) + (number - (len(arms) - 1) / 2) * 0.14
        _, colour, _, mark = ARMS[arm]
        axis.vlines(where, own["least"], own["most"], color=colour, alpha=0.3, linewidth=4)
        axis.vlines(where, own["low"], own["high"], color=colour, linewidth=0.8)
        axis.plot(where, own["estimate"], mark, color=colour, markersize=3.6)
    first = marks[marks["arm"] == arms[0]].set_index("dataset")["items"]
    names = [f"{name}\n{first[name]} questions" if name != ALL else "mean" for name in datasets]
    axis.set_xticks(range(len(datasets)), names)
    axis.set_xlim(-0.5, len(datasets) - 0.5)
