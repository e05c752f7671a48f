"""A data set that is read from files: every item is used, or refused with its reason, which is listed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.stimuli.tables import save_dataset

REFUSED = ["file", "item", "reason"]


class RefusedError(Exception):
    """Why an item cannot be used."""


class Filed(NamedTuple):
    """The two tables of a data set, and the items that cannot be used: file, item (its number there), reason."""

    manifest: pd.DataFrame
    questions: pd.DataFrame
    refused: pd.DataFrame


def load(path: Path) -> object:
    """What a file of JSON holds. Raises LinmechError where it is not readable as that."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LinmechError(f"{path}: not readable as JSON ({error}): download or make it again") from error


def entries(path: Path, whose: str) -> Iterator[object]:
    """The items of a file of JSON. Raises LinmechError where it lists none; `whose` file it should be."""
    found = load(path)
    if not isinstance(found, list):
        raise LinmechError(f"{path}: holds no list of items; use {whose} file")
    yield from found


def check_some(used: object, refused: list[tuple[str, int, str]], folder: Path) -> None:
    """Raise LinmechError that says why the first item was refused, where nothing is `used`."""
    if not used:
        first = f": the first says {refused[0][2]}" if refused else ""
        raise LinmechError(f"{folder}: none of {len(refused)} items can be used{first}")


def save_filed(folder: str | Path, filed: Filed, source: str | Path) -> None:
    """Write the tables of a data set into `folder`, and refused.tsv; `source` is where its files lie."""
    manifest, questions, refused = filed
    Path(folder).mkdir(parents=True, exist_ok=True)
    with atomic(Path(folder) / "refused.tsv") as partial:
        refused.to_csv(partial, sep="\t", index=False)
    save_dataset(folder, manifest, questions)
    seen = "videos" if (manifest["frames"] > 1).any() else "images"
    print(f"{source}: {len(questions)} items on {len(manifest)} {seen} are used, {len(refused)} refused (refused.tsv)")
