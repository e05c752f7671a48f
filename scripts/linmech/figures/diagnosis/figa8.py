"""Figure A8: how many answers are right when the true places, or others, are put into the nouns at each layer."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.figures import style as plotting
from linmech.figures.diagnosis import marks
from linmech.statistics.shares import right_text

LOOKS = {
    "true": ("the true places", plotting.INK, "o", "-"),
    "exchanged": ("each other's places", "#D55E00", "s", "-"),
    "shuffled": ("IDs of shuffled cells", "#009E73", "^", "--"),
    "nowhere": ("no place", "#56B4E9", "v", "--"),
    "none": ("nothing injected", plotting.GREY, "", ":"),
}
COLUMNS, WIDTH, HEIGHT, ROOM = 3, 2.15, 1.7, 0.5


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw the shares of right answers of every model in `tables` (of diagnose_model), and a csv of every mark.

    Raises LinmechError where a table is none of diagnosing.
    """
    found = marks.injections(marks.read_diagnosed(tables), seed)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found, csv)


def draw(found: pd.DataFrame) -> Figure:
    """A panel per model."""
    models = list(dict.fromkeys(found["model"]))
    columns = min(COLUMNS, len(models))
    rows = -(-len(models) // columns)
    figure = plotting.new_figure(max(WIDTH * columns, 4.4), ROOM + HEIGHT * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axis, model in zip(axes, models, strict=False):
        own = found[found["model"] == model]
        draw_panel(axis, own)
        clean = own[own["arm"] == "none"].iloc[0]
        told = {"right": clean["estimate"], "right_low": clean["low"], "right_high": clean["high"]}
        axis.set_title(f"{model}\nnothing injected:\n{right_text(told)}")
    for axis in axes[len(models) :]:
        axis.set_axis_off()
    for axis in axes[::columns]:
        axis.set_ylabel("share of right answers")
    handles = {label: line for axis in axes for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3)
    return figure


def draw_panel(axis: Axes, found: pd.DataFrame) -> None:
    """The share of right answers against the layer, a line and a band of intervals per arm."""
    for arm, (label, colour, marker, dash) in LOOKS.items():
        part = found[found["arm"] == arm].sort_values("layer")
        axis.fill_between(part["layer"], part["low"], part["high"], color=colour, alpha=0.15, linewidth=0)
        axis.plot(
            part["layer"], part["estimate"], color=colour, marker=marker, markersize=3, linestyle=dash, label=label
        )
    axis.set(ylim=(-0.03, 1.03), xlabel="layer at which both nouns are changed")
    axis.xaxis.get_major_locator().set_params(integer=True)
