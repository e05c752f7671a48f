"""Spatial IDs of several parts beside each other (Figs A19, A20): in one plane, by layer, and each with each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from linmech.figures import style as plotting
from linmech.figures.parts import marks, panels

COLUMNS = ("layer", "one", "other", "draw", "cosine", "plane_share", "chance", "r2", "r2_chance", "points", "model")
WHOLE = ("r2", "r2_chance")
WIDTH, ROW, ROOM = 7.0, 2.15, 0.55
CELL = {"ha": "center", "va": "center", "fontsize": 6}


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, axes: str, unit: str = "",
    dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw the figure, a row per model, and a csv of every layer.

    `tables`: of derive_from_parts; `axes`: the part in the plane of whose axes all are drawn, and that the curves are
    about; `unit` is written behind the parts' names. Raises LinmechError for tables without rows or columns.
    """
    table = marks.read(tables, COLUMNS, "a figure of parts")
    names = list(dict.fromkeys(table["one"]))
    found = pd.concat([reduce(part, axes) for _, part in table.groupby("model", sort=False)], ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(found, names, axes, unit), pdf, png, dpi)
    plotting.write_csv(found, csv)


def reduce(table: pd.DataFrame, axes: str) -> pd.DataFrame:
    """The marks of one model: cosine and plane_share by layer and unordered (ordered) pair of parts over draws of
    halves; of whole parts r2 beside its chance, chance of the cosines, and points.

    `shown`: whether a row is about the layer at which the halves of `axes` agree best.
    """
    halves, whole = table[table["draw"] >= 0], table[table["draw"] < 0]
    number = {name: at for at, name in enumerate(dict.fromkeys(table["one"]))}
    turned = (halves["one"].map(number) > halves["other"].map(number)).to_numpy()
    ones, others = (halves[name].to_numpy(object) for name in ("one", "other"))
    both = halves.assign(one=np.where(turned, others, ones), other=np.where(turned, ones, others))
    cosines = marks.spread(both, ["layer", "one", "other"], "cosine")
    shares = marks.spread(halves, ["layer", "one", "other"], "plane_share")
    own = whole[whole["one"] == whole["other"]].melt(["layer", "one"], WHOLE, "what", "estimate")
    chance = whole.groupby("layer")["chance"].max().rename("estimate").reset_index().assign(what="chance")
    ceiling = cosines[(cosines["one"] == axes) & (cosines["other"] == axes)].set_index("layer")["estimate"]
    layer = marks.best(ceiling)
    first = whole[(whole["layer"] == layer) & (whole["other"] == axes)]
    points = [marks.cells(row.points, layer=layer, one=row.one, other=axes) for row in first.itertuples()
              if len(row.points)]  # fmt: skip
    found = pd.concat([cosines, shares, own, chance, *points], ignore_index=True)
    return found.assign(model=table["model"].iloc[0], shown=found["layer"] == layer)


def draw(found: pd.DataFrame, names: Sequence[str], axes: str, unit: str) -> Figure:
    """Three panels per model: all parts in the plane of one; cosines with it by layer; each with each."""
    models = list(dict.fromkeys(found["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    grid = figure.subplots(len(models), 3, squeeze=False, width_ratios=(1, 1, 1.25))
    overlaid = []
    for line, model in zip(grid, models, strict=True):
        own = found[found["model"] == model]
        shown = own[own["shown"]]
        points = shown[shown["what"] == "point"]
        grids = {
            name: part[["across", "down"]].to_numpy(float).reshape(part["column"].nunique(), -1, 2)
            for name, part in points.groupby("one", sort=False)
        }
        panels.draw_grids(line[0], grids, names)
        line[0].set_title(f"{model}\nA  layer {shown['layer'].iloc[0]:.0f}, axes of {axes}{unit}")
        overlaid.append((line[0], grids))
        draw_layers(line[1], own, names, axes)
        line[1].set_title(f"B  with {axes}{unit}, other pairs")
        draw_table(line[2], shown, names)
    named = [f"{name}{unit}" for name in names]
    figure.legend(handles=panels.handles(named), loc="outside lower center", ncols=5)
    plotting.settle(figure, lambda: [panels.frame(axis, grids) for axis, grids in overlaid])
    return figure


def draw_layers(axis: Axes, own: pd.DataFrame, names: Sequence[str], axes: str) -> None:
    """Cosines of each part with `axes`, from disjoint halves of the pairs, by layer."""
    cosines = own[own["what"] == "cosine"]
    for look, name in enumerate(names):
        held = {name, axes}
        part = cosines[cosines["one"].isin(held) & cosines["other"].isin(held)]
        part = part[(part["one"] == part["other"]) == (name == axes)]
        panels.draw_curve(axis, part[part["draws"] > 0], "layer", look)
    chance = own[own["what"] == "chance"].sort_values("layer")
    axis.plot(chance["layer"], chance["estimate"], **panels.CHANCE)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="layer", xlim=(own["layer"].min() - 0.3, own["layer"].max() + 0.3))
    panels.shares(axis, "cosine")


def draw_table(axis: Axes, shown: pd.DataFrame, names: Sequence[str]) -> None:
    """At the shown layer: cosines of each part with each (diagonal: its own halves), and R2 on the coordinates."""
    cosines = shown[shown["what"] == "cosine"].set_index(["one", "other"])["estimate"]
    whole = shown[shown["what"].isin(WHOLE)].set_index(["one", "what"])["estimate"]
    for row, one in enumerate(names):
        for column, other in enumerate(names[: row + 1]):
            value = cosines.get((other, one), np.nan)
            dark = np.nan_to_num(value) > 0.6
            shade = 1 - 0.65 * float(np.clip(np.nan_to_num(value), 0, 1))
            axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=str(shade), edgecolor="white"))
            axis.text(column, row, _number(value), color="white" if dark else plotting.INK, **CELL)
        told = f"{_number(whole.get((one, 'r2'), np.nan))} ({_number(whole.get((one, 'r2_chance'), np.nan))})"
        axis.text(len(names) + 0.4, row, told, color=plotting.INK, **CELL)
    axis.text(len(names) + 0.4, -0.72, "R² (chance)", color=plotting.GREY, **CELL)
    axis.set(xlim=(-0.5, len(names) + 1.2), ylim=(len(names) - 0.5, -1.0))
    axis.set_yticks(range(len(names)), names)
    axis.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor")
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.set_title("C  cosines; diagonal: its own halves")


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}".replace("-", "−")
