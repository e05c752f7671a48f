"""Figure 10: where the answer to a question of time comes from, temporal IDs, and what moving them does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from linmech.figures import effects, fig6_paper
from linmech.figures import ruler_marks as ruler
from linmech.figures import ruler_panels as panels
from linmech.figures import style as plotting
from linmech.figures.fig5 import spread
from linmech.figures.fig6 import turned_text
from linmech.figures.steering_marks import read_tables
from linmech.figures.swaps import marks as swap_marks
from linmech.figures.swaps import panels as swap_panels
from linmech.figures.time import id_panels
from linmech.figures.time.id_marks import TimeIds, read_times

REVERSED, OTHERS = "reverse-frames", ("mirror-frames", "recolour-frames")
SWAPS = (REVERSED, *OTHERS)
DISPLACED = ("time-depths", "before-after", "before-after-reference", "before-after-both")
STEERED = "before-after"
PAGE = {"width": 6.9, "rows": (1.35, 1.15, 1.05, 1.4, 1.1), "height": 10.6}


@dataclass(frozen=True)
class Page:
    """What a model's page shows; `layer` is chosen by the explored videos.

    swaps: marks of `swaps.marks`; times: the temporal IDs of the layers shown; depths, slopes, points, fit, answers and
    paper as in Figure 6.
    """

    model: str
    layer: int
    swaps: pd.DataFrame
    times: Sequence[TimeIds]
    depths: pd.DataFrame
    slopes: pd.DataFrame
    points: pd.DataFrame
    fit: pd.Series
    answers: pd.DataFrame
    paper: Sequence[fig6_paper.Panel]

    def numbers(self) -> pd.DataFrame:
        """Every mark of the page, with the letter of its panel."""
        parts = {"A": [self.swaps], "B": [times.numbers() for times in self.times]}
        parts["C"] = [self.depths, self.slopes, self.points, self.fit.to_frame().T, self.answers]
        tables = [part.assign(panel=letter) for letter, each in parts.items() for part in each]
        tables += [panel.marks.assign(panel="D") for panel in self.paper]
        table = pd.concat(tables, ignore_index=True).assign(model=self.model, chosen_layer=self.layer)
        return table[["model", "panel", *[name for name in table if name not in ("model", "panel")]]]


def plot(
    swapped: Mapping[str, Sequence[str | Path]],
    displaced: Mapping[str, Sequence[str | Path]],
    steered: Sequence[str | Path],
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    layers: int = 4,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 10, a page per model, and a csv of every mark (section 5; Alg 1, Eqs 2-5, Alg 2).

    `swapped` and `displaced`: tables by experiment (SWAPS, DISPLACED); `steered`: of steering's before-after; `ids`:
    files of temporal IDs, of which `layers` are shown, spread evenly over the depth. All are `{model}.parquet`, or
    .h5. `seed` draws the bootstrap. Raises LinmechError for a table without items or columns, and where a model is
    missing in one of them.
    """
    swaps = {name: swap_marks.read_swapped(swapped[name], name) for name in SWAPS}
    moved = {name: ruler.read_displaced(displaced[name], name) for name in DISPLACED}
    alg2, times = read_tables(steered, STEERED), list(read_times(ids, seed))
    pages = [
        make_page(
            str(model), {name: own(table, model) for name, table in swaps.items()},
            {name: own(table, model) for name, table in moved.items()}, part,
            [each for each in times if each.model == model], layers, seed,
        )
        for model, part in alg2.groupby("model", sort=False)
    ]  # fmt: skip
    with plotting.style():
        plotting.save_figure([draw(page) for page in pages], pdf, png, dpi)
    plotting.write_csv(pd.concat([page.numbers() for page in pages]), csv)


def own(table: pd.DataFrame, model: object) -> pd.DataFrame:
    """The rows of one model."""
    return table[table["model"] == model]


def make_page(
    model: str, swaps: Mapping[str, pd.DataFrame], moved: Mapping[str, pd.DataFrame], alg2: pd.DataFrame,
    times: Sequence[TimeIds], layers: int, seed: int,
) -> Page:  # fmt: skip
    """Reduce a model's tables. Raises LinmechError where the explored videos tell no layer."""
    layer = ruler.chosen_layer(moved["time-depths"], moved["before-after"]["layer"], "time-depths", "before-after")
    here = {name: table[table["layer"] == layer] for name, table in moved.items() if name != "time-depths"}
    points = ruler.crossings(here["before-after"])
    fit = {"dataset": points["dataset"].iloc[0]} | ruler.calibration(points, seed) | {"layer": layer}
    answers = [
        ruler.followed(table, ["experiment", "dataset", "tokens", "need", "arm"], seed).assign(layer=layer)
        for table in here.values()
    ]
    by_layer = {each.layer: each for each in times}
    found = [
        swap_marks.make_marks(swaps[name], ("share", "delta") if name == REVERSED else ("delta",), seed)
        for name in SWAPS
    ]
    return Page(
        model, layer, pd.concat(found, ignore_index=True),
        [by_layer[each] for each in spread(sorted(by_layer), layers)],
        ruler.followed(moved["time-depths"], ["layer", "need", "arm"], seed),
        pd.DataFrame(ruler.calibrations(moved["time-depths"], seed)), points, pd.Series(fit),
        pd.concat(answers, ignore_index=True), list(fig6_paper.make_panels(alg2, STEERED, seed, letter="D")),
    )  # fmt: skip


def draw(page: Page) -> Figure:
    """A model's page."""
    figure = plotting.new_figure(PAGE["width"], PAGE["height"])
    grid = figure.add_gridspec(len(PAGE["rows"]), 1, height_ratios=PAGE["rows"])
    draw_swaps(panels.row(figure, grid[0], 1 + len(SWAPS)), page)
    shown = panels.row(figure, grid[1], len(page.times))
    for axis, times in zip(shown, page.times, strict=True):
        id_panels.draw_times(axis, times)
        axis.set_title(id_panels.title(times), fontsize=6)
        axis.set_xlabel("frame")
    shown[0].set_ylabel("place on the axis\nof time (frames)")
    panels.head(shown[0], "B", "temporal IDs, on objects to which the axis was not fitted")
    depths, slopes = panels.row(figure, grid[2], 2)
    panels.draw_depths(depths, page.depths, page.layer)
    panels.draw_slopes(slopes, page.slopes, page.layer)
    panels.head(depths, "C", f"the subject moved in time, on explored videos; layer {page.layer} is shown below")
    widths = [1.4, *[1.0] * len(page.paper)]
    crossed, *paper = [figure.add_subplot(part) for part in grid[3].subgridspec(1, len(widths), width_ratios=widths)]
    panels.draw_crossings(crossed, page.points, page.fit, unit="frames")
    panels.head(crossed, "", f"moved by so many frames (layer {page.layer})")
    draw_paper(paper, page)
    (answers,) = panels.row(figure, grid[4], 1)
    panels.draw_answers(answers, page.answers, by=["dataset", "tokens"])
    panels.head(answers, "", "answers within the video: where the rule asks for a turn, and where for none")
    arms = [*page.answers["arm"], *(arm for panel in page.paper for arm in panel.marks["arm"])]
    selectors = set(page.swaps["selector"]) - {"image and text"}
    legend = (
        swap_panels.handles(selectors) + id_panels.handles(page.times) + effects.arm_handles(arms, ids="temporal IDs")
    )
    figure.legend(handles=legend, loc="outside lower center", ncols=4, fontsize=6)
    plotting.settle(figure)
    for axis, times in zip(shown, page.times, strict=True):
        id_panels.draw_labels(axis, times)
    return figure


def draw_swaps(axes: Sequence, page: Page) -> None:
    """A: shares that the reversed video's residuals carry, and changes in nats of all donors on one scale."""
    shares, *deltas = axes
    first = own_swaps(page, REVERSED)
    swap_panels.draw_shares(shares, first)
    crossing = swap_marks.crossing_text(first).replace(" (", "\n(")
    counts = swap_marks.counts_text(first).replace("; ", "\n")
    shares.set_title(f"{swap_panels.donor_text(first['change'].iloc[0])}\n{counts}\n{crossing}", fontsize=6)
    panels.head(shares, "A", "residuals swapped", page.model)
    for axis, name in zip(deltas, SWAPS, strict=True):
        own_marks = own_swaps(page, name)
        swap_panels.draw_deltas(axis, own_marks)
        counts = swap_marks.counts_text(own_marks).replace("; ", "\n")
        axis.set_title(f"{swap_panels.donor_text(own_marks['change'].iloc[0])}\n{counts}", fontsize=6)
        axis.yaxis.label.set_fontsize(6)
        if axis is not deltas[0]:
            axis.set_ylabel("")
            axis.tick_params(labelleft=False)
    swap_panels.same_scale(deltas)


def draw_paper(axes: Sequence, page: Page) -> None:
    """D: Alg 2, a panel per true answer."""
    for number, (axis, panel) in enumerate(zip(axes, page.paper, strict=True)):
        fig6_paper.draw_panel(axis, panel)
        axis.set_title(f"{panel.title}\n{turned_text(panel.marks, 'frame')}", fontsize=6, color=plotting.GREY)
        axis.set_xlabel("target frame")
        if number == 0:
            panels.head(axis, "D", f"Alg. 2: {panel.header}")
            axis.set_ylabel("change of log p(before)\n− log p(after)  (nats)")


def own_swaps(page: Page, experiment: str) -> pd.DataFrame:
    """The marks of one experiment of swapping."""
    return page.swaps[page.swaps["experiment"] == experiment]
