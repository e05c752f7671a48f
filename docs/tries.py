"""The learning curves of docs/organisms.md: python docs/tries.py, from docs/results/tries*.csv."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib import pyplot

HERE = Path(__file__).parent
SHADES = ["0.6", "#56B4E9", "#009E73", "#D55E00", "#E69F00", "#CC79A7", "#8B5A2B", "k", "#0072B2"]

matplotlib.rcParams.update({"font.size": 7, "axes.spines.top": False, "axes.spines.right": False})


def draw(name: str, kinds: Sequence[str], bold: Sequence[str]) -> None:
    """docs/{name}.png: a panel for each of six kinds of questions, a line for each try, those of `bold` thick."""
    curves = pd.read_csv(HERE / f"results/{name}.csv")
    colours = dict(zip(curves["try"].unique(), SHADES, strict=False))
    figure, panels = pyplot.subplots(2, 3, figsize=(6.6, 3.8), sharex=True, sharey=True, layout="constrained")
    for kind, panel in zip(kinds, panels.flat, strict=True):
        for each, part in curves[curves["kind"] == kind].groupby("try", sort=False):
            width = 2 if each in bold else 1
            panel.plot(part["step"], part["accuracy"], color=colours[each], linewidth=width, label=each)
        panel.set_title(kind, fontsize=7, loc="left")
    panels[0, 0].set_ylim(0, 1.02)
    for panel in panels[1]:
        panel.set_xlabel("step of the decoder's training")
    figure.supylabel("training accuracy, 50 steps")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(HERE / f"{name}.png", dpi=150)


draw("tries", ["exists", "left-right", "near-far", "in-between", "front-behind", "colour"], ["shipped", "longer"])
draw("tries-classes", ["exists", "row", "column", "above-below", "left-right", "colour"], ["Mllama"])
draw("tries-later", ["exists", "left-right", "column", "in-between", "front-behind", "colour"], ["shipped"])
