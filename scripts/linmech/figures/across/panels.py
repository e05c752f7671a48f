"""Panels of effects across: arms side by side at named places, and lines by displacement."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from linmech.figures import effects
from linmech.figures import style as plotting
from linmech.figures.ruler_marks import OWN
from linmech.statistics.shares import right_text

DODGE = 0.085
ABOVE = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
QUESTIONS = {"above-below": (plotting.INK, "o", "-"), "front-behind": ("#D55E00", "s", "--")}


def draw_arms(axis: Axes, marks: pd.DataFrame, places: Sequence[str]) -> None:
    """`estimate` with its interval by arm, side by side at the place that the column `place` names."""
    shown = [arm for arm in effects.ARM_LOOKS if arm in set(marks["arm"])]
    plotting.zero_line(axis)
    for number, arm in enumerate(shown):
        part = marks[marks["arm"] == arm]
        _, colour, marker = effects.ARM_LOOKS[arm]
        x = np.array([list(places).index(place) for place in part["place"]])
        own = arm == OWN
        axis.errorbar(
            x + DODGE * (number - (len(shown) - 1) / 2), part["estimate"], yerr=bars(part), color=colour, linestyle="",
            marker=marker, elinewidth=0.7, markersize=4.5 if own else 3, zorder=4 if own else 2,
        )  # fmt: skip
    axis.set_xticks(range(len(places)), list(places))
    axis.set_xlim(-0.5, len(places) - 0.5)


def draw_chance(axis: Axes, marks: pd.DataFrame, places: Sequence[str]) -> None:
    """Where 95 % of the relabelled cells lie, a band at each place, and how often they go as far as the IDs."""
    at = [marks[marks["place"] == place].iloc[0] for place in places]
    low = np.array([row["low"] for row in at])
    axis.bar(range(len(at)), [row["high"] for row in at] - low, 0.8, low, color=plotting.FAINT, zorder=0)
    named = [f"{place}\np = {row['p']:.2g}\n{right_text(row)}" for place, row in zip(places, at, strict=True)]
    axis.set_xticks(range(len(at)), named)


def chance_handle(runs: int) -> Patch:
    """The legend of `draw_chance`."""
    return Patch(color=plotting.FAINT, label=f"{runs} relabellings, 95 %")


def draw_doses(axis: Axes, marks: pd.DataFrame) -> None:
    """The change of belief by displacement, a line per kind of question."""
    plotting.zero_line(axis)
    for kind, (colour, marker, dash) in QUESTIONS.items():
        part = marks[marks["kind"] == kind].sort_values("displacement")
        axis.errorbar(
            part["displacement"], part["estimate"], yerr=bars(part), color=colour, marker=marker, linestyle=dash,
            markersize=3.5, elinewidth=0.7,
        )  # fmt: skip
    axis.set(xlabel="moved down by (cells)", ylabel="change of belief (nats)")


def question_handles() -> list[Line2D]:
    """Legend entries for the lines of `draw_doses`."""
    named = [(kind.split("-"), look) for kind, look in QUESTIONS.items()]
    return [
        Line2D([], [], color=colour, marker=mark, markersize=3.5, linestyle=dash, label=f"log p({a}) − log p({b})")
        for (a, b), (colour, mark, dash) in named
    ]


def head(axis: Axes, letter: str, title: str) -> None:
    """The panel's title, and its letter above its left edge."""
    axis.set_title(title, fontsize=6, color=plotting.GREY)
    high = 5 + 7 * title.count("\n")
    bold = {"weight": "bold", "fontsize": 8, "color": plotting.INK}
    axis.annotate(letter, (0, 1), (-30, high), **ABOVE, **bold).set_in_layout(False)


def bars(marks: pd.DataFrame) -> np.ndarray:
    """What errorbar asks for."""
    return np.stack([marks["estimate"] - marks["low"], marks["high"] - marks["estimate"]]).clip(min=0)
