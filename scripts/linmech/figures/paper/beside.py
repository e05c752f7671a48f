"""What the paper prints beside what was found here: a table, and its page."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.paper.numbers import MODELS, Number, printed
from linmech.files import atomic

COLUMNS = [
    "where", "what", "unit", "paper_model", "paper", "model", "same_model", "ours", "low", "high", "items", "command",
    "note",
]  # fmt: skip
TABLES = tuple(dict.fromkeys(number.table for number in printed() if number.table))
ALL = "all that were run"
STYLE = """body { font: 14px/1.45 sans-serif; margin: 2em auto; max-width: 100em; padding: 0 1em; color: #222 }
table { border-collapse: collapse } td, th { padding: .3em .7em; text-align: left; vertical-align: top }
th { border-bottom: 2px solid #222 } td { border-bottom: 1px solid #ddd } .n { text-align: right; white-space: nowrap }
code { font-size: 12px; white-space: nowrap } p { max-width: 60em }"""


def compare(tables: Mapping[str, str | Path], csv: str | Path, page: str | Path, layers: Mapping[str, int]) -> None:
    """Write a row per number of the paper and model: the paper's own, blank where it was not run, then those run here.

    `tables`: the csv of each figure in TABLES that is made; `layers`: decoder blocks by model that is configured.
    `page`: the same as HTML. Raises LinmechError where a table lacks a column or a model.
    """
    read = {name: pd.read_csv(path) for name, path in tables.items()}
    rows = [row for number in printed() for row in beside(number, read, layers)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    plotting.write_csv(table, csv)
    with atomic(page) as partial:
        partial.write_text(to_html(table, list(layers)))


def beside(number: Number, tables: Mapping[str, pd.DataFrame], layers: Mapping[str, int]) -> list[dict[str, object]]:
    """The rows of one number: one per model, or one of all models together."""
    said = {
        "where": number.where, "what": number.what, "unit": number.unit, "note": number.note, "paper": number.paper,
        "paper_model": MODELS.get(number.model, "all of the paper's"), "command": _command(number), "same_model": False,
    }  # fmt: skip
    if number.table not in tables:
        return [said]
    table = tables[number.table]
    if number.over == "tabled":
        layers = {
            model: blocks
            for model, blocks in layers.items()
            if _matching(number, table, number.rows, model, blocks).any()
        }
    elif number.over != "model":
        each = [said | {"model": model} | ours(number, table, model, layers[model]) for model in layers]
        whole = getattr(pd.Series([row["ours"] for row in each]), number.over)()
        return [said | {"model": ALL, "ours": whole}, *each]
    others = [
        said | {"model": each} | ours(number, table, each, layers[each]) for each in layers if each != number.model
    ]
    own = ours(number, table, number.model, layers[number.model]) if number.model in layers else {}
    return [said | {"model": number.model, "same_model": True} | own, *others]


def ours(number: Number, table: pd.DataFrame, model: str, layers: int) -> dict[str, object]:
    """What was found of a model, with its interval where the table has it (a loss counts no items). LinmechError unless
    one row tells it.
    """
    row = _row(number, table, number.rows, model, layers)
    if not number.less:
        found = {name: row[name] * number.scale for name in ("low", "high")} | {"ours": row["estimate"] * number.scale}
        return found | {"items": row["items"] or None}
    other = _row(number, table, {**number.rows, **number.less}, model, layers)
    return {"ours": (row["estimate"] - other["estimate"]) * number.scale, "items": row["items"]}


def _row(number: Number, table: pd.DataFrame, wanted: Mapping[str, object], model: str, layers: int) -> pd.Series:
    keep = _matching(number, table, wanted, model, layers)
    if keep.sum() != 1:
        told = ", ".join(f"{key} = {value}" for key, value in wanted.items())
        found = f"{number.table}.csv: {keep.sum()} rows of {model} with {told}"
        raise LinmechError(f"{found}, not one; delete it and run again")
    return table[keep].iloc[0]


def _matching(number: Number, table: pd.DataFrame, wanted: Mapping[str, object], model: str, layers: int) -> pd.Series:
    """Which rows of a table are those wanted of a model."""
    keep = table["model"] == model
    for key, value in wanted.items():
        if key not in table:
            raise LinmechError(f"{number.table}.csv: has no column {key!r}; delete it and run snakemake again")
        keep &= table[key] == (layers // 2 if value == "half" else value)
    return keep


def _command(number: Number) -> str:
    return f"snakemake --cores 8 results/figures/{number.table}.pdf" if number.table else ""


def to_html(table: pd.DataFrame, models: Sequence[str]) -> str:
    """The page: a line per number, the paper's value, ours of the same model, and ours of each other model."""
    head = ["where", "what", "the paper's model", "paper", "ours, same model", *models, "figure", "note"]
    lines = [f"<tr>{''.join(f'<th>{html.escape(name)}</th>' for name in head)}</tr>"]
    for _, rows in table.groupby(["where", "what", "paper_model"], sort=False):
        first = rows.iloc[0]
        by_model = {row["model"]: row for _, row in rows.iterrows()}
        own = rows[rows["same_model"] | (rows["model"] == ALL)]
        cells = [first["where"], first["what"], first["paper_model"]]
        numbers = [f"{first['paper']} {first['unit']}".strip().replace("-", "−")]
        numbers.append(_told(own.iloc[0]) or BLANK if len(own) else "")
        numbers += [_told(by_model[model]) if model in by_model else "" for model in models]
        line = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        line += "".join(f'<td class="n">{html.escape(cell)}</td>' for cell in numbers)
        line += f"<td><code>{html.escape(first['command'].split()[-1] if first['command'] else '')}</code></td>"
        line += f"<td>{html.escape(first['note'])}</td>"
        lines.append(f"<tr>{line}</tr>")
    body = "\n".join(lines)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>The paper and linmech</title>\n'
        f"<style>{STYLE}</style>\n<h1>What the paper prints, and what was found here</h1>\n<p>{TEXT}</p>\n"
        f"<table>\n{body}\n</table>\n</html>\n"
    )


BLANK = "not run"
TEXT = (
    "Every number that the paper prints of its results. Ours beside it are of models that were run here, with their "
    "95 % intervals; models of the paper that were not run are left open. Other models are no reproduction: they are "
    "there to be compared. Where the paper tells of all its models together, so does the column of the same model, of "
    "all that were run. A figure is made by snakemake --cores 8 and its name, of the default models; with --configfile "
    "paper.yaml of the paper's."
)


def _told(row: pd.Series) -> str:
    if pd.isna(row["ours"]):
        return ""
    interval = "" if pd.isna(row["low"]) else f" [{row['low']:.3g}, {row['high']:.3g}]"
    return f"{row['ours']:.3g}{interval}".replace("-", "−")
