"""Emergence: along one training, the accuracy, the shape of the spatial IDs, and how far beliefs follow them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.errors import LinmechError
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.codes import read_codes
from linmech.statistics.summaries import summarise

SIZE = (6.6, 4.6)
EXPERIMENT = "depths"


@dataclass(frozen=True)
class Marks:
    """shapes: a row per checkpoint and layer; shares and slopes: of the displaced subject, likewise; right: share of
    true answers per checkpoint, with its interval; all with `step`, counted over the phases of training.
    """

    shapes: pd.DataFrame
    shares: pd.DataFrame
    slopes: pd.DataFrame
    right: pd.DataFrame

    def numbers(self) -> pd.DataFrame:
        """Every mark of the figure, with the letter of its panel."""
        parts = {"A": self.right, "B": self.shapes, "C": self.shares, "D": self.slopes}
        return pd.concat([part.assign(panel=letter) for letter, part in parts.items()], ignore_index=True)


def plot(
    ids: Sequence[str | Path],
    displaced: Sequence[str | Path],
    steps: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw the figure, and a csv of every mark. `ids`, `displaced` (of depths) and `steps` (checkpoint.json) are
    files of the same checkpoints in the same order. Raises LinmechError where there are none, or one is broken.
    """
    if not ids or not len(ids) == len(displaced) == len(steps):
        raise LinmechError("figure emergence needs IDs, tables and checkpoint.json of each of its checkpoints")
    marks = make_marks(ids, displaced, [step_of(path) for path in steps], seed)
    with plotting.style():
        plotting.save_figure(draw(marks), pdf, png, dpi)
    plotting.write_csv(marks.numbers(), csv)


def step_of(path: str | Path) -> int:
    """The step after which a checkpoint was left, counted over all phases. Raises LinmechError naming the file."""
    try:
        return int(json.loads(Path(path).read_text())["step"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LinmechError(f"{path}: tells no step ({error}); name checkpoints of a training of linmech") from error


def make_marks(ids: Sequence, displaced: Sequence, steps: Sequence[int], seed: int) -> Marks:
    """Reduce the files of every checkpoint."""
    parts: dict[str, list[pd.DataFrame]] = {"shapes": [], "shares": [], "slopes": [], "right": []}
    for each, table, step in zip(ids, displaced, steps, strict=True):
        read = ruler.read_displaced([table], EXPERIMENT)
        own = read[read["arm"] == ruler.OWN]
        parts["shapes"].append(read_codes(each).assign(step=step).drop(columns="shown"))
        parts["shares"].append(ruler.followed(own, ["layer", "need"], seed).assign(step=step))
        parts["slopes"].append(pd.DataFrame(ruler.calibrations(own, seed)).assign(step=step))
        parts["right"].append(_right(own, seed).assign(step=step))
    return Marks(**{name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()})


def _right(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The share of items whose true answer was believed before anything was moved."""
    items = table.drop_duplicates(["dataset", "item"])
    marks = items.assign(right=items["right"].astype(float), what="right")
    return summarise(marks, ["what"], "right", seed=seed).drop(columns=["p", "what"]).assign(interval=ruler.INTERVAL)


def draw(marks: Marks) -> Figure:
    """Four panels over the steps of training; colour is the layer."""
    figure = plotting.new_figure(*SIZE)
    (right, shapes), (shares, slopes) = figure.subplots(2, 2, sharex=True)
    n, layers = int(marks.right["items"].max()), sorted(marks.shapes["layer"].unique().tolist())
    right_of = marks.right["estimate"]
    right.errorbar(
        marks.right["step"], right_of,
        yerr=np.stack([right_of - marks.right["low"], marks.right["high"] - right_of]).clip(0),
        color=plotting.INK, marker="o", markersize=3, linewidth=1.2, elinewidth=0.7,
    )  # fmt: skip
    right.axhline(0.5, color=plotting.FAINT, linewidth=0.6, zorder=0)
    right.set(ylim=(-0.03, 1.03), ylabel="left / right answers right", title=f"A   behaviour (n = {n})")
    draw_layers(shapes, marks.shapes.rename(columns={"r2": "estimate"}), layers)
    shapes.set(ylim=(-0.03, 1.03), ylabel="R² on the coordinates", title="B   spatial IDs of held-out objects")
    draw_layers(shares, marks.shares[marks.shares["need"] == "turn"], layers)
    shares.set(
        ylim=(-0.03, 1.03), ylabel="answers that turn\nwhere the rule asks for it", title="C   the subject moved"
    )
    draw_layers(slopes, marks.slopes[marks.slopes["share"] >= 0.5].rename(columns={"within": "estimate"}), layers)
    slopes.axhline(1, color=plotting.GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
    slopes.set(
        ylabel="slope of crossing on true\ngap, within a side",
        title="D   its calibration (half of the items must cross)",
    )
    low, high = slopes.get_ylim()
    slopes.set_ylim(max(low, -1), min(high, 4))
    for axis in (shares, slopes):
        axis.set_xlabel("step of training")
    figure.legend(*shapes.get_legend_handles_labels(), loc="outside right center", title="layer")
    return figure


def draw_layers(axis: Axes, table: pd.DataFrame, layers: Sequence[int]) -> None:
    """A line for each of the layers, light to dark."""
    for number, layer in enumerate(layers):
        part = table[table["layer"] == layer].sort_values("step")
        shade = matplotlib.colormaps["viridis_r"](0.1 + 0.9 * number / max(1, len(layers) - 1))
        axis.plot(
            part["step"], part["estimate"], color=shade, marker="o", markersize=2.5, linewidth=1, label=str(layer)
        )
