"""The learning curves of docs/organisms.md: python docs/tries.py, from docs/results/tries.csv."""

from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib import pyplot

KINDS = ["exists", "left-right", "above-below", "near-far", "in-between", "front-behind"]
HERE = Path(__file__).parent

matplotlib.rcParams.update({"font.size": 7, "axes.spines.top": False, "axes.spines.right": False})
curves = pd.read_csv(HERE / "results/tries.csv")
figure, panels = pyplot.subplots(2, 3, figsize=(6.6, 3.6), sharex=True, sharey=True, layout="constrained")
for kind, panel in zip(KINDS, panels.flat, strict=True):
    for name, part in curves[curves["kind"] == kind].groupby("try", sort=False):
        shipped = name == "shipped"
        panel.plot(
            part["step"], part["accuracy"], label=name, linewidth=2 if shipped else 1, color="k" if shipped else None
        )
    panel.set_title(kind, fontsize=7, loc="left")
panels[0, 0].set_ylim(0, 1.02)
figure.supxlabel("step of the decoder's training")
figure.supylabel("training accuracy, 50 steps")
figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
figure.savefig(HERE / "tries.png", dpi=150)
