"""Objects: one interface over three sources of meshes (built-in, a folder of your own, Objaverse)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.files import home, sha256
from linmech.objects.index import COLUMNS, check_nouns, portable, read_table
from linmech.suggestions import suggest

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
    `objaverse` downloads what the keywords in `objaverse` say (the fields of `objaverse.catalogue.Objaverse`).
    LinmechError for an unknown source or noun (with suggestions) and for whatever is wrong with a source.
    """
    if source == "builtin":
        from linmech.objects.builtin import collection as builtin

        table = builtin.write_meshes(Path(meshes)).assign(up="y")
        return select(table.assign(file=[portable(Path(file)) for file in table.file]), nouns, "the built-in objects")
    if source == "folder":
        return select(read_folder(folder), nouns, f"{Path(folder) / 'objects.tsv'}")
    if source == "objaverse":
        from linmech.objects.objaverse import locked as objaverse_source

        check_nouns(nouns, "config key objects.nouns")
        return objaverse_source.collect(nouns, objaverse_source.Objaverse(**(objaverse or {})))
    raise LinmechError(f"config key objects.source is {source!r}; choose from {', '.join(SOURCES)}")


def read_folder(folder: str | Path) -> pd.DataFrame:
    """The index of a folder of meshes (GLB, glTF, OBJ, STL, PLY) that has an `objects.tsv`.

    Columns of `objects.tsv`: noun and file (relative to the folder) are needed; colour, licence, source, up (y or z,
    y where empty), bytes and sha256 may be given, and the last two are verified. LinmechError naming the noun for
    anything wrong; a file may not lie outside the folder.
    """
    folder = home(folder)
    tsv = folder / "objects.tsv"
    table = read_table(tsv, ["noun", "file"], "list your meshes in it (tab-separated columns noun, file)")
    check_nouns(table.noun, str(tsv))
    rows = [_folder_row(folder, row, f"{tsv}, noun {row['noun']!r}") for row in table.to_dict("records")]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def select(table: pd.DataFrame, nouns: Sequence[str], where: str) -> pd.DataFrame:
    """The rows of `nouns`, in that order; all rows where it is empty. LinmechError (with suggestions) for others."""
    if not nouns:
        return table
    check_nouns(nouns, "config key objects.nouns")
    for noun in nouns:
        if noun not in set(table.noun):
            raise LinmechError(f"config key objects.nouns: {noun!r} is not in {where}; {suggest(noun, table.noun)}")
    return table.set_index("noun", drop=False).loc[list(nouns)].reset_index(drop=True)


def check_row(folder: Path, row: Mapping[str, str], where: str) -> None:
    """LinmechError for a row of objects.tsv that says something wrong; the mesh itself is not opened."""
    path = folder / row["file"]
    if not row["file"]:
        raise LinmechError(f"{where}: column file is empty; name its mesh")
    if Path(row["file"]).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise LinmechError(f"{where}: {row['file']} lies outside the folder; copy the mesh into {folder}")
    if path.suffix.lower() not in MESHES:
        raise LinmechError(f"{where}: {row['file']} is no known type; use one of {', '.join(sorted(MESHES))}")
    if not path.is_file():
        raise LinmechError(f"{where}: {path} does not exist; correct column file or add the mesh")
    size = path.stat().st_size
    if row.get("bytes") and row["bytes"] != str(size):
        raise LinmechError(f"{where}: {path} has {size} bytes, and column bytes says {row['bytes']}; copy it again")
    colour, up = row.get("colour", "").lower(), row.get("up", "")
    if colour and not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise LinmechError(f"{where}: colour {row['colour']!r} is not of the form #rrggbb; correct or empty it")
    if up not in ("", "y", "z"):
        raise LinmechError(f"{where}: column up is {up!r}; write y or z, or leave it empty for y")


def _folder_row(folder: Path, row: Mapping[str, str], where: str) -> dict[str, str]:
    """One row of the index, checked against the file that it names."""
    check_row(folder, row, where)
    path = folder / row["file"]
    digest = sha256(path)
    if row.get("sha256") and row["sha256"].lower() != digest:
        raise LinmechError(
            f"{where}: {path} does not have the sha256 of the table; copy it again or correct the column"
        )
    colour, up = row.get("colour", "").lower(), row.get("up", "") or "y"
    given = {key: row.get(key, "") for key in ("licence", "source")}
    return {"noun": row["noun"], "file": portable(path), "colour": colour, **given, "sha256": digest, "up": up}
