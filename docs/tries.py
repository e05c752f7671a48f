"""The learning curves of docs/organisms.md: python docs/tries.py, from docs/results/tries.csv."""

from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib import pyplot

KINDS = ["exists", "left-right", "near-far", "in-between", "front-behind", "colour"]
HERE = Path(__file__).parent

matplotlib.rcParams.update({"font.size": 7, "axes.spines.top": False, "axes.spines.right": False})
curves = pd.read_csv(HERE / "results/tries.csv")
SHADES = ["0.6", "#56B4E9", "#009E73", "#D55E00", "#E69F00", "#CC79A7", "#8B5A2B", "k", "#0072B2"]
colours = dict(zip(curves["try"].unique(), SHADES, strict=True))
figure, panels = pyplot.subplots(2, 3, figsize=(6.6, 3.8), sharex=True, sharey=True, layout="constrained")
for kind, panel in zip(KINDS, panels.flat, strict=True):
    for name, part in curves[curves["kind"] == kind].groupby("try", sort=False):
        panel.plot(
            part["step"],
            part["accuracy"],
            color=colours[name],
            linewidth=2 if name in ("shipped", "longer") else 1,
            label=name,
        )
    panel.set_title(kind, fontsize=7, loc="left")
panels[0, 0].set_ylim(0, 1.02)
for panel in panels[1]:
    panel.set_xlabel("step of the decoder's training")
figure.supylabel("training accuracy, 50 steps")
figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
figure.savefig(HERE / "tries.png", dpi=150)
