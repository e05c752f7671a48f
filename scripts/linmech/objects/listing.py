"""What a folder of meshes lists, told before any job runs: which files are asked for, and what is said of them.

Jobs hang on this and not on the folder's files, so that a line end in objects.tsv or a stray file runs nothing again.
"""

from collections.abc import Mapping
from pathlib import Path

from linmech.errors import LinmechError
from linmech.files import home
from linmech.objects.builtin.names import NOUNS
from linmech.suggestions import suggest

USED = ("noun", "file", "colour", "licence", "source", "up", "bytes", "sha256")


def listed(folder: str | Path) -> list[dict[str, str]]:
    """The rows of `folder`/objects.tsv, their columns that are used. Raises LinmechError as `read_table` does."""
    from linmech.objects.index import read_table  # pandas takes half a second: not for every plan of the workflow

    tsv = home(folder) / "objects.tsv"
    table = read_table(tsv, ["noun", "file"], "list your meshes in it (tab-separated columns noun, file)")
    return [{name: row[name] for name in USED if row.get(name)} for row in table.to_dict("records")]


def nouns_of(objects: Mapping) -> tuple[list[str], str]:
    """The nouns that a run will have, as config key `objects` says, and where they are listed.

    Raises LinmechError as `read_table` does, for a noun that is listed nowhere, and for rows of a folder's objects.tsv
    that say something wrong.
    """
    source, chosen = objects["source"], list(objects.get("nouns", []))
    if source == "objaverse":
        return chosen, "objects.nouns"
    if source == "folder":
        there, where = _checked(objects["folder"]), str(Path(objects["folder"]) / "objects.tsv")
    else:
        there, where = list(NOUNS), "the built-in objects"
    for noun in chosen:
        if noun not in there:
            raise LinmechError(f"config key objects.nouns: {noun!r} is not in {where}; {suggest(noun, there)}")
    return chosen or there, "objects.nouns" if chosen else where


def _checked(folder: str) -> list[str]:
    """The nouns of a folder's objects.tsv, in its order, each row looked at."""
    from linmech.objects.index import check_nouns
    from linmech.objects.sources import check_row

    rows, tsv = listed(folder), home(folder) / "objects.tsv"
    check_nouns((row.get("noun", "") for row in rows), str(tsv))
    for row in rows:
        check_row(home(folder), {"file": "", **row}, f"{tsv}, noun {row['noun']!r}")
    return [row["noun"] for row in rows]


def meshes_of(folder: str | Path) -> list[str]:
    """The files that `folder`/objects.tsv names and that are there, sorted; what is not there its job will say."""
    paths = [home(folder) / row["file"] for row in listed(folder) if row.get("file")]
    return sorted({str(path) for path in paths if path.is_file()})
