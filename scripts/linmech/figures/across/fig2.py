"""Figure 2: two nouns exchange places, against what the model believes; the share of answers that turn, by dose."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.figures import effects
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import panels
from linmech.statistics.bootstrap import paired_difference
from linmech.statistics.choosing import choose_then_measure
from linmech.statistics.holm import holm
from linmech.statistics.splits import split
from linmech.statistics.summaries import summarise

EXPERIMENT, NOISE = "exchange", "noise"
DOSE, BEST = 1.0, 3  # the dose that is tested; how many layers the paper takes the best of
BINS = 5  # of the gap, as many items in each
COLUMNS, WIDTH, HEIGHT, ROOM = 3, 6.6, 1.9, 0.7
ESTIMATES = {"ours": ("one layer, chosen on other images", "o"), "paper": (f"best {BEST} layers, same images", "s")}


@dataclass(frozen=True)
class Marks:
    """rates: a row per model, arm and dose, at the model's layer; tests: per model, IDs against noise at DOSE; gaps:
    per model and bin of the gap; estimates: per model and arm, ours and the paper's.
    """

    rates: pd.DataFrame
    tests: pd.DataFrame
    gaps: pd.DataFrame
    estimates: pd.DataFrame

    def numbers(self) -> pd.DataFrame:
        """Every mark of the figure, and the tests."""
        parts = {"rates": self.rates, "tests": self.tests, "gaps": self.gaps, "estimates": self.estimates}
        return pd.concat([part.assign(panel=name) for name, part in parts.items()], ignore_index=True)


def plot(
    tables: Sequence[str | Path], pdf: str | Path, png: str | Path, csv: str | Path, seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:  # fmt: skip
    """Draw Figure 2 of the models in `tables` (displacing, EXPERIMENT), and a csv of every mark.

    Raises LinmechError where a table is of something else.
    """
    marks = make_marks(ruler.read_displaced(tables, EXPERIMENT), seed)
    with plotting.style():
        plotting.save_figure(draw(marks), pdf, png, dpi)
    plotting.write_csv(marks.numbers(), csv)


def make_marks(table: pd.DataFrame, seed: int) -> Marks:
    """Reduce the table of all models: the layer is chosen on half of the images, all else is of the other half."""
    rates, tests, gaps, estimates = [], [], [], []
    for model, own in table.groupby("model", sort=False):
        layer, told = _estimates(own, seed)
        estimates.append(pd.DataFrame(told).assign(model=model))
        half = split(own["image"].unique(), 0.5, seed)
        here = own[(own["layer"] == layer) & ~own["image"].isin(half)]
        found = summarise(here, ["arm", "displacement"], "turned", seed=seed).drop(columns="p")
        rates.append(found.assign(model=model, layer=layer))
        dosed = here[here["displacement"] == DOSE]
        tests.append({"model": model, "layer": layer} | _test(dosed, seed))
        mine = dosed[dosed["arm"] == ruler.OWN]
        bins = pd.qcut(mine["gap"].abs(), BINS, duplicates="drop").map(lambda bin_: f"{bin_.left:.2f}-{bin_.right:.2f}")
        by_gap = summarise(mine.assign(bin=bins.astype(str)), ["bin"], "turned", seed=seed).drop(columns="p")
        gaps.append(by_gap.assign(model=model, layer=layer, arm=ruler.OWN, displacement=DOSE))
    found = pd.DataFrame(tests)
    found["p_holm"] = holm(found["p"].to_numpy())
    parts = [pd.concat(part, ignore_index=True).assign(interval=ruler.INTERVAL) for part in (rates, gaps, estimates)]
    return Marks(parts[0], found.assign(interval=ruler.INTERVAL), *parts[1:])


def _estimates(own: pd.DataFrame, seed: int) -> tuple[int, list[dict]]:
    """The layer where exchanging turns most on half of the images; and of IDs and noise, the share at DOSE, ours and
    the paper's: there the best layers are chosen, and shown, on the same images.
    """
    rows, chosen = [], None
    for arm in (ruler.OWN, NOISE):
        part = own[(own["arm"] == arm) & (own["displacement"] == DOSE)]
        wide = part.pivot(index=["image", "item"], columns="layer", values="turned")
        images = wide.index.get_level_values("image").tolist()
        scores = wide.to_numpy(float).T
        choice = choose_then_measure(scores, images, seed=seed)
        chosen = int(wide.columns[choice.chosen[0]]) if chosen is None else chosen
        kept = wide.columns.get_loc(chosen)
        rest = ~np.isin(images, list(split(images, 0.5, seed)))
        known = pd.DataFrame({"item": range(rest.sum()), "image": np.array(images)[rest], "turned": scores[kept][rest]})
        ours = summarise(known.assign(arm=arm), ["arm"], "turned", seed=seed).iloc[0]
        best = np.argsort(-scores.mean(1), kind="stable")[:BEST]
        whole = pd.DataFrame({"item": range(len(images)), "image": images, "turned": scores[best].mean(0)})
        paper = summarise(whole.assign(arm=arm), ["arm"], "turned", seed=seed).iloc[0]
        layers = {"ours": str(chosen), "paper": " ".join(str(wide.columns[number]) for number in sorted(best))}
        for kind, one in (("ours", ours), ("paper", paper)):
            told = one[["estimate", "low", "high", "items", "images"]].to_dict()
            rows.append({"arm": arm, "estimator": kind, "layers": layers[kind]} | told)
    return chosen, rows


def _test(dosed: pd.DataFrame, seed: int) -> dict[str, object]:
    """By how much more answers IDs turn than noise of the same size, on the same items."""
    both = dosed.pivot(index=["image", "item"], columns="arm", values="turned")
    found = paired_difference(both[ruler.OWN], both[NOISE], both.index.get_level_values("image").to_numpy(), seed=seed)
    counts = {"items": len(both), "undecided": int(dosed.drop_duplicates("item")["undecided"].sum())}
    return {"arm": f"{ruler.OWN} - {NOISE}", "displacement": DOSE} | vars(found) | counts


def draw(marks: Marks) -> Figure:
    """A panel per model, and one in which our estimate and the paper's stand side by side."""
    models = list(dict.fromkeys(marks.rates["model"]))
    rows = -(-(len(models) + 1) // COLUMNS)
    columns = min(COLUMNS, len(models) + 1)
    figure = plotting.new_figure(WIDTH, ROOM + HEIGHT * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, model in zip(axes, models, strict=False):
        draw_rates(axis, marks.rates[marks.rates["model"] == model])
        test = marks.tests[marks.tests["model"] == model].iloc[0]
        low, high = test["low"], test["high"]
        told = f"IDs − noise: {test['estimate']:.2f} [{low:.2f}, {high:.2f}]".replace("-", "−")
        panels.head(axis, "", f"{model}\nlayer {test['layer']}, n = {test['items']}\n{told}")
    draw_estimates(axes[len(models)], marks.estimates, models)
    for axis in axes[len(models) + 1 :]:
        axis.set_axis_off()
    handles = effects.arm_handles(sorted(set(marks.rates["arm"])))
    handles += [
        Line2D(
            [], [], color=plotting.INK, marker=marker, linestyle="", markersize=4, markerfacecolor="white", label=label
        )
        for label, marker in ESTIMATES.values()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def draw_rates(axis: Axes, rates: pd.DataFrame) -> None:
    """The share of answers that turn, by dose, a line per arm."""
    for arm, part in rates.groupby("arm"):
        _, colour, marker = effects.ARM_LOOKS[str(arm)]
        part = part.sort_values("displacement")
        own = arm == ruler.OWN
        axis.errorbar(
            part["displacement"], part["estimate"], yerr=panels.bars(part), color=colour, marker=marker,
            markersize=4 if own else 3, elinewidth=0.7, linewidth=1.3 if own else 0.7, zorder=4 if own else 2,
        )  # fmt: skip
    axis.set(ylim=(-0.03, 1.03), xlabel="dose (1: places exchanged)", ylabel="share of answers that turn")


def draw_estimates(axis: Axes, estimates: pd.DataFrame, models: Sequence[str]) -> None:
    """Per model the share at DOSE by IDs and by noise: ours, and the paper's."""
    for kind, (_, marker) in ESTIMATES.items():
        for arm in (ruler.OWN, NOISE):
            part = estimates[(estimates["estimator"] == kind) & (estimates["arm"] == arm)].set_index("model")
            y = np.arange(len(models)) + (-0.12 if kind == "ours" else 0.12)
            part = part.loc[list(models)]
            axis.errorbar(
                part["estimate"], y, xerr=panels.bars(part), color=effects.ARM_LOOKS[arm][1], marker=marker,
                linestyle="", markersize=4, markerfacecolor="white", elinewidth=0.7,
            )  # fmt: skip
    axis.set_yticks(range(len(models)), models)
    axis.set(xlim=(-0.03, 1.03), ylim=(len(models) - 0.5, -0.5), xlabel="share that turns at dose 1")
    panels.head(axis, "", "two ways to choose layers:\nIDs (black) and noise (grey)")
