"""One panel of swaps: curves by layer, one per selector, the same look of a selector in every figure."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from linmech.figures import style as plotting
from linmech.figures.swaps.marks import DONOR

LOOKS = {
    "image": ("image", "#D55E00", "o", "-"),
    "text": ("text", "#56B4E9", "s", "-"),
    "nouns": ("nouns", plotting.INK, "D", "--"),
    "neighbours": ("nouns and their neighbours", "#009E73", "^", "--"),
    "relation": ("relation words", "#009E73", "^", "--"),
    "last": ("last token", "#CC79A7", "v", "-."),
    "random_text(nouns)": ("other text, as many tokens as the nouns", plotting.GREY, "x", ":"),
    "random_text(neighbours)": ("as many tokens of other text", plotting.GREY, "x", ":"),
}
OTHER = ("#8B5A2B", "P", "-.")
WIDE = {"text": 3.0}  # what other curves lie upon
SHARES = (-1.0, 2.0)  # the axis goes no further
DONORS = {
    "mirror": "picture mirrored",
    "mirror-objects": "objects mirrored",
    "background": "other background",
    "recolour": "recoloured",
    "other-nouns": "other objects",
    "exchange-colours": "colours exchanged",
    "reverse": "frames reversed",
    "blur": "a box blurred",
}


def look(selector: str) -> tuple[str, str, str, str]:
    """Name, colour, marker and dash of a selector's curve."""
    return LOOKS.get(selector, (selector, *OTHER))


def donor_text(change: str) -> str:
    """In words, what makes the donor's picture."""
    return DONORS[change.partition(":")[0]]


def draw_shares(axis: Axes, marks: pd.DataFrame) -> None:
    """Shares of the donor's effect by layer: 0, the picture as it was, to 1, the donor's."""
    shares = marks[marks["value"] == "share"]
    _draw_curves(axis, shares)
    for edge in (0, 1):
        axis.axhline(edge, color=plotting.FAINT, linewidth=0.6, zorder=0)
    reach = [np.nanmin([-0.08, *shares["low"] - 0.03]), np.nanmax([1.08, *shares["high"] + 0.03])]
    axis.set(ylim=np.clip(reach, *SHARES), yticks=(0, 0.5, 1), ylabel="share of the donor's\neffect carried")


def draw_deltas(axis: Axes, marks: pd.DataFrame) -> None:
    """Changes in nats by layer, and as a line with a band what the donor's own run changes."""
    deltas = marks[marks["value"] == "delta"]
    (donor,) = deltas[deltas["selector"] == DONOR].itertuples()
    axis.axhline(donor.estimate, color=plotting.INK, linewidth=0.8, linestyle=(0, (5, 2)), zorder=1)
    axis.axhspan(donor.low, donor.high, color=plotting.FAINT, alpha=0.5, linewidth=0, zorder=0)
    plotting.zero_line(axis)
    _draw_curves(axis, deltas[deltas["selector"] != DONOR])
    axis.set_ylabel("change of log p(true)\n− log p(false)  (nats)")


def same_scale(axes: Iterable[Axes]) -> None:
    """One range of values for all panels of deltas, with room at both ends."""
    axes = list(axes)
    limits = np.array([axis.get_ylim() for axis in axes])
    for axis in axes:
        axis.set_ylim(limits[:, 0].min(), limits[:, 1].max())


def _draw_curves(axis: Axes, marks: pd.DataFrame) -> None:
    for selector in sorted(set(marks["selector"]), key=_order):
        part = marks[marks["selector"] == selector].sort_values("layer")
        _, colour, marker, dash = look(selector)
        axis.fill_between(part["layer"], part["low"], part["high"], color=colour, alpha=0.18, linewidth=0, zorder=2)
        axis.plot(
            part["layer"], part["estimate"], color=colour, linestyle=dash, marker=marker, label=selector, zorder=3,
            markersize=3, linewidth=WIDE.get(selector, 1.0), markeredgewidth=0.7,
        )  # fmt: skip
    axis.set_xlabel("layer")
    axis.xaxis.get_major_locator().set_params(integer=True)


def _order(selector: str) -> tuple[int, str]:
    return (list(LOOKS).index(selector) if selector in LOOKS else len(LOOKS), selector)


def handles(selectors: Iterable[str], donor: bool = True, **names: str) -> list[Line2D]:
    """Legend entries of the curves, and of the donor's line; `names`: other names of selectors."""
    entries = []
    for selector in sorted(set(selectors) - {DONOR, ""}, key=_order):
        name, colour, marker, dash = look(selector)
        entries.append(
            Line2D(
                [], [], color=colour, linestyle=dash, marker=marker, markersize=3.5, markeredgewidth=0.7,
                label=names.get(selector, name), linewidth=WIDE.get(selector, 1.0),
            )
        )  # fmt: skip
    line = Line2D([], [], color=plotting.INK, linewidth=0.8, linestyle=(0, (5, 2)), label="the donor's own run")
    return entries + [line] * donor
