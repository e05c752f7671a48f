"""The index of the objects: a table with one row per noun, `noun, file, colour, licence, source, sha256, up`.

`file` is relative to the working directory where it lies beneath it, absolute otherwise; `colour` is "#rrggbb", or ""
where nobody gave one; `up` is the axis that points up in the file, y (glTF) or z (many OBJ and STL files).
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.files import atomic

LONGEST = 40  # letters of a noun
COLUMNS = ["noun", "file", "colour", "licence", "source", "sha256", "up"]


def read_index(path: str | Path) -> pd.DataFrame:
    """Read an index written by `write_table`. LinmechError where it or a file of it is missing, or it is malformed."""
    table = read_table(path, COLUMNS, "make it with: snakemake collect_objects")[COLUMNS]
    check_nouns(table.noun, str(path))
    for noun, file in zip(table.noun, table.file, strict=True):
        if not Path(file).is_file():
            raise LinmechError(f"{path}, noun {noun!r}: {file} does not exist; remove {path} and run again")
    return table


def read_table(path: str | Path, needed: Sequence[str], cure: str = "") -> pd.DataFrame:
    """A tab-separated table of text with a header line, no quoting; blank lines are skipped, missing last fields "".

    LinmechError where it does not exist (ends with `cure`), is not UTF-8, lacks a `needed` column, has a line too long.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise LinmechError(f"{path} does not exist; {cure}") from None
    except UnicodeDecodeError:
        raise LinmechError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    lines = [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    header = [name.strip() for name in lines[0][1].split("\t")] if lines else []
    for name in needed:
        if name not in header:
            raise LinmechError(f"{path} has no column {name!r}; its first line must name it (has: {', '.join(header)})")
    if len(set(header)) < len(header):
        raise LinmechError(f"{path} names a column twice; keep one of them")
    rows = []
    for number, line in lines[1:]:
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) > len(header):
            raise LinmechError(f"{path}, line {number}: {len(fields)} fields, and {len(header)} columns; remove a tab")
        rows.append(fields + [""] * (len(header) - len(fields)))
    return pd.DataFrame(rows, columns=header, dtype=str)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table of text, tab-separated, atomically. Tabs and line ends within a field become spaces."""
    lines = [list(table.columns), *table.itertuples(index=False)]
    with atomic(path) as partial:
        partial.write_text("".join("\t".join(" ".join(str(f).split()) for f in line) + "\n" for line in lines))


def check_nouns(nouns: Iterable[str], where: str) -> None:
    """LinmechError for a noun that is empty, given twice (case ignored), longer than LONGEST or not of letters, digits,
    - _ ' and spaces.
    """
    seen = set()
    for noun in nouns:
        if not noun:
            raise LinmechError(f"{where}: an empty noun; give every object a noun")
        if not re.fullmatch(r"\w+([ '-]\w+)*", noun):
            raise LinmechError(f"{where}: noun {noun!r} is no plain noun; use letters, digits, single spaces, - and '")
        if len(noun) > LONGEST:
            raise LinmechError(f"{where}: noun {noun[:LONGEST]!r}... has {len(noun)} letters; use at most {LONGEST}")
        if noun.casefold() in seen:
            raise LinmechError(f"{where}: noun {noun!r} is given twice; keep one of the two")
        seen.add(noun.casefold())


def portable(path: Path) -> str:
    """`path` relative to the working directory where it lies beneath it, absolute otherwise, with forward slashes."""
    path = path.absolute()
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()
