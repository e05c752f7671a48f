"""Objects: one interface over three sources of meshes (built-in, a folder of your own, Objaverse), and their index.

An index is a table with one row per noun: `noun, file, colour, licence, source, sha256, up`. `file` is relative to the
working directory where it lies beneath it, absolute otherwise; `colour` is "#rrggbb", or "" where nobody gave one; `up`
is the axis that points up in the file, y (glTF) or z (many OBJ and STL files).
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.files import atomic, sha256

COLUMNS = ["noun", "file", "colour", "licence", "source", "sha256", "up"]
MESHES = {".glb", ".gltf", ".obj", ".stl", ".ply"}
SOURCES = ("builtin", "folder", "objaverse")


def collect(
    source: str,
    *,
    nouns: Sequence[str] = (),
    folder: str | Path = "",
    meshes: str | Path = "",
    objaverse: Mapping | None = None,
) -> pd.DataFrame:
    """The index of the objects of `source`, in the order of `nouns`, or all of them where `nouns` is empty.

    `builtin` writes its meshes into the folder `meshes`; `folder` reads `folder`/objects.tsv (see `read_folder`);
    `objaverse` downloads what the keywords in `objaverse` say (the fields of `objaverse_catalogue.Objaverse`).
    LinmechError for an unknown source or noun (with suggestions) and for whatever is wrong with a source.
    """
    if source == "builtin":
        from linmech import builtin

        table = builtin.write_meshes(Path(meshes)).assign(up="y")
        return select(table.assign(file=[portable(Path(file)) for file in table.file]), nouns, "the built-in objects")
    if source == "folder":
        return select(read_folder(folder), nouns, f"{Path(folder) / 'objects.tsv'}")
    if source == "objaverse":
        from linmech import objaverse_source

        check_nouns(nouns, "config key objects.nouns")
        return objaverse_source.collect(nouns, objaverse_source.Objaverse(**(objaverse or {})))
    raise LinmechError(f"config key objects.source is {source!r}; choose from {', '.join(SOURCES)}")


def read_folder(folder: str | Path) -> pd.DataFrame:
    """The index of a folder of meshes (GLB, glTF, OBJ, STL, PLY) that has an `objects.tsv`.

    Columns of `objects.tsv`: noun and file (relative to the folder) are needed; colour, licence, source, up (y or z,
    y where empty), bytes and sha256 may be given, and the last two are verified. LinmechError naming the noun for
    anything wrong; a file may not lie outside the folder.
    """
    folder = Path(folder).expanduser()
    tsv = folder / "objects.tsv"
    table = read_table(tsv, ["noun", "file"], "list your meshes in it (tab-separated columns noun, file)")
    check_nouns(table.noun, str(tsv))
    rows = [_folder_row(folder, row, f"{tsv}, noun {row['noun']!r}") for row in table.to_dict("records")]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


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


def select(table: pd.DataFrame, nouns: Sequence[str], where: str) -> pd.DataFrame:
    """The rows of `nouns`, in that order; all rows where it is empty. LinmechError (with suggestions) for others."""
    if not nouns:
        return table
    check_nouns(nouns, "config key objects.nouns")
    for noun in nouns:
        if noun not in set(table.noun):
            raise LinmechError(f"config key objects.nouns: {noun!r} is not in {where}; {suggest(noun, table.noun)}")
    return table.set_index("noun", drop=False).loc[list(nouns)].reset_index(drop=True)


def suggest(wrong: str, known: Iterable[str]) -> str:
    """`did you mean 'mug' or 'jug'?`, or the choices (at most 20) where nothing is close."""
    known = list(known)
    close = difflib.get_close_matches(wrong, known, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(name) for name in close)}?"
    return f"choose from {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}"


def check_nouns(nouns: Iterable[str], where: str) -> None:
    """LinmechError for a noun that is empty, given twice (case ignored) or not of letters, digits, - _ ' and spaces."""
    seen = set()
    for noun in nouns:
        if not noun:
            raise LinmechError(f"{where}: an empty noun; give every object a noun")
        if not re.fullmatch(r"\w+([ '-]\w+)*", noun):
            raise LinmechError(f"{where}: noun {noun!r} is no plain noun; use letters, digits, single spaces, - and '")
        if noun.casefold() in seen:
            raise LinmechError(f"{where}: noun {noun!r} is given twice; keep one of the two")
        seen.add(noun.casefold())


def portable(path: Path) -> str:
    """`path` relative to the working directory where it lies beneath it, absolute otherwise, with forward slashes."""
    path = path.absolute()
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()


def _folder_row(folder: Path, row: Mapping[str, str], where: str) -> dict[str, str]:
    """One row of the index, checked against the file that it names."""
    path = folder / row["file"]
    if not row["file"]:
        raise LinmechError(f"{where}: column file is empty; name its mesh")
    if Path(row["file"]).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise LinmechError(f"{where}: {row['file']} lies outside the folder; copy the mesh into {folder}")
    if path.suffix.lower() not in MESHES:
        raise LinmechError(f"{where}: {row['file']} is no known type; use one of {', '.join(sorted(MESHES))}")
    if not path.is_file():
        raise LinmechError(f"{where}: {path} does not exist; correct column file or add the mesh")
    size, digest = path.stat().st_size, sha256(path)
    if row.get("bytes") and row["bytes"] != str(size):
        raise LinmechError(f"{where}: {path} has {size} bytes, and column bytes says {row['bytes']}; copy it again")
    if row.get("sha256") and row["sha256"].lower() != digest:
        raise LinmechError(
            f"{where}: {path} does not have the sha256 of the table; copy it again or correct the column"
        )
    colour = row.get("colour", "").lower()
    if colour and not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise LinmechError(f"{where}: colour {row['colour']!r} is not of the form #rrggbb; correct or empty it")
    up = row.get("up", "") or "y"
    if up not in ("y", "z"):
        raise LinmechError(f"{where}: column up is {up!r}; write y or z, or leave it empty for y")
    given = {key: row.get(key, "") for key in ("licence", "source")}
    return {"noun": row["noun"], "file": portable(path), "colour": colour, **given, "sha256": digest, "up": up}
