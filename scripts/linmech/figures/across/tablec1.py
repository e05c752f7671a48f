"""Table C1 (the paper's Table 1): IDs read at nouns or at relation words, added at nouns or at relation words."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from linmech.figures import effects
from linmech.figures import style as plotting
from linmech.figures.paper.numbers import READ_AND_ADDED, TABLE_1
from linmech.figures.ruler_marks import INTERVAL
from linmech.figures.steering_marks import read_tables
from linmech.statistics.bootstrap import bootstrap
from linmech.statistics.choosing import choose_then_measure
from linmech.statistics.shares import right_of, right_text
from linmech.statistics.splits import split

EXPERIMENTS = {
    "relation-to-relation": ("relation words", "relation words"), "relation-to-nouns": ("relation words", "nouns"),
    "nouns-to-nouns": ("nouns", "nouns"), "nouns-to-relation": ("nouns", "relation words"),
}  # fmt: skip
OWN = "ids"
ROW, ROOM, WIDTH, NAMES = 0.8, 0.75, 6.6, 1.0
NAME_LETTERS = 16
BAR = {"width": 0.86, "height": 0.16}


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Table C1 (section C.1), a row per model, and a csv with every arm.

    `tables`: of steering, by experiment (EXPERIMENTS), `{model}.parquet`. `seed` draws the halves and the bootstrap.
    Raises LinmechError for a table without items or columns.
    """
    rows = []
    for experiment in EXPERIMENTS:
        table = read_tables(tables[experiment], experiment)
        rows += [cell(part, experiment, str(model), seed) for model, part in table.groupby("model", sort=False)]
    found = pd.concat(rows, ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found, csv)


def against_belief(table: pd.DataFrame) -> pd.DataFrame:
    """The rows in which the subject is moved to the end that its model's clean belief speaks against."""
    ends = table["target"].min(), table["target"].max()
    return table[table["target"] == (table["d_before"] > 0).map({True: ends[1], False: ends[0]})]


def cell(table: pd.DataFrame, experiment: str, model: str, seed: int) -> pd.DataFrame:
    """The share of answers that turn, a row per arm: at the layer that turns most on one half of the images, by the IDs
    and measured on the other half; `paper`: what the paper has for a model of that name.
    """
    moved = against_belief(table)
    own = moved[moved["arm"] == OWN].pivot(index="layer", columns=["image", "item"], values="turned")
    images = [str(image) for image in own.columns.get_level_values("image")]
    chosen = choose_then_measure(own.to_numpy(float), images, seed=seed)
    (layer,) = (int(own.index[number]) for number in chosen.chosen)
    half = split(images, 0.5, seed)
    measured = moved[(moved["layer"] == layer) & ~moved["image"].isin(half)]
    read, added = EXPERIMENTS[experiment]
    known = {"model": model, "experiment": experiment, "read_at": read, "added_at": added, "layer": layer}
    known |= {"layers": ",".join(map(str, own.index)), "strength": table["strength"].iloc[0]}
    paper = dict(zip(READ_AND_ADDED, TABLE_1.get(model, ()), strict=False)).get(experiment)
    rows = []
    for arm, part in measured.groupby("arm", sort=False):
        found = chosen.measured if arm == OWN else bootstrap(part["turned"], part["image"], seed=seed)
        counts = {"draws": int(part["draws"].max()), "items": part["item"].nunique()}
        counts |= {"images": part["image"].nunique(), "undecided": int(part["undecided"].sum())}
        told = {"estimate": found.estimate, "low": found.low, "high": found.high} | counts | right_of(part)
        rows.append(known | {"arm": arm} | told | {"paper": paper / 100 if paper and arm == OWN else None})
    return pd.DataFrame(rows).assign(unit="share of answers turned", interval=INTERVAL)


def draw(found: pd.DataFrame) -> Figure:
    """A row per model, a column per way; in each cell the share, its interval, how many clean answers are right, and
    the strongest control.
    """
    models, width = list(dict.fromkeys(found["model"])), len(EXPERIMENTS)
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    axis = figure.subplots()
    axis.set(xlim=(-NAMES, width), ylim=(len(models), -0.75))
    axis.set_axis_off()
    for column, (read, added) in enumerate(EXPERIMENTS.values()):
        axis.text(column, -0.15, f"read at {read}\nadded at {added}", fontsize=7, color=plotting.INK, va="bottom")
    for line in range(len(models) + 1):
        axis.plot([-NAMES, width - 0.05], [line, line], color=plotting.FAINT, linewidth=0.6)
    for (model, experiment), part in found.groupby(["model", "experiment"], sort=False):
        draw_cell(axis, part, list(EXPERIMENTS).index(experiment), models.index(model))
    for row, model in enumerate(models):
        axis.text(-NAMES, row + 0.5, textwrap.fill(model, NAME_LETTERS), fontsize=7, va="center", weight="bold")
    return figure


def draw_cell(axis: Axes, part: pd.DataFrame, column: int, row: int) -> None:
    """The share that turns as a number and as a bar of `BAR`, and the control that turns most as a line across it."""
    own = part[part["arm"] == OWN].iloc[0]
    controls = part[part["arm"] != OWN].sort_values("estimate")
    axis.text(column, row + 0.1, f"{own['estimate']:.0%}", fontsize=9, weight="bold", va="top", color=plotting.INK)
    told = f"[{100 * own['low']:.0f}, {100 * own['high']:.0f}], layer {own['layer']}\n"
    told += right_text(own).replace(" [", "\n[")
    if own["paper"] is not None and own["paper"] == own["paper"]:
        told += f"\npaper: {own['paper']:.0%}"
    axis.text(column + 0.33, row + 0.12, told, fontsize=5.5, va="top", color=plotting.GREY)
    top = row + 0.62
    axis.add_patch(Rectangle((column, top), BAR["width"], BAR["height"], facecolor="#efefef"))
    axis.add_patch(
        Rectangle((column, top), BAR["width"] * own["estimate"], BAR["height"], facecolor=plotting.COLUMN_COLOURS[1])
    )
    ends = [column + BAR["width"] * own[name] for name in ("low", "high")]
    axis.plot(ends, [top + BAR["height"] / 2] * 2, color=plotting.INK, linewidth=0.8)
    if len(controls):
        most = controls.iloc[-1]
        place = column + BAR["width"] * most["estimate"]
        axis.plot([place] * 2, [top - 0.03, top + BAR["height"] + 0.03], color="#D55E00", linewidth=1.4)
        label = f"{effects.ARM_LOOKS[most['arm']][0]}: {most['estimate']:.0%}"
        axis.text(column, top + BAR["height"] + 0.06, label, fontsize=5.5, va="top", color="#D55E00")
