"""The tables behind the explorer: of each figure's csv the columns that are shown, each value as it stands there."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.statistics.verdicts import PARTS

SWAPS = ("fig4", "figa6-a7", "figa14-a15")  # of one grammar: they become one table
_MARK = ("estimate", "low", "high", "items", "undecided")
_PARTS = tuple(f"{part}{end}" for part in PARTS for end in ("", "_low", "_high"))
_CHANCE = ("p_chance", "chance_low", "chance_high", "relabellings")
COLUMNS = {
    "fig5-layers": (
        "model", "layer", "point", "word", "column", "row", "horizontal", "vertical", "scale", "drawn_horizontal",
        "drawn_vertical", "r2_held_out", "r2_shuffled_high",
    ),
    "codes": ("model", "layer", "code", "copied", "r2", "chance", "shown", "truth"),
    "fig6": (
        "model", "panel", "layer", "need", "arm", *_MARK, "dataset", "experiment", "tokens", "item", "true", "crossing",
        "held_out", "slope", "slope_low", "slope_high", "within", "within_low", "within_high", "share", "chosen_layer",
    ),
    "fig2": ("model", "panel", "layer", "arm", "against", "size", *_MARK, "what", "p_holm"),
    **dict.fromkeys(SWAPS, ("model", "experiment", "kind", "change", "value", "selector", "layer", *_MARK, "right")),
    "fig8": (
        "model", "panel", "statistic", "right", "wrong", "auc", "low", "high", *_CHANCE, "item", "deviation",
    ),
    "verdict": (
        "model", "truth", "items", "wrong", "undecided", *_PARTS, "verdict", "why",
    ),
    "figa13": (
        "model", "layer", "point", "frame", "coordinate", "low", "high", "n", "tau", "tau_low", "tau_high", "slope",
        "slope_low", "slope_high", "r2_held_out", "r2_shuffled_high",
    ),
    "fig10": ("model", "panel", "experiment", "tokens", "layer", "need", "arm", *_MARK),
    "emergence": ("panel", "step", "layer", "need", *_MARK, "code", "r2", "chance"),
}  # fmt: skip
OPTIONAL = {  # columns that a csv lacks where no model has the number
    "verdict": _PARTS, "fig8": ("auc", "low", "high", *_CHANCE), "codes": ("chance",), "emergence": ("chance",),
}  # fmt: skip


def read_tables(figures: Mapping[str, str | Path]) -> dict[str, pd.DataFrame]:
    """The shown columns of each figure's csv, by name; those of SWAPS are one table, "swaps".

    `figures`: paths of the csv files of those of COLUMNS that are made. Raises LinmechError naming the file where it
    cannot be read, has no rows or lacks a column.
    """
    read = {name: read_table(path, name) for name, path in figures.items()}
    swaps = [read.pop(name).assign(figure=name) for name in SWAPS if name in read]
    return read | ({"swaps": pd.concat(swaps, ignore_index=True)} if swaps else {})


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """The shown columns of one figure's csv (`read_tables`)."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise LinmechError(f"{path}: cannot be read as csv ({error}): delete it and run snakemake again") from error
    for column in COLUMNS[name]:
        if column not in table and column not in OPTIONAL.get(name, ()):
            raise LinmechError(f"{path}: has no column {column!r}: delete it and run snakemake again")
    if table.empty:
        raise LinmechError(f"{path}: has no rows: delete it and run snakemake again")
    if name == "fig6":
        table = table[table["panel"] != "C"]  # the paper's Alg. 2, which has a figure of its own
    if name == "fig10":
        table = table[table["panel"] == "C"]  # its IDs are those of figa13
    return table.reindex(columns=list(COLUMNS[name])).reset_index(drop=True)


def as_columns(table: pd.DataFrame) -> dict[str, list]:
    """A table as lists by column, ready for JSON: NaN becomes None, whole floats of counts and layers stay numbers."""
    found = {}
    for name in table:
        column = table[name]
        if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
            column = column.astype("Int64")
        values = column.astype(object)
        found[str(name)] = values.where(column.notna(), None).tolist()
    return found
