"""Figure 2: two nouns exchange places against each model's own belief; how many beliefs follow, beside controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import effects
from linmech.figures import style as plotting
from linmech.figures.exchange import marks as numbers
from linmech.figures.exchange import panels
from linmech.statistics.shares import right_text

WIDTH, ROW, ROOM = 6.6, 0.42, 1.4  # of the page that compares models, a row each (inches)
ACROSS, BLOCKS, BLOCK, LEGEND = 3, 2, 3.0, 0.7  # of the pages of curves: models across and down, inches of a block


@dataclass(frozen=True)
class Marks:
    """curves: swaps by dose; gaps: by bin of |gap| at dose 1; contrasts: IDs less controls; paper: its own estimate.

    All but the last at the chosen layer, on the images that did not choose it.
    """

    curves: pd.DataFrame
    gaps: pd.DataFrame
    contrasts: pd.DataFrame
    paper: pd.DataFrame

    @property
    def models(self) -> list[str]:
        """The models in the order of their tables."""
        return list(dict.fromkeys(self.contrasts["model"]))

    def numbers(self) -> pd.DataFrame:
        """Every mark of the figure, with the letter of its panel."""
        at = self.curves[self.curves["against"] & (self.curves["size"] == numbers.DOSE)]
        parts = [("A", at), ("B", self.contrasts.assign(what="ours")), ("B", self.paper.assign(what="the paper's"))]
        parts += [("C", self.curves), ("D", self.gaps)]
        table = pd.concat([part.assign(panel=letter) for letter, part in parts], ignore_index=True)
        return table[["panel", "model", *[name for name in table if name not in ("panel", "model")]]]


def plot(
    tables: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 2 (sections 2 and A.5), a page that compares models and pages of curves, and a csv of every mark.

    `tables` of displacing's adversarial, `{model}.parquet`; `seed` halves the images and draws the bootstrap. Raises
    what `read_exchanges` raises.
    """
    found = make_marks(tables, seed)
    with plotting.style():
        plotting.save_figure(draw(found), pdf, png, dpi)
    plotting.write_csv(found.numbers(), csv)


def make_marks(tables: Sequence[str | Path], seed: int) -> Marks:
    """Reduce the tables of all models."""
    table = numbers.read_exchanges(tables)
    shown = numbers.measured(table, seed)
    reduced = (reduce(shown, seed) for reduce in (numbers.curves, numbers.by_gap, numbers.contrasts))
    return Marks(*reduced, numbers.by_the_paper(table, seed))


def draw(found: Marks) -> list[Figure]:
    """The page that compares models, then as many pages of curves as they need."""
    size = ACROSS * BLOCKS
    return [overview(found), *(curves(found, found.models[at : at + size]) for at in range(0, len(found.models), size))]


def overview(found: Marks) -> Figure:
    """A row per model: swaps at dose 1 by arm (A); IDs less noise, ours and the paper's (B)."""
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(found.models))
    swaps, differences = figure.subplots(1, 2, sharey=True, width_ratios=(1.25, 1))
    at = found.curves[found.curves["against"] & (found.curves["size"] == numbers.DOSE)]
    panels.draw_arms(swaps, at, found.models)
    tested = found.contrasts.drop_duplicates("model").set_index("model")
    named = [
        f"{model}\nlayer {row['layer']}, {panels.p_text(row['p_holm'])}\n{right_text(row)}"
        for model, row in tested.iterrows()
    ]
    swaps.set_yticks(range(len(named)), named)
    swaps.set_title(f"A   nouns exchanged (dose 1), n = {int(at['items'].max())}")
    panels.draw_differences(differences, found.contrasts, found.paper, found.models)
    differences.set_title("B   spatial IDs less Gaussian noise")
    handles = [*effects.arm_handles(list(at["arm"])), *panels.difference_handles(found.paper)]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def curves(found: Marks, models: Sequence[str]) -> Figure:
    """A block per model: swaps by dose (C) and, at dose 1, by |gap| (D)."""
    across = min(ACROSS, len(models))
    down = -(-len(models) // across)
    figure = plotting.new_figure(WIDTH, LEGEND + BLOCK * down)
    axes = figure.subplots(2 * down, across, squeeze=False, sharey=True)
    for number in range(across * down):
        above, below = (axes[2 * (number // across) + part, number % across] for part in (0, 1))
        if number >= len(models):
            above.set_axis_off()
            below.set_axis_off()
            continue
        model = models[number]
        own = found.curves[found.curves["model"] == model]
        panels.draw_doses(above, own)
        panels.draw_gaps(below, found.gaps[found.gaps["model"] == model])
        told = found.contrasts[found.contrasts["model"] == model].iloc[0]
        head = f"{model}, layer {told['layer']}\n{right_text(told)}"
        above.set_title(f"C   {head}" if number == 0 else head)
        below.set_title("D   dose 1, by how far they stand apart" if number == 0 else "")
        if number % across == 0:
            above.set_ylabel("beliefs swapped")
            below.set_ylabel("beliefs swapped")
    handles = [*effects.arm_handles(list(found.curves["arm"])), panels.TOWARDS]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure
