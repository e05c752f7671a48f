"""What a folder of meshes lists, told before any job runs: which files are asked for, and what is said of them.

Jobs hang on this and not on the folder's files, so that a line end in objects.tsv or a stray file runs nothing again.
"""

from pathlib import Path

from linmech.files import home

USED = ("noun", "file", "colour", "licence", "source", "up", "bytes", "sha256")


def listed(folder: str | Path) -> list[dict[str, str]]:
    """The rows of `folder`/objects.tsv, their columns that are used. Raises LinmechError as `read_table` does."""
    from linmech.objects.index import read_table  # pandas takes half a second: not for every plan of the workflow

    tsv = home(folder) / "objects.tsv"
    table = read_table(tsv, ["noun", "file"], "list your meshes in it (tab-separated columns noun, file)")
    return [{name: row[name] for name in USED if row.get(name)} for row in table.to_dict("records")]


def meshes_of(folder: str | Path) -> list[str]:
    """The files that `folder`/objects.tsv names and that are there, sorted; what is not there its job will say."""
    paths = [home(folder) / row["file"] for row in listed(folder) if row.get("file")]
    return sorted({str(path) for path in paths if path.is_file()})
