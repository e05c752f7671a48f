"""Which code is it? The code that each model's spatial IDs show at every layer, beside what it was taught."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.ids.files import load_ids
from linmech.ids.positional import copies
from linmech.parquet import read_parquet

CODES = {"linear": "#0072B2", "curved": "#56B4E9", "categorical": "#E69F00", "none": "#e4e4e4"}
MARKS = {
    "reproduced": ("shared with other objects", plotting.INK, "o"),
    "r2": ("on the coordinates", CODES["linear"], "s"),
    "left_out": ("a column or row left out", "#009E73", "D"),
    "chance": ("coordinates of shuffled cells, 97.5 %", plotting.GREY, "|"),
    "own_left_out": ("cells left out, by the tower's positions", "#D55E00", "x"),
    "smooth_high": ("..., by smooth ones (largest)", "#CC79A7", "|"),
}
COPIED = "X"  # the mark of a code that is a copy of the tower's positions
ROW, ROOM, WIDTH = 0.3, 1.6, 6.6
FLOOR = -1.0  # of the R2 that are drawn; what is less stands there


def plot(
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    truths: Mapping[str, str] | None = None,
    positions: Sequence[str | Path] = (),
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw the codes of all models in `ids` (files of derive_ids), a row each, and a csv of every layer.

    `truths`: what is known of a model's code, by its name. `positions`: tables of derive_positions, of models whose
    codes may be a copy of their towers' positions (`positional.copies`). Raises LinmechError where a file lacks a
    statistic.
    """
    if not ids:
        raise LinmechError("figure codes was given no files of IDs: run derive_ids for at least one model")
    table = pd.concat([read_codes(path) for path in ids], ignore_index=True)
    table = table.merge(read_copies(positions), on=["model", "layer"], how="left")
    known = table["own_left_out"].notna() & (table["code"] != "none")
    table["copied"] = table["copied"].astype("boolean").where(known)
    table["truth"] = [(truths or {}).get(model, "") for model in table["model"]]
    with plotting.style():
        plotting.save_figure(draw(table), pdf, png, dpi)
    plotting.write_csv(table, csv)


def read_codes(path: str | Path) -> pd.DataFrame:
    """A row per layer of a file of IDs: the named code and what it was named by; `shown` = its layer in the figure.

    That is the layer whose IDs other objects reproduce best. Raises LinmechError if a statistic is absent.
    """
    try:
        table = pd.DataFrame([_row(layer, ids) for layer, ids in load_ids(path).items()])
    except (KeyError, TypeError) as error:
        raise LinmechError(f"{path}: no statistic {error}: delete the file and run derive_ids again") from error
    best = table["reproduced"].fillna(-np.inf).idxmax()
    return table.assign(shown=table.index == best)


def read_copies(paths: Sequence[str | Path]) -> pd.DataFrame:
    """A row per model and layer of tables of derive_positions: `positional.copies`, and how positions are told."""
    parts = [
        pd.DataFrame(columns=["model", "layer", "positions", "own_left_out", "smooth_high", "smooth_draws", "copied"])
    ]
    for path in paths:
        table = read_parquet(path)
        if missing := {"design", "left_out", "model", "positions"} - set(table):
            raise LinmechError(f"{path}: has no {min(missing)}: delete the file and run derive_positions again")
        known = {name: table[name].iloc[0] for name in ("model", "positions")}
        parts.append(copies(table).assign(**known))
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]


def _row(layer: int, ids: object) -> dict:
    found = ids.statistics["shape"]
    row = {
        "model": ids.model,
        "layer": layer,
        "code": found["code"],
        "reproduced": found["reproduced"],
        "r2": found["r2"],
    }
    if found["r2"] is None:
        return row
    row |= {
        "length": found["length"],
        "chance": found["r2_shuffled"]["high"],
        "left_out": float(np.mean(found["left_out"])),
    }
    row |= {f"degree_{1 + at}": value for at, value in enumerate(np.mean(found["contrasts"], axis=0))}
    return row | {"interaction": found["interaction"]}


def draw(table: pd.DataFrame) -> Figure:
    """Left: a square per layer; right: the statistics of the layer that is shown."""
    models = list(dict.fromkeys(table["model"]))
    figure = plotting.new_figure(WIDTH, ROOM + ROW * len(models))
    squares, marks = figure.subplots(1, 2, sharey=True, width_ratios=(1.2, 1))
    draw_squares(squares, table, models)
    draw_marks(marks, table[table["shown"]], models)
    found = [code for code in CODES if code in set(table["code"])]
    handles = [Rectangle((0, 0), 1, 1, color=CODES[code], label=code) for code in found]
    if table["copied"].eq(True).any():
        handles.append(Line2D([], [], color=plotting.INK, marker=COPIED, linestyle="", label="copied from the tower"))
    drawn = [name for name in MARKS if name in table and table[name].notna().any()]
    handles += [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=label)
        for label, colour, marker in (MARKS[name] for name in drawn)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def draw_squares(axis: Axes, table: pd.DataFrame, models: Sequence[str]) -> None:
    """The code at each layer, by its colour; what is known beside the model's name."""
    for row in table.itertuples():
        place = (row.layer - 0.45, models.index(row.model) - 0.4)
        edge = plotting.INK if row.shown else "none"
        axis.add_patch(Rectangle(place, 0.9, 0.8, facecolor=CODES[row.code], edgecolor=edge, linewidth=1))
        if pd.notna(row.copied) and row.copied:
            axis.plot([row.layer], [models.index(row.model)], COPIED, color=plotting.INK, markersize=4.5)
    truths = table.drop_duplicates("model").set_index("model")["truth"]
    names = [f"{model}\n{truths[model]}" if truths[model] else model for model in models]
    axis.set_yticks(range(len(models)), names)
    axis.set(xlim=(-0.6, table["layer"].max() + 0.6), ylim=(len(models) - 0.4, -0.6), xlabel="layer")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set_title("the code of the IDs, by layer (framed: shown right)")


def draw_marks(axis: Axes, shown: pd.DataFrame, models: Sequence[str]) -> None:
    """What the code was named by, at one layer a model; values below FLOOR stand at it."""
    for name, (_, colour, marker) in MARKS.items():
        part = shown.dropna(subset=name) if name in shown else shown.iloc[:0]
        places = [models.index(model) for model in part["model"]]
        axis.plot(part[name].clip(lower=FLOOR) if len(part) else [], places, marker, color=colour, markersize=4)
    for edge in (0, 1):
        axis.axvline(edge, color=plotting.FAINT, linewidth=0.6, zorder=0)
    axis.set(xlim=(FLOOR - 0.05, 1.05), xlabel="R² of the IDs of held-out objects", xticks=(-1, -0.5, 0, 0.5, 1))
    axis.tick_params(axis="y", left=False)
