"""Figure 9: are models whose beliefs follow their spatial IDs further right more often? A mark per model."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from linmech.errors import LinmechError
from linmech.figures import labels
from linmech.figures import style as plotting
from linmech.figures.exchange import steerability as numbers
from linmech.figures.exchange.marks import read_exchanges
from linmech.figures.exchange.panels import p_text
from linmech.statistics.association import FEWEST, Association

WIDTH, ROW, LEGEND = 6.6, 2.15, 0.25  # inches: a row of panels, a line of the legend
COLUMNS, MARKERS = 4, "osD^vPX<>p*h"
SEVERAL = 8  # models, up to which each is named beside its mark


@dataclass(frozen=True)
class Marks:
    """models: a row each (`steerability.of_models`); found: by measure, how it goes with accuracy; by_construction: how
    the paper's would anyway.
    """

    models: pd.DataFrame
    found: Mapping[str, Association]
    by_construction: float

    def numbers(self) -> pd.DataFrame:
        """Every mark of the figure: a row per model, then one per measure."""
        table, rows = self.models.assign(what="model"), []
        for measure in numbers.MEASURES:
            told = self.found[measure.column]
            table[f"rank_{measure.column}"], table[f"rank_accuracy_{measure.column}"] = told.x, told.y
            names = ("plain", "partial", "within", "low", "high", "p")
            row = {"what": measure.column, "models": len(self.models)} | {name: getattr(told, name) for name in names}
            rows.append(row | ({"by_construction": self.by_construction} if measure.column == "lost" else {}))
        table = pd.concat([table, pd.DataFrame(rows)], ignore_index=True)
        return table[["what", *[name for name in table if name != "what"]]]


def plot(
    tables: Sequence[str | Path],
    models: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    families: Mapping[str, str] | None = None,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 9 (sections 4.3 and 5) and a csv of every model and correlation.

    `tables` of displacing's adversarial and `models` (identify_model), both of the same models in the same order;
    `families` names those that their stanzas name. Raises LinmechError where one is broken, or none is given.
    """
    if len(tables) != len(models):
        raise LinmechError("figure 9 needs a table of displacing.experiments.adversarial and a json of each model")
    named = {Path(path).stem: numbers.family_of(path) for path in models} | dict(families or {})
    found = make_marks(tables, named, seed)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found.numbers(), csv)


def make_marks(tables: Sequence[str | Path], families: Mapping[str, str], seed: int) -> Marks:
    """Reduce the tables of all models."""
    models = numbers.of_models(read_exchanges(tables), read_exchanges(tables, chance=True), families, seed)
    return Marks(models, numbers.associations(models, seed), numbers.by_construction(models, seed))


def draw(found: Marks) -> Figure:
    """A column per measure: models as they are and, where they are enough, at equal clean |belief|."""
    enough, looks = len(found.models) >= FEWEST, looks_of(found.models)
    lines = -(-(len(looks) + 1) // COLUMNS)
    figure = plotting.new_figure(WIDTH, ROW * (1 + enough) + LEGEND * (1 + lines))
    rows = figure.subplots(1 + enough, len(numbers.MEASURES), squeeze=False, sharey="row")
    for number, (axis, measure) in enumerate(zip(rows[0], numbers.MEASURES, strict=True)):
        told = found.found[measure.column]
        draw_models(axis, found.models, measure, looks)
        axis.set_title(f"{measure.header}\n{plain_text(found, measure)}")
        axis.set_ylabel("answers right" if not number else "")
        if enough:
            below = rows[1, number]
            draw_ranks(below, found.models, told, looks)
            below.set_title(within_text(told), fontsize=6, color=plotting.GREY)
            below.set_ylabel("rank of accuracy,\nless what |belief| foretells" if not number else "")
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="", markersize=4, label=family)
        for family, (colour, marker) in looks.items()
    ]
    hollow = {"color": plotting.INK, "marker": "o", "markerfacecolor": "white", "linestyle": "", "markersize": 4}
    handles.append(Line2D([], [], **hollow, label="no more than by relabelled cells (B)"))
    figure.legend(handles=handles, loc="outside lower center", ncols=COLUMNS)
    if len(found.models) <= SEVERAL:
        plotting.settle(figure)
        for axis, measure in zip(rows[0], numbers.MEASURES, strict=True):
            name_models(axis, found.models, measure)
    return figure


def looks_of(models: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and marker of each family."""
    families = list(dict.fromkeys(models["family"]))
    return dict(zip(families, zip(plotting.column_colours(len(families)), itertools.cycle(MARKERS)), strict=False))


def draw_models(axis: Axes, models: pd.DataFrame, measure: numbers.Measure, looks: Mapping) -> None:
    """Accuracy against a measure, with intervals; dotted lines join a family's models in the order of the measure.

    Hollow: a measure that relabelled cells reach too (p > 0.05).
    """
    for family, part in models.groupby("family", sort=False):
        colour, marker = looks[family]
        part = part.sort_values(measure.column)
        x, y = part[measure.column], part["accuracy"]
        axis.errorbar(
            x, y, xerr=_bars(part, measure.column), yerr=_bars(part, "accuracy"), color=colour, linestyle="",
            marker=marker, markersize=4, markeredgecolor="white", markeredgewidth=0.4, elinewidth=0.5, zorder=3,
        )  # fmt: skip
        axis.plot(x, y, ":", color=colour, linewidth=0.8, zorder=2)
        if f"{measure.column}_p" in part:
            alike = part[part[f"{measure.column}_p"] > 0.05]
            hollow = {"markerfacecolor": "white", "markeredgecolor": colour, "zorder": 4}
            axis.plot(alike[measure.column], alike["accuracy"], marker, markersize=4, **hollow)
    axis.axhline(0.5, color=plotting.FAINT, linewidth=0.6, zorder=0)
    axis.axvline(0, color=plotting.FAINT, linewidth=0.6, zorder=0)
    axis.set_ylim(min(0.45, models["accuracy_low"].fillna(1).min() - 0.03), 1.03)
    axis.set_xlabel(measure.label)
    axis.yaxis.set_major_formatter(PercentFormatter(1))


def draw_ranks(axis: Axes, models: pd.DataFrame, told: Association, looks: Mapping) -> None:
    """The ranks of accuracy against those of a measure, both less what the rank of the clean |belief| foretells."""
    for family, (colour, marker) in looks.items():
        own = (models["family"] == family).to_numpy()
        axis.plot(
            told.x[own], told.y[own], marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.4,
        )  # fmt: skip
    axis.axhline(0, color=plotting.FAINT, linewidth=0.6, zorder=0)
    axis.axvline(0, color=plotting.FAINT, linewidth=0.6, zorder=0)
    axis.set_xlabel("rank of the above, less the same")


def name_models(axis: Axes, models: pd.DataFrame, measure: numbers.Measure) -> None:
    """Each model's name beside its mark; the layout must be settled."""
    known = models.dropna(subset=measure.column)
    places = known[[measure.column, "accuracy"]].to_numpy(float)
    steps = np.linspace(0, 1, 12)[:, None]
    ends = [
        (known[f"{measure.column}_{end}"].fillna(known[measure.column]), known["accuracy"]) for end in ("low", "high")
    ]
    low, high = (np.column_stack(end).astype(float) for end in ends)
    lines = np.concatenate([a + steps * (b - a) for a, b in zip(low, high, strict=True)] or [np.zeros((0, 2))])
    words = list(zip(known["model"], places, strict=True))
    labels.place_labels(axis, words, places, lines, colour=plotting.INK, size=5.5)


def plain_text(found: Marks, measure: numbers.Measure) -> str:
    """What the upper row tells of a measure."""
    count, told = len(found.models), found.found[measure.column]
    if np.isnan(told.plain):
        return f"{count} model{'s' * (count != 1)}: too few for a correlation"
    how = f"({found.by_construction:.2f} by construction)" if measure.column == "lost" else f"(Spearman), n = {count}"
    return f"r = {told.plain:.2f} {how}".replace("-", "−")


def within_text(told: Association) -> str:
    """What the lower row tells of a measure."""
    head = f"r = {told.partial:.2f} at equal |belief|"
    if np.isnan(told.within):
        return f"{head}\nfamilies too small for a test within".replace("-", "−")
    within = f"r = {told.within:.2f} within families too, {p_text(told.p)}"
    return f"{head}\n{within}\n(by chance {told.low:.2f} to {told.high:.2f})".replace("-", "−")


def _bars(part: pd.DataFrame, name: str) -> np.ndarray:
    bars = np.stack([part[name] - part[f"{name}_low"], part[f"{name}_high"] - part[name]]).astype(float)
    return np.nan_to_num(bars).clip(min=0)
