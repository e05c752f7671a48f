"""Figure 6: nouns moved along the axes of spatial IDs, by so many cells; beliefs must follow, and follow no control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from linmech.figures import effects, fig6_paper
from linmech.figures import ruler_marks as ruler
from linmech.figures import ruler_panels as panels
from linmech.figures import style as plotting
from linmech.figures.steering_marks import read_tables

EXPERIMENTS = ("depths", "left-right", "reference", "both", "near-far", "in-between")
PAGE = {"width": 6.6, "rows": (1.15, 1.5, 1.25, 1.25, 1.25), "height": 10.2}


@dataclass(frozen=True)
class Block:
    """What a model's page shows: `layer` chosen by the explored images, and the tables behind its panels.

    depths: follows by layer, need and arm; slopes: calibration by layer; points: crossings at the layer; fits:
    calibration by data set at the layer; answers: follows at the layer by experiment, data set, need and arm; paper:
    panels of Alg 2.
    """

    model: str
    layer: int
    depths: pd.DataFrame
    slopes: pd.DataFrame
    points: pd.DataFrame
    fits: pd.DataFrame
    answers: pd.DataFrame
    paper: Sequence[fig6_paper.Panel]

    def numbers(self) -> pd.DataFrame:
        """Every mark of the page, with the letter of its panel."""
        parts = {"A": [self.depths, self.slopes], "B": [self.points, self.fits], "": [self.answers]}
        tables = [part.assign(panel=letter or part["panel"]) for letter, each in parts.items() for part in each]
        tables += [panel.marks.assign(panel="C") for panel in self.paper]
        table = pd.concat(tables, ignore_index=True).assign(model=self.model, chosen_layer=self.layer)
        return table[["model", "panel", *[name for name in table if name not in ("model", "panel")]]]


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    steered: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 6, a page per model, and a csv of every mark (experiments.md 1.3, beside the paper's Alg. 2).

    `tables`: of displacing, by experiment (EXPERIMENTS); `steered`: of steering's left-right; all `{model}.parquet`.
    `seed` draws the bootstrap. Raises LinmechError for a table without items or columns.
    """
    read = {name: ruler.read_displaced(tables[name], name) for name in EXPERIMENTS}
    alg2 = read_tables(steered, "left-right")
    blocks = [
        make_block(model, {name: table[table["model"] == model] for name, table in read.items()}, part, seed)
        for model, part in alg2.groupby("model", sort=False)
    ]
    with plotting.style():
        plotting.save_figure([draw(block, reach_of(blocks)) for block in blocks], pdf, png, dpi)
    plotting.write_csv(pd.concat([block.numbers() for block in blocks]), csv)


def make_block(model: str, tables: Mapping[str, pd.DataFrame], alg2: pd.DataFrame, seed: int) -> Block:
    """Reduce a model's tables. Raises LinmechError where the explored images tell no layer."""
    layer = ruler.chosen_layer(tables["depths"], tables["left-right"]["layer"])
    here = {name: table[table["layer"] == layer] for name, table in tables.items() if name != "depths"}
    points = ruler.crossings(here["left-right"])
    fits = [{"dataset": name} | ruler.calibration(part, seed) for name, part in points.groupby("dataset", sort=False)]
    answers = [
        ruler.followed(table, ["experiment", "dataset", "tokens", "need", "arm"], seed).assign(layer=layer)
        for table in here.values()
    ]
    letters = {"near-far": "D", "in-between": "E"}
    together = pd.concat(answers, ignore_index=True)
    return Block(
        model, layer,
        ruler.followed(tables["depths"], ["layer", "need", "arm"], seed),
        pd.DataFrame(ruler.calibrations(tables["depths"], seed)),
        points, pd.DataFrame(fits).assign(layer=layer),
        together.assign(panel=[letters.get(name, "B") for name in together["experiment"]]),
        list(fig6_paper.make_panels(alg2, "left-right", seed)),
    )  # fmt: skip


def reach_of(blocks: Sequence[Block]) -> tuple[float, float]:
    """What the panels of Alg 2 show, least and most, the same for all models (nats)."""
    marks = pd.concat([panel.marks for block in blocks for panel in block.paper])
    least, most = (
        min(0.0, marks[["estimate", "low"]].min(axis=None)),
        max(0.0, marks[["estimate", "high"]].max(axis=None)),
    )
    room = 0.05 * (most - least or 1.0)
    return least - room, most + room


def draw(block: Block, reach: tuple[float, float]) -> Figure:
    """A model's page; `reach`: of the panels of Alg 2 (`reach_of`)."""
    figure = plotting.new_figure(PAGE["width"], PAGE["height"])
    grid = figure.add_gridspec(len(PAGE["rows"]), 1, height_ratios=PAGE["rows"])
    depths, slopes = panels.row(figure, grid[0], 2)
    panels.draw_depths(depths, block.depths, block.layer)
    panels.draw_slopes(slopes, block.slopes, block.layer)
    panels.head(depths, "A", f"every layer, on explored images; layer {block.layer} is shown below", block.model)
    for number, (axis, fit) in enumerate(
        zip(panels.row(figure, grid[1], len(block.fits)), _rows(block.fits), strict=True)
    ):
        panels.draw_crossings(axis, block.points[block.points["dataset"] == fit["dataset"]], fit)
        if number == 0:
            panels.head(
                axis, "B", f"left / right, the subject moved by so many cells along the axis (layer {block.layer})"
            )
    (answers,) = panels.row(figure, grid[2], 1)
    panels.draw_answers(answers, block.answers[block.answers["panel"] == "B"], by=["dataset", "tokens"])
    panels.head(answers, "", "answers inside the picture: where the rule asks for a turn, and where for none")
    for number, (axis, panel) in enumerate(
        zip(panels.row(figure, grid[3], len(block.paper)), block.paper, strict=True)
    ):
        fig6_paper.draw_panel(axis, panel)
        axis.set_title(f"{panel.title}\n{turned_text(panel.marks)}", fontsize=6, color=plotting.GREY)
        axis.set_ylim(reach)
        first = number == 0
        if first or panel.header != block.paper[number - 1].header:
            panels.head(axis, "C" if first else "", f"{'the paper’s Alg. 2: ' * first}{panel.header}")
        if first:
            axis.set_ylabel("change of log p(left)\n− log p(right)  (nats)")
    for letter, axis in zip("DE", panels.row(figure, grid[4], 2), strict=True):
        marks = block.answers[block.answers["panel"] == letter]
        panels.draw_answers(axis, marks, by=[])
        panels.head(
            axis, letter, f"{marks['experiment'].iloc[0].replace('-', ' / ' if letter == 'D' else '-')}, subject moved"
        )
    arms = [*block.answers["arm"], *(arm for panel in block.paper for arm in panel.marks["arm"])]
    handles = [*effects.arm_handles(arms), Patch(color=plotting.FAINT, label="bands, bars: 95 % by image")]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def turned_text(marks: pd.DataFrame, target: str = "column") -> str:
    """Which target turns most items of a panel of Alg 2, and what share."""
    most = marks[marks["arm"] == "ids"].sort_values("turned").iloc[-1]
    low, high = (100 * most[name] for name in ("turned_low", "turned_high"))
    return f"{target} {int(most['target'])} turns {most['turned']:.0%} [{low:.0f}, {high:.0f}]"


def _rows(table: pd.DataFrame) -> list[pd.Series]:
    return [row for _, row in table.iterrows()]
