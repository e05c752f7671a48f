"""Table 4.3: what each arm gains over plain finetuning, run by run (section 4.3)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.finetuned.tables import ALL, ARMS, arms_of, curve, read, tested, validated
from linmech.statistics.holm import holm
from linmech.statistics.runs import area, over_runs, paired, steps_to

PLAIN, OURS = "plain", "ids"
MEASURES = {
    "area": "mean validation accuracy over the steps (area under the curve)",
    "steps": "steps to the best mean accuracy of the plain runs",
    "test": "test accuracy",
}
WIDTH, LINE = 6.6, 0.19


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, dpi: int = plotting.PNG_DPI
) -> None:
    """Draw the table, a page per experiment, and a csv of all its numbers. Raises what `tables.read` raises."""
    marks = make_marks(read(tables))
    with plotting.style():
        plotting.save_figure([draw(own) for _, own in marks.groupby("experiment", sort=True)], pdf, png, dpi)
    plotting.write_csv(marks, csv)


def make_marks(table: pd.DataFrame) -> pd.DataFrame:
    """A row per experiment, measure and arm: mean over runs with Student's interval, and its difference from plain,
    paired by run, with p (Student), Holm's over the arms of a measure, and that of exchanging arms within runs. And,
    as arm "ids less shuffled", the same of these two.

    `steps`: a run that never reaches the level counts as all steps, `reached` says how many do.
    """
    rows = []
    for (experiment, model), own in table.groupby(["experiment", "model"], sort=True):
        for measure, values in by_run(own).items():
            arms = [arm for arm in arms_of(own) if arm in values.columns]
            part = [_row(values[arm], values[PLAIN] if arm != PLAIN else None, arm) for arm in arms]
            if {OURS, "shuffled"} <= set(arms):
                part.append(_row(None, None, "ids less shuffled", (values[OURS], values["shuffled"])))
            tests = [row for row in part if np.isfinite(row.get("p", np.nan))]
            for row, adjusted in zip(tests, holm([row["p"] for row in tests]), strict=True):
                row["p_holm"] = adjusted
            reached = own_reached(own) if measure == "steps" else {}
            known = {"experiment": experiment, "model": model, "measure": measure, "runs": len(values)}
            rows += [known | {"reached": reached.get(row["arm"])} | row for row in part]
    return pd.DataFrame(rows)


def by_run(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """By measure, a value per run (rows) and arm (columns)."""
    accuracy, test = validated(table), tested(table)
    level = _level(accuracy)
    found: dict[str, dict[str, list[float]]] = {"area": {}, "steps": {}}
    for arm, own in accuracy.groupby("arm"):
        steps, values = curve(own)
        found["area"][arm] = [area(steps, each) for each in values]
        found["steps"][arm] = [float(np.nan_to_num(steps_to(steps, each, level), nan=steps[-1])) for each in values]
    made = {measure: pd.DataFrame(values) for measure, values in found.items()}
    made["test"] = test[test["dataset"] == ALL].pivot(index="run", columns="arm", values="value")
    return made


def own_reached(table: pd.DataFrame) -> dict[str, int]:
    """By arm, how many runs reach the best mean accuracy of the plain ones."""
    accuracy = validated(table)
    level, found = _level(accuracy), {}
    for arm, own in accuracy.groupby("arm"):
        steps, values = curve(own)
        found[arm] = sum(bool(np.isfinite(steps_to(steps, each, level))) for each in values)
    return found


def _level(accuracy: pd.DataFrame) -> float:
    """The highest mean accuracy of the plain runs at any step, the start included."""
    _, values = curve(accuracy[accuracy["arm"] == PLAIN])
    return float(values.mean(axis=0).max())


def _row(values: pd.Series | None, plain: pd.Series | None, arm: str, pair: tuple | None = None) -> dict[str, object]:
    row: dict[str, object] = {"arm": arm}
    if values is not None:
        mean = over_runs(values.to_numpy(float))
        row |= {"estimate": mean.estimate, "low": mean.low, "high": mean.high}
    first, second = pair or (values, plain)
    if second is None:
        return row
    found = paired(first.to_numpy(float), second.to_numpy(float))
    told = {"difference": found.estimate, "difference_low": found.low, "difference_high": found.high}
    return row | told | {"p": found.p, "flips": found.flips}


def draw(marks: pd.DataFrame) -> Figure:
    """One page: one experiment."""
    figure = plotting.new_figure(WIDTH, LINE * (len(marks) + 2 * marks["measure"].nunique() + 3))
    axis = figure.subplots()
    axis.set_axis_off()
    axis.set_xlim(0, 1)
    places = (0.0, 0.27, 0.53, 0.79, 0.87, 0.95)
    line = 0.0

    def write(cells: Sequence[str], weight: str = "normal", colour: str = plotting.INK) -> None:
        nonlocal line
        for place, cell in zip(places, cells, strict=False):
            axis.text(place, -line, cell, fontsize=6.5, weight=weight, color=colour, va="center")
        line += 1

    first = marks.iloc[0]
    write([f"{first['experiment']}: {first['model']}, {first['runs']} runs of each arm"], "bold")
    write(["", "mean", "less plain, run by run", "p", "Holm", "exchanged"], colour=plotting.GREY)
    for measure, rows in marks.groupby("measure", sort=False):
        line += 0.4
        write([MEASURES[measure]], "bold")
        digits = 0 if measure == "steps" else 3
        for row in rows.to_dict("records"):
            write(_cells(row, digits))
    axis.set_ylim(-line, 0.8)
    return figure


def _cells(row: dict, digits: int) -> list[str]:
    name = ARMS[row["arm"]][0] if row["arm"] in ARMS else "spatial IDs less shuffled"
    mean = _told(row.get("estimate"), row.get("low"), row.get("high"), digits)
    if row["reached"] is not None and row.get("estimate") == row.get("estimate") and digits == 0:
        mean += f", {row['reached']:.0f} reach it"
    difference = _told(row.get("difference"), row.get("difference_low"), row.get("difference_high"), digits, "+")
    return [name, mean, difference, *(_p(row.get(key)) for key in ("p", "p_holm", "flips"))]


def _told(value: float | None, low: float | None, high: float | None, digits: int, sign: str = "") -> str:
    if value is None or np.isnan(value):
        return ""
    value, low, high = (round(each, digits) + 0.0 for each in (value, low, high))
    interval = "" if np.isnan(low) else f" [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"
    return f"{value:{sign}.{digits}f}{interval}".replace("-", "−")


def _p(value: float | None) -> str:
    if value is None or np.isnan(value):
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"
