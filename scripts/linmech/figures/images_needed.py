"""How many images are enough for IDs: agreement with the whole grid's by number of images, and the least number."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullFormatter

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.codes import read_codes
from linmech.ids.enough import DESIGNS
from linmech.statistics.bootstrap import LEVEL

ENOUGH = 0.99  # cosine with the whole grid's IDs
LOOKS = {"random": ("#E69F00", "o"), "balanced": ("#0072B2", "s")}
MEASURES = {"cosine": "-", "unseen": ":", "axis": "", "r2": ""}  # those without a line stand in the csv only
WIDTH, ROW, ROOM = 6.6, 1.6, 0.75


def plot(
    tables: Sequence[str | Path], ids: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path,
    dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw the tables of count_images, a row of panels per model, and a csv with a row per mark.

    `ids`: the models' files of IDs, in the same order; they name the layer that is drawn on the left (`read_codes`).
    Raises LinmechError where there is none, or a table is something else.
    """
    if not tables:
        raise LinmechError("figure images-needed: no model keeps the rows of its grid; set keep: rows for one")
    table = pd.concat([summed(*pair) for pair in zip(tables, ids, strict=True)], ignore_index=True)
    with plotting.style():
        plotting.save_figure(draw(table), pdf, png, dpi)
    plotting.write_csv(table, csv)


def summed(path: str | Path, ids: str | Path) -> pd.DataFrame:
    """A row per layer, design and number of images of one model: means over draws, and where 95 % of them lie.

    `needed`: the least number from which on all but 2.5 % of the draws have a cosine of ENOUGH or more (NaN: none of
    those tried), of the design at that layer. `shown`: the layer whose IDs other objects reproduce best.
    """
    table = pd.read_parquet(path)
    if not {"design", "images", "cosine", "unseen", "axis", "r2", "told", "all_images"} <= set(table):
        raise LinmechError(f"{path}: no table of images; delete the file and run count_images again")
    codes, rows = read_codes(ids).set_index("layer"), []
    for (layer, design, images), part in table.groupby(["layer", "design", "images"], sort=True):
        row = {"model": Path(path).stem, "layer": layer, "shown": bool(codes["shown"][layer])}
        row |= {"code": codes["code"][layer], "design": design, "images": images, "draws": len(part)}
        row |= {"told": int(part["told"].sum()), "all_images": part["all_images"].iloc[0]}
        for name in MEASURES:
            low, high = np.quantile(part[name], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])  # NaN where one draw is
            row |= {name: part[name].mean(skipna=False), f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    found = pd.DataFrame(rows)
    least = {key: needed(part) for key, part in found.groupby(["layer", "design"])}
    found["needed"] = [least[key] for key in zip(found["layer"], found["design"], strict=True)]
    return found.assign(enough=ENOUGH)


def needed(part: pd.DataFrame) -> float:
    """The least number of images from which on the lower end of the cosine is ENOUGH; NaN where there is none."""
    ordered = part.sort_values("images", ascending=False)
    good = ordered["images"][(ordered["cosine_low"] >= ENOUGH).cummin()]
    return float(good.min()) if len(good) else float("nan")


def draw(table: pd.DataFrame) -> Figure:
    """Per model: left, the curves at the shown layer; right, the least number of images by layer."""
    models = list(dict.fromkeys(table["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    panels = figure.subplots(len(models), 2, squeeze=False, width_ratios=(1.2, 1))
    for (curves, layers), model in zip(panels, models, strict=True):
        own = table[table["model"] == model]
        draw_curves(curves, own[own["shown"]])
        draw_layers(layers, own)
        curves.set_title(f"{model}, layer {own[own['shown']]['layer'].iloc[0]} of {own['layer'].max()}")
    panels[0, 1].set_title(f"the fewest that are enough (hollow: over {table['images'].max()})")
    for axis, label in zip(panels[-1], ("images", "layer"), strict=True):
        axis.set_xlabel(label)
    handles = [
        Line2D([], [], color=LOOKS[design][0], marker=LOOKS[design][1], markersize=3.5, label=f"{design} images")
        for design in DESIGNS
    ]
    handles += [
        Line2D([], [], color=plotting.INK, linestyle=line, label=label)
        for line, label in (("-", "with the whole grid's IDs"), (":", "with those of the other images"))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def draw_curves(axis: Axes, part: pd.DataFrame) -> None:
    """1 - cosine by number of images, both on a log scale, with where 95 % of the draws lie."""
    axis.set_ylabel("1 − cosine")
    if part["cosine"].isna().all():
        axis.text(0.5, 0.5, "no part of the grid gives IDs", ha="center", transform=axis.transAxes)
        axis.set(xticks=(), yticks=())
        return
    for design in DESIGNS:
        colour, marker = LOOKS[design]
        own = part[part["design"] == design].sort_values("images")
        for name in ("cosine", "unseen"):
            solid = name == "cosine"
            axis.plot(
                own["images"], 1 - own[name], MEASURES[name], color=colour, marker=marker if solid else "",
                markersize=3.5 if solid else 0,
            )  # fmt: skip
            if solid:
                axis.fill_between(
                    own["images"], 1 - own["cosine_high"], 1 - own["cosine_low"], color=colour, alpha=0.2, linewidth=0
                )
    axis.axhline(1 - ENOUGH, color=plotting.GREY, linewidth=0.6, zorder=0)
    axis.set(xscale="log", yscale="log")
    ticks = sorted(part["images"].unique())[::-1]
    axis.xaxis.set_major_locator(FixedLocator(ticks[::2]))
    axis.set_xticks(ticks[::2], [f"{tick:g}" for tick in ticks[::2]])
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(axis="x", which="minor", length=0)


def draw_layers(axis: Axes, own: pd.DataFrame) -> None:
    """The least number of images by layer; hollow, above all, where no number that was tried is enough."""
    for shift, design in zip((-0.12, 0.12), DESIGNS, strict=True):
        colour, marker = LOOKS[design]
        part = own[own["design"] == design].drop_duplicates("layer")
        part = part[part["code"] != "none"]
        known = part["needed"].notna()
        above = own["images"].max() * 1.5
        look = {"color": colour, "marker": marker, "linestyle": "", "markersize": 4}
        axis.plot(part["layer"][known] + shift, part["needed"][known], **look)
        axis.plot(part["layer"][~known] + shift, [above] * int((~known).sum()), **look, markerfacecolor="white")
    ticks = sorted(own["images"].unique())[::-1]
    axis.set(xlim=(-0.5, own["layer"].max() + 0.5), yscale="log", ylabel="images", ylim=(ticks[-1] / 1.3, ticks[0] * 2))
    axis.set_yticks(ticks[::2], [f"{tick:g}" for tick in ticks[::2]])
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(axis="y", which="minor", length=0)
    axis.xaxis.get_major_locator().set_params(integer=True)
