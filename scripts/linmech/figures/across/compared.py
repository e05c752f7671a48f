"""The first page of Figure 7: how far front/behind goes with above/below, by model and by what it was taught."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.figures import style as plotting
from linmech.figures.across.panels import bars, head
from linmech.statistics.shares import right_text

ROW, ROOM, WIDTH, LEAST = 0.36, 1.1, 6.6, 2.4
REACH = 3.0  # of the ratios that are drawn; what lies beyond stands there
CHANCE = {"linestyle": "", "marker": "|", "color": "#D55E00"}
RATIO = "Δ(front / behind) over Δ(above / below)"


def draw(ratios: pd.DataFrame, rhos: Mapping[str, float]) -> Figure:
    """Left: the ratio by model and layer; right, where any is known: against the share of scenes in which the lower
    thing was the nearer one.
    """
    models = list(dict.fromkeys(ratios["model"]))
    known = ratios[ratios["shown"] & ratios["model"].isin(list(rhos))]
    figure = plotting.new_figure(WIDTH, max(LEAST, ROOM + ROW * len(models)))
    axes = figure.subplots(1, 2, width_ratios=(1.4, 1)) if len(known) else [figure.subplots()]
    draw_models(axes[0], ratios, {model: rhos.get(model) for model in models})
    if len(known):
        draw_taught(axes[1], known.assign(rho=known["model"].map(rhos)))
    dot = {"linestyle": "", "marker": "o", "color": plotting.INK}
    handles = [
        Line2D([], [], **dot, markersize=5, label="at the layer that Figure 6 shows"),
        Line2D([], [], **dot, markersize=3.5, markerfacecolor="white", label="at the other layers"),
        Line2D([], [], **(dot | {"marker": "x"}), markersize=5, label="above / below does not move: undefined"),
        Line2D([], [], **CHANCE, markersize=7, label="over relabelled cells (least squares)"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def draw_models(axis: Axes, ratios: pd.DataFrame, rhos: Mapping[str, float | None]) -> None:
    """A row per model: the ratio with its interval at the layer shown, smaller and hollow at the others."""
    models = list(rhos)
    for model, part in ratios.groupby("model", sort=False):
        layers = sorted(part["layer"])
        for row in part.itertuples():
            place = models.index(model) + 0.22 * (layers.index(row.layer) - (len(layers) - 1) / 2)
            if row.moves:
                _mark(axis, pd.DataFrame([row]), [place], bool(row.shown), across=True)
            else:
                axis.plot(0, place, marker="x", color=plotting.GREY, markersize=5 if row.shown else 3.5)
            if row.shown:
                axis.plot(np.clip(row.by_chance, -REACH, REACH), place, **CHANCE, markersize=7, zorder=1)
    names = []
    for name, rho in rhos.items():
        told = ratios[(ratios["model"] == name) & ratios["shown"]].iloc[0]
        above = {key: told[f"own_{key}"] for key in ("right", "right_low", "right_high")}
        known = f"{name}, ρ = {rho:g}" if rho is not None else name
        names.append(f"{known}\nabove / below: {right_text(above)}\nfront / behind: {right_text(told)}")
    axis.set_yticks(range(len(models)), names, fontsize=5)
    axis.set(ylim=(len(models) - 0.5, -0.5), xlim=(-REACH - 0.05, REACH + 0.05), xlabel=RATIO)
    for edge in (0, -1):
        axis.axvline(edge, color=plotting.GREY if edge == 0 else plotting.FAINT, linewidth=0.6, zorder=0)
    head(axis, "A", "below 0: lower is taken for nearer, as on the ground;\nabove 0: higher is taken for nearer")


def draw_taught(axis: Axes, shown: pd.DataFrame) -> None:
    """The ratio at the layer shown against rho."""
    plotting.zero_line(axis)
    for rho, part in shown[shown["moves"]].groupby("rho"):
        _mark(axis, part, rho + 0.008 * (np.arange(len(part)) - (len(part) - 1) / 2), True, across=False)
    axis.set(xlim=(0.46, 1.04), xlabel="ρ: how often the lower one was\nthe nearer one in training", ylabel="the same")
    head(axis, "", "models of which ρ is known")


def _mark(axis: Axes, part: pd.DataFrame, places: object, shown: bool, *, across: bool) -> None:
    """Ratios with their intervals along x (`across`) or y, cut at REACH."""
    cut = part[["estimate", "low", "high"]].clip(-REACH, REACH)
    point = (cut["estimate"], places) if across else (places, cut["estimate"])
    axis.errorbar(
        *point, **{"xerr" if across else "yerr": bars(cut)}, linestyle="", marker="o", color=plotting.INK,
        markersize=5 if shown else 3.5, markerfacecolor=plotting.INK if shown else "white",
        elinewidth=1 if shown else 0.5, zorder=3 if shown else 2,
    )  # fmt: skip
