"""Figure 5: spatial IDs and the words of space in the plane of the horizontal and the vertical axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from linmech.errors import LinmechError
from linmech.figures import id_grids
from linmech.figures import style as plotting
from linmech.ids.axes import project, project_words
from linmech.ids.files import Ids, load_ids

WORDS = ("left", "right", "above", "below")
PANEL = 1.75
AXES = ("horizontal", "vertical")
ABOVE = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}


@dataclass(frozen=True)
class IdGrid:
    """One panel: where the IDs and words of one model and layer lie in the plane of the axes, in cells.

    `words` by reading, drawn at `word_scale` times their place, so that the grid stays readable. `quality` says what
    shape the IDs have of objects that the axes were not fitted to (`shape.shape`, `plane.statistics`); NaN = undefined.
    """

    model: str
    layer: int
    points: Float[np.ndarray, "column row axis=2"]
    words: dict[str, dict[str, Float[np.ndarray, " axis=2"]]]
    word_scale: float
    quality: dict[str, float]


def plot(
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    panels: int = 4,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Fig. 5 (section 2.2): one row of panels per model, one panel per layer, and a csv with every plotted number.

    `ids` are files of derive_ids, one per model; layers are read out of them. Each model shows `panels` layers,
    spread evenly over the depth of `ids`. Raises LinmechError if there is nothing to show.
    """
    grids = chosen_grids([grid for path in ids for grid in read_grids(path)], panels)
    with plotting.style():
        plotting.save_figure(draw(grids), pdf, png, dpi)
    plotting.write_csv(pd.concat([numbers(grid) for grid in grids]), csv)


def draw(grids: Sequence[IdGrid]) -> Figure:
    """The figure: a row of panels per model, in the order of `grids`."""
    rows = {grid.model: [other for other in grids if other.model == grid.model] for grid in grids}
    wide = max(map(len, rows.values()))
    figure = plotting.new_figure(PANEL * wide + 0.2, (PANEL + 0.6) * len(rows) + 0.35)
    frame = figure.add_gridspec(len(rows), wide)
    panels = []
    for line, (model, shown) in enumerate(rows.items()):
        for place, grid in enumerate(shown):
            axis = figure.add_subplot(frame[line, place])
            draw_panel(axis, grid)
            axis.set_xlabel(", ".join(filter(None, ["horizontal", scale_text(grid)])))
            panels.append((axis, grid))
            if place == 0:
                axis.set_ylabel("vertical")
                axis.annotate(model, (0, 1), (0, 34), **ABOVE, weight="bold", fontsize=8)
    columns, cells, _ = grids[0].points.shape
    handles = id_grids.grid_handles(columns, cells) + id_grids.word_handles(grids[0].words)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    plotting.settle(figure, lambda: frame_panels(panels))
    for axis, grid in panels:
        id_grids.draw_words(axis, scaled_words(grid), grid.points)
    return figure


def read_grids(path: str | Path) -> list[IdGrid]:
    """The panels that a file of derive_ids holds, layer by layer. Raises LinmechError if it lacks a statistic."""
    try:
        return [grid_of(ids) for ids in load_ids(path).values()]
    except (KeyError, TypeError) as error:
        raise LinmechError(f"{path}: no statistic {error}: delete the file and run derive_ids again") from error


def grid_of(ids: Ids, shown: Sequence[str] = WORDS) -> IdGrid:
    """The panel of one layer with some words of space. Raises KeyError or TypeError if it lacks a statistic."""
    words = {}
    for reading, read in ids.words.items():
        places = project_words({word: read[word] for word in shown if word in read}, ids.axes)
        words[reading] = places if ids.axes.any() else {}
    points = project(ids.ids, ids.axes)
    every = [place for places in words.values() for place in places.values()]
    scale = id_grids.word_scale(points, np.array(every).reshape(-1, 2))
    return IdGrid(ids.model, ids.layer, points, words, scale, read_quality(ids.statistics))


def read_quality(statistics: Mapping) -> dict[str, float]:
    """The statistics that go into the figure and its csv, None as NaN; `_high` = 97.5th percentile of the control."""
    shape, random = statistics["shape"], statistics["random"].get("high", {})
    found = {"r2_held_out": shape["r2"], "r2_shuffled_high": (shape["r2_shuffled"] or {}).get("high")}
    contrasts, left_out = shape["contrasts"] or [], shape["left_out"] or []
    for number, axis in enumerate(AXES):
        shares = contrasts[number] if contrasts else []
        found |= {f"left_out_{axis}": left_out[number] if left_out else None}
        found |= {
            f"{name}_{axis}": shares[degree] if degree < len(shares) else None
            for degree, name in enumerate(("linear", "quadratic", "cubic"))
        }
    found |= {"interaction": shape["interaction"]}
    found |= {"plane_share_held_out": statistics["plane_share"], "plane_share_random_high": random.get("plane_share")}
    found |= {"cosine_held_out": statistics["cosine_held_out"], "cosine": statistics["cosine"]}
    roles = statistics["roles_cosine"] or [None] * len(AXES)
    found |= {f"roles_cosine_{axis}": value for axis, value in zip(AXES, roles, strict=False)}
    return {name: float("nan") if value is None else float(value) for name, value in found.items()}


def chosen_grids(grids: Sequence[IdGrid], panels: int) -> list[IdGrid]:
    """The grids to show, in order of model (as first given) and layer."""
    chosen = []
    for model in dict.fromkeys(grid.model for grid in grids):
        mine = {grid.layer: grid for grid in grids if grid.model == model}
        chosen += [mine[layer] for layer in spread(sorted(mine), panels)]
    if not chosen:
        raise LinmechError("figure 5 was given no files of IDs: run derive_ids for at least one model and layer")
    return chosen


def spread(layers: Sequence[int], panels: int) -> list[int]:
    """At most `panels` of the sorted `layers`, evenly over the depth; layer 0 (no image seen yet) only if alone."""
    deep = [layer for layer in layers if layer > 0] or list(layers)
    places = np.linspace(0, len(deep) - 1, min(panels, len(deep)))
    return [deep[int(place + 0.5)] for place in places]


def scaled_words(grid: IdGrid) -> dict[str, dict[str, np.ndarray]]:
    """Where the words of each reading are drawn: their projections times the panel's word scale."""
    return {
        reading: {word: place * grid.word_scale for word, place in places.items()}
        for reading, places in grid.words.items()
    }


def draw_panel(axis: Axes, grid: IdGrid, size: float = 16.0) -> None:
    """IdGrid, frame and title of one panel; words are marked and labelled later, when the layout is settled."""
    id_grids.draw_grid(axis, grid.points, size)
    axis.axhline(0, color=plotting.FAINT, linewidth=0.5, zorder=0)
    axis.axvline(0, color=plotting.FAINT, linewidth=0.5, zorder=0)
    frame_panel(axis, grid)
    axis.set_title(f"layer {grid.layer}\n{quality_text(grid)}")
    axis.locator_params(nbins=4, integer=True)


def frame_panel(axis: Axes, grid: IdGrid) -> None:
    """Limits that show all cells and words of a panel."""
    places = [place for words in scaled_words(grid).values() for place in words.values()]
    drawn = [grid.points.reshape(-1, 2), *(place[None] for place in places)]
    id_grids.frame_grid(axis, np.concatenate(drawn))


def frame_panels(panels: Sequence[tuple[Axes, IdGrid]]) -> None:
    """`frame_panel` for each of them."""
    for axis, grid in panels:
        frame_panel(axis, grid)


def quality_text(grid: IdGrid) -> str:
    """What a panel's title says below its layer."""
    r2, chance, out = (grid.quality[name] for name in ("r2_held_out", "r2_shuffled_high", "left_out_horizontal"))
    if np.isnan(r2):
        return "no IDs"
    return f"R² {r2:.2f} (chance {chance:.2f})\nleft out {out:.2f}".replace("-", "−")


def scale_text(grid: IdGrid) -> str:
    """How the words are scaled, if they are."""
    return "" if grid.word_scale == 1 else f"words ×{grid.word_scale:g}"


def numbers(grid: IdGrid) -> pd.DataFrame:
    """All numbers of a panel, a row per cell (`point` "cell") and word (its reading); drawn_* = after words' scale."""
    columns, rows, _ = grid.points.shape
    cells = [
        ("cell", "", column, row, grid.points[column, row], 1.0) for column in range(columns) for row in range(rows)
    ]
    words = [
        (reading, word, -1, -1, place, grid.word_scale)
        for reading, places in grid.words.items()
        for word, place in places.items()
    ]
    table = [
        {"model": grid.model, "layer": grid.layer, "point": point, "word": word, "column": column, "row": row}
        | {"horizontal": place[0], "vertical": place[1], "scale": scale}
        | {"drawn_horizontal": place[0] * scale, "drawn_vertical": place[1] * scale}
        for point, word, column, row, place, scale in cells + words
    ]
    return pd.DataFrame(table).assign(**grid.quality)
