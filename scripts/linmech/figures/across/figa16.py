"""Figure A16: nouns moved along either axis of spatial IDs, asked about either direction, in the same scenes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import effects
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import marks, panels
from linmech.statistics.shares import right_text

QUESTIONS = {  # by kind: the experiments along its own axis, and along the other
    "left-right": ("left-right-by-column", "left-right-by-row"),
    "above-below": ("above-below-by-row", "above-below-by-column"),
}
EXPERIMENTS = tuple(name for pair in QUESTIONS.values() for name in pair)
AXES = ("horizontal", "vertical")  # places along x: which axis is moved along
WIDTH, ROW, ROOM = 6.6, 1.9, 0.6


@dataclass(frozen=True)
class Row:
    """A model's two panels, at the `layer` that Figure 6 chose: nats per cell by kind, axis and arm; and per kind the
    other axis' effect over that of its own.
    """

    model: str
    layer: int
    cells: pd.DataFrame
    ratios: pd.DataFrame

    def numbers(self) -> pd.DataFrame:
        """Every mark of the row, and the ratios in its titles."""
        table = pd.concat([self.cells, self.ratios], ignore_index=True).assign(model=self.model, layer=self.layer)
        return table[["model", *[name for name in table if name != "model"]]]


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    depths: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure A16 (section C.3), a row per model, and a csv of every mark.

    `tables`: of displacing, by experiment (EXPERIMENTS); `depths`: its tables of explored images, by which the layer is
    chosen; all `{model}.parquet`. `seed` draws the bootstrap. Raises LinmechError for tables without items or columns,
    and for those that share no scene.
    """
    read = marks.same_scenes({name: ruler.read_displaced(tables[name], name) for name in EXPERIMENTS})
    chance = {own: ruler.read_displaced(tables[own], own, chance=True) for own, _ in QUESTIONS.values()}
    explored = ruler.read_displaced(depths, "depths")
    rows = []
    for model in dict.fromkeys(read[EXPERIMENTS[0]]["model"]):
        own = {name: table[table["model"] == model] for name, table in read.items()}
        layer = ruler.chosen_layer(explored[explored["model"] == model], own[EXPERIMENTS[0]]["layer"])
        runs = {name: table[table["model"] == model] for name, table in chance.items()}
        rows.append(make_row(str(model), layer, own, runs, seed))
    with plotting.style():
        plotting.save_figure(draw(rows), pdf, png, dpi)
    plotting.write_csv(pd.concat([row.numbers() for row in rows]), csv)


def make_row(
    model: str, layer: int, tables: Mapping[str, pd.DataFrame], chance: Mapping[str, pd.DataFrame], seed: int
) -> Row:
    """Reduce a model's tables, about the same scenes, and those of relabelled cells, of the own axes."""
    here = {  # the orthogonal arm is the other axis, which has a table of its own
        name: table[(table["layer"] == layer) & (table["arm"] != "orthogonal")] for name, table in tables.items()
    }
    cells = marks.effects(pd.concat(here.values(), ignore_index=True), ["kind", "axis", "arm"], seed)
    runs = {
        name: table[(table["layer"] == layer) & table["image"].isin(here[name]["image"])]
        for name, table in chance.items()
    }
    ratios = [
        {"kind": kind, "arm": "other axis over own"} | marks.crossover(here[own], here[other], runs[own], seed)
        for kind, (own, other) in QUESTIONS.items()
    ]
    told = pd.DataFrame(ratios).assign(unit="ratio", interval=ruler.INTERVAL)
    return Row(model, layer, cells.assign(place=cells["axis"]), told)


def draw(rows: Sequence[Row]) -> Figure:
    """The figure: a row of two panels per model."""
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(rows))
    grid = figure.subplots(len(rows), len(QUESTIONS), squeeze=False)
    for line, row in zip(grid, rows, strict=True):
        for axis, (kind, letter) in zip(line, zip(QUESTIONS, "AB", strict=True), strict=True):
            shown = row.cells[row.cells["kind"] == kind]
            panels.draw_arms(axis, shown, AXES)
            ratio = row.ratios[row.ratios["kind"] == kind].iloc[0]
            axis.set_ylabel("change of belief\nby a cell (nats)")
            asked = f"{kind.replace('-', ' / ')}: layer {row.layer}, n = {ratio['items']} scenes\n{right_text(ratio)}"
            panels.head(axis, letter, f"{asked}\n{ratio_text(ratio)}")
        line[0].annotate(row.model, (0, 1), (0, 34), **panels.ABOVE, weight="bold", fontsize=8)
    arms = [arm for row in rows for arm in row.cells["arm"]]
    figure.legend(handles=effects.arm_handles(arms), loc="outside lower center", ncols=4)
    return figure


def ratio_text(ratio: pd.Series) -> str:
    """The other axis' effect over that of the own, in words."""
    if not ratio["moves"]:
        return "its own axis does not move it"
    low, high = ratio["low"], ratio["high"]
    return f"other axis over own: {ratio['estimate']:.2f} [{low:.2f}, {high:.2f}]".replace("-", "−")
