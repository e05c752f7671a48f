"""Supplement to figure 6: the paper's steering (Alg. 2) in all its panels, beside controls that should do nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from linmech.figures import effects
from linmech.figures import style as plotting
from linmech.figures.steering_marks import EXPERIMENTS, by_ends, by_target, named_range, read_tables, split_up
from linmech.statistics.shares import right_of, right_text

ENDS = ((plotting.COLUMN_COLOURS[0], "<"), (plotting.COLUMN_COLOURS[-1], ">"))
TARGETS = {"left-right": "target", "near-far": "target", "in-between": "target_relative"}
CURVES = {"layers": "layer", "strengths": "strength"}
LABELS = {"target": "target column", "target_relative": "target, from own side"}
DODGE = 0.07
MODEL_WIDTH, ROW_HEIGHT, WIDE = 3.5, 1.7, 6


@dataclass(frozen=True)
class Panel:
    """One pair of axes: its row's letter and header, its own title, and its marks."""

    letter: str
    header: str
    title: str
    marks: pd.DataFrame

    @property
    def row(self) -> tuple[str, str]:
        """The row that the panel stands in: its letter and its dataset."""
        return self.letter, str(self.marks["dataset"].iloc[0])


def plot(
    layers: Sequence[str | Path],
    left_right: Sequence[str | Path],
    near_far: Sequence[str | Path],
    in_between: Sequence[str | Path],
    strengths: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw the paper's Fig. 6 (section 3, Alg. 2) from steering tables, a block of panels per model, and their csv.

    Each of the first five is the tables of one experiment, `{model}.parquet`. `seed` draws the bootstrap. Raises
    LinmechError for a table without items or columns, and for several strengths where a panel shows one.
    """
    paths = dict(zip(EXPERIMENTS, (layers, left_right, near_far, in_between, strengths), strict=True))
    panels: dict[str, list[Panel]] = {}
    for experiment, tables in paths.items():
        table = read_tables(tables, experiment)
        for model, part in table.groupby("model", sort=False):
            panels.setdefault(str(model), []).extend(make_panels(part, experiment, seed))
    with plotting.style():
        plotting.save_figure(draw(panels), pdf, png, dpi)
    plotting.write_csv(pd.concat([panel.marks for shown in panels.values() for panel in shown]), csv)


def make_panels(table: pd.DataFrame, experiment: str, seed: int, letter: str = "") -> Iterator[Panel]:
    """The panels of one model and experiment: one per dataset and split; `letter`: another one than in this figure."""
    letter = letter or EXPERIMENTS[experiment]
    for _, part in table.groupby("dataset", sort=False):
        if experiment in CURVES:
            along = CURVES[experiment]
            yield _panel(part, letter, f"every {along}", by_ends(part, along, seed))
            continue
        for split, items in split_up(part, experiment):
            yield _panel(items, letter, split, by_target(items, seed, TARGETS.get(experiment, "target")))


def _panel(table: pd.DataFrame, letter: str, split: str, marks: pd.DataFrame) -> Panel:
    """A panel whose title counts its items, and whose marks carry all that the csv says about them."""
    first, layers = table.iloc[0], named_range(table["layer"])
    strengths = ", ".join(f"{strength:g}" for strength in sorted(table["strength"].unique()))
    where = "" if letter == "A" else f"layer{'' if layers.isdecimal() else 's'} {layers.replace('-', '–')}; "
    header = f"{first['first']} / {first['second']}  ({first['dataset']}; {where}strength {strengths})"
    items = table.drop_duplicates(["dataset", "item"])
    title = f"{split}\nn = {len(items)}, {int(items['undecided'].sum())} undecided\n{right_text(right_of(items))}"
    named = ("model", "dataset", "experiment", "first", "second")
    known = {"panel": letter} | {name: first[name] for name in named} | {"split": split, "layers": layers}
    known |= {"strengths": strengths}
    order = ["arm", "target", "x_axis", "x", "estimate", "low", "high", "interval", "draw_sd"]
    order += ["turned", "turned_low", "turned_high", "items", "images", "undecided", "right", "right_low", "right_high"]
    return Panel(letter, header, title, marks[order].assign(**known)[[*known, *order]])


def draw(panels: dict[str, list[Panel]]) -> Figure:
    """The figure: one block per model, in it a row per letter and dataset, in it a panel per split."""
    keys = sorted({panel.row for shown in panels.values() for panel in shown})
    figure = plotting.new_figure(MODEL_WIDTH * len(panels) + 1.0 / len(panels), ROW_HEIGHT * len(keys) + 0.6)
    grid = figure.add_gridspec(len(keys), WIDE * len(panels))
    scale: dict[tuple[str, str], Axes] = {}  # of a row, the same for all models
    for block, (model, shown) in enumerate(panels.items()):
        for line, key in enumerate(keys):
            row = [panel for panel in shown if panel.row == key]
            for place, panel in enumerate(row):
                left, width = WIDE * block + WIDE * place // len(row), WIDE // len(row)
                axis = figure.add_subplot(grid[line, left : left + width], sharey=scale.get(key))
                scale.setdefault(key, axis)
                draw_panel(axis, panel)
                if place == 0:
                    _head(axis, panel, model if line == 0 else "")
                else:
                    axis.tick_params(labelleft=False)
    columns = 2 if len(panels) == 1 else 4
    arms = [arm for shown in panels.values() for panel in shown for arm in panel.marks["arm"]]
    figure.legend(handles=effects.arm_handles(arms) + _end_handles(), loc="outside lower center", ncols=columns)
    return figure


def draw_panel(axis: Axes, panel: Panel) -> None:
    """Marks of one panel: by target cell with arms side by side (B to D), or first and last target as lines (A, E)."""
    plotting.zero_line(axis)
    if panel.marks["x_axis"].iloc[0] in LABELS:
        _draw_targets(axis, panel.marks)
    else:
        _draw_ends(axis, panel.marks)
    axis.set_title(f"\n{panel.title}", fontsize=6, color=plotting.GREY)


def _draw_targets(axis: Axes, marks: pd.DataFrame) -> None:
    shown = [arm for arm in effects.ARM_LOOKS if arm in set(marks["arm"])]
    cells = sorted(marks["target"].unique())
    for number, arm in enumerate(shown):
        shift = 0.0 if arm == "ids" else DODGE * (number - len(shown) / 2)
        part = marks[marks["arm"] == arm].sort_values("x")
        if arm == "noise":
            effects.draw_spread(axis, part, arm=arm, shift=shift)
        colours = plotting.column_colours(len(cells)) if arm == "ids" else ()
        effects.draw_effect(axis, part, arm=arm, shift=shift, points=colours)
    axis.set_xticks(cells)
    axis.set_xlabel(LABELS[marks["x_axis"].iloc[0]])


def _draw_ends(axis: Axes, marks: pd.DataFrame) -> None:
    for arm, part in marks.groupby("arm"):
        for (_, line), (colour, marker), dash in zip(part.groupby("target"), ENDS, ("-", "--"), strict=False):
            dash = "-" if arm == "ids" else dash
            effects.draw_curve(axis, line, arm=str(arm), dash=dash, end=(colour, marker) if arm == "ids" else None)
    along = marks["x_axis"].iloc[0]
    axis.set_xlabel(along)
    if along == "strength":
        axis.set_xticks(sorted(marks["x"].unique()))
    else:
        axis.xaxis.get_major_locator().set_params(integer=True)


def _head(axis: Axes, panel: Panel, model: str) -> None:
    """The row's letter and header above its first panel; it may run over the next panel's title."""
    bold = {"weight": "bold", "fontsize": 8, "color": plotting.INK}
    above = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
    axis.annotate(panel.letter, (0, 1), (-24, 30), **above, **bold).set_in_layout(False)
    axis.annotate(panel.header, (0, 1), (0, 30), **above, fontsize=7, color=plotting.INK).set_in_layout(False)
    if model:
        axis.annotate(model, (0, 1), (0, 42), **above, **bold)
    first, second = panel.marks.iloc[0][["first", "second"]]
    axis.set_ylabel(f"change of log p({first})\n− log p({second})  (nats)")


def _end_handles() -> list[Line2D]:
    name = effects.ARM_LOOKS["ids"][0]
    return [
        Line2D([], [], color=colour, marker=marker, markersize=3.5, label=f"{name}, {place} (A, E)")
        for (colour, marker), place in zip(ENDS, ("leftmost", "rightmost"), strict=True)
    ]
