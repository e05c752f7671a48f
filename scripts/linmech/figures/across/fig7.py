"""Figure 7: nouns moved in height; asked of the same scenes: above or below, in front or behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.figure import Figure

from linmech.errors import LinmechError
from linmech.figures import effects, fig5, id_grids
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import compared, marks, panels
from linmech.ids.files import Ids, load_ids
from linmech.statistics.shares import right_text

EXPERIMENTS = ("above-below-by-row", "front-behind-by-row")
WORDS = ("above", "below", "front", "behind")
WIDTH, HEIGHT = 6.6, 4.7


@dataclass(frozen=True)
class Block:
    """What a model's page shows, at the `layer` that Figure 6 chose by explored images.

    doses: change of belief by displacement and kind, own axis; cells: nats per cell by kind and arm; chance: of
    relabelled cells; turned: share of answers by place and arm; words: where the words of height and depth lie in the
    plane of the axes; ratios: the crossover at every layer.
    """

    model: str
    layer: int
    doses: pd.DataFrame
    cells: pd.DataFrame
    chance: pd.DataFrame
    turned: pd.DataFrame
    words: fig5.IdGrid
    ratios: pd.DataFrame

    def numbers(self) -> pd.DataFrame:
        """Every mark of the page and of the comparison, with the letter of its panel."""
        cells = pd.concat([self.cells, self.chance], ignore_index=True)
        parts = {"A": self.ratios, "B": self.doses, "C": cells, "D": self.turned, "E": words_table(self.words)}
        table = pd.concat([part.assign(panel=letter) for letter, part in parts.items()], ignore_index=True)
        table = table.assign(model=self.model, chosen_layer=self.layer)
        return table[["model", "panel", *[name for name in table if name not in ("model", "panel")]]]


def plot(
    tables: Mapping[str, Sequence[str | Path]],
    depths: Sequence[str | Path],
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    rhos: Mapping[str, float] | None = None,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure 7 (section 4.1): a page that compares the models, a page for each, and a csv of every mark.

    `tables`: of displacing, by experiment (EXPERIMENTS); `depths`: its tables of explored images, by which the layer is
    chosen; all `{model}.parquet`. `ids`: files of derive_ids. `rhos`: by model, how often the lower of two things was
    the nearer one where it was trained, where that is known. `seed` draws the bootstrap. Raises LinmechError for tables
    without items or columns, that share no scene, and for models without IDs.
    """
    read = marks.same_scenes({name: ruler.read_displaced(tables[name], name) for name in EXPERIMENTS})
    chance = marks.same_scenes({name: ruler.read_displaced(tables[name], name, chance=True) for name in EXPERIMENTS})
    explored = ruler.read_displaced(depths, "depths")
    found = {path.stem: path for path in map(Path, ids)}
    blocks = []
    for model, above in read[EXPERIMENTS[0]].groupby("model", sort=False):
        if model not in found:
            raise LinmechError(f"figure 7 has no file of IDs of model {model}: run derive_ids for it")
        own, by_chance = ([table[table["model"] == model] for table in each.values()] for each in (read, chance))
        layer = ruler.chosen_layer(explored[explored["model"] == model], above["layer"])
        blocks.append(make_block(str(model), layer, own, by_chance, load_ids(found[str(model)])[layer], seed))
    known = dict(rhos or {})
    with plotting.style():
        first = compared.draw(pd.concat([block.ratios.assign(model=block.model) for block in blocks]), known)
        plotting.save_figure([first, *(draw(block) for block in blocks)], pdf, png, dpi)
    numbers = pd.concat([block.numbers() for block in blocks], ignore_index=True)
    plotting.write_csv(numbers.assign(rho=numbers["model"].map(known)), csv)


def make_block(
    model: str, layer: int, tables: Sequence[pd.DataFrame], chance: Sequence[pd.DataFrame], ids: Ids, seed: int
) -> Block:
    """Reduce a model's tables of the two questions, about the same scenes, and those of relabelled cells."""
    here, by_chance = (pd.concat([table[table["layer"] == layer] for table in each]) for each in (tables, chance))
    ratios = []
    for number in sorted(tables[0]["layer"].unique()):
        own, runs = ([table[table["layer"] == number] for table in each] for each in (tables, chance))
        found = marks.crossover(*own, runs[0], seed) | {"by_chance": marks.ratio_by_chance(*runs)}
        ratios.append({"layer": number, "shown": number == layer} | found)
    turned = marks.turned(here, ["kind", "arm"], seed)
    named = zip(turned["kind"], turned["need"], strict=True)
    return Block(
        model, layer, marks.doses(here[here["arm"] == ruler.OWN], ["kind"], seed),
        marks.effects(here, ["kind", "arm"], seed).assign(place=lambda table: table["kind"]),
        marks.chances(by_chance, ["kind"]).assign(place=lambda table: table["kind"]),
        turned.assign(place=[f"{kind}\nmust {need}" for kind, need in named]),
        fig5.grid_of(ids, WORDS), pd.DataFrame(ratios).assign(unit="ratio", interval=ruler.INTERVAL),
    )  # fmt: skip


def draw(block: Block) -> Figure:
    """A model's page."""
    figure = plotting.new_figure(WIDTH, HEIGHT)
    (doses, cells), (turned, words) = figure.subplots(2, 2)
    panels.draw_doses(doses, block.doses)
    n = int(block.doses["items"].max())
    asked = block.doses.drop_duplicates("kind")
    told = f"n = {n} scenes, both questions asked of each"
    told += "".join(f"\n{row['kind'].replace('-', ' / ')} {right_text(row)}" for _, row in asked.iterrows())
    panels.head(doses, "B", f"along the IDs' vertical axis, layer {block.layer}\n{told}")
    doses.annotate(block.model, (0, 1), (0, 44), **panels.ABOVE, weight="bold", fontsize=8)
    kinds = [kind for kind in panels.QUESTIONS if kind in set(block.cells["kind"])]
    panels.draw_arms(cells, block.cells, kinds)
    panels.draw_chance(cells, block.chance, kinds)
    cells.set_ylabel("change of belief\nby a cell down (nats)")
    panels.head(cells, "C", "the same by control, of equal size")
    places = [f"{kind}\nmust {need}" for kind in kinds for need in ("turn", "stay")]
    own = block.turned[block.turned["arm"] == ruler.OWN].set_index("place")
    there = [place for place in places if place in own.index]
    panels.draw_arms(turned, block.turned, there)
    told = {place: right_text(own.loc[place]).replace(" [", "\n[") for place in there}
    turned.set_xticklabels([f"{place}\nn = {own['items'][place]}\n{told[place]}" for place in there])
    turned.tick_params(axis="x", labelsize=5)
    turned.set(ylim=(-0.05, 1.05), ylabel="answers that turn")
    panels.head(turned, "D", "inside the picture; height may not turn front / behind")
    fig5.frame_panel(words, block.words)
    id_grids.draw_grid(words, block.words.points, size=8)
    scale = fig5.scale_text(block.words)
    words.set(xlabel=", ".join(filter(None, ["horizontal (cells)", scale])), ylabel="vertical (cells)")
    panels.head(words, "E", words_text(block.words))
    handles = panels.question_handles() + effects.arm_handles(list(block.cells["arm"]))
    handles += [
        panels.chance_handle(int(block.chance["relabellings"].max())),
        *id_grids.word_handles(block.words.words),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    plotting.settle(figure, lambda: fig5.frame_panel(words, block.words))
    id_grids.draw_words(words, fig5.scaled_words(block.words), block.words.points)
    return figure


def spans(places: Mapping[str, Float[np.ndarray, " axis=2"]]) -> dict[str, float]:
    """From above to below and from front to behind along the vertical axis, in cells; {} where a word was not read."""
    if not set(WORDS) <= set(places):
        return {}
    above, below, front, behind = (float(places[word][1]) for word in WORDS)
    return {"above_to_below": below - above, "front_to_behind": behind - front}


def words_text(grid: fig5.IdGrid) -> str:
    """How depth's words lie along the axis of height, in words."""
    found = {reading: spans(places) for reading, places in grid.words.items()}
    ways = {"above_to_below": "above to below", "front_to_behind": "front to behind"}
    told = {way: [f"{span[way]:.2f} ({reading})" for reading, span in found.items() if span] for way in ways}
    lines = [f"{ways[way]}: {', '.join(values)}" for way, values in told.items() if values]
    return "\n".join(lines).replace("-", "−").replace("seen−", "seen-") or "no words of depth read"


def words_table(grid: fig5.IdGrid) -> pd.DataFrame:
    """A row per reading and word: its place in the plane, in cells, and the `spans` of the reading."""
    rows = [
        {"layer": grid.layer, "reading": reading, "word": word, "horizontal": place[0], "vertical": place[1]}
        | {"scale": grid.word_scale, "unit": "cells"}
        | spans(places)
        for reading, places in grid.words.items()
        for word, place in places.items()
    ]
    return pd.DataFrame(rows)
