"""Tables that are built item by item and survive a kill: finished items lie on disk until the table is whole."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.parquet import read_parquet, write_parquet


class Progress:
    """Chunks of finished items in `folder`, valid for one `key` (a hash of all that the numbers depend on).

    A chunk appears whole or not at all, so a run that was killed goes on after the last one. Chunks under another key
    are thrown away, and so is a damaged chunk: its items are measured again.
    """

    def __init__(self, folder: str | Path, key: str):
        self.folder = Path(folder)
        note = self.folder / "key.txt"
        if self.folder.is_dir() and (not note.is_file() or note.read_text() != key):
            shutil.rmtree(self.folder)
        if not note.is_file():
            with atomic(note) as partial:
                partial.write_text(key)
        self.chunks: list[pd.DataFrame] = []
        self._next = 0  # the number of the next chunk
        for path in sorted(self.folder.glob("chunk_*.parquet")):
            self._next = int(path.stem.rpartition("_")[2]) + 1
            try:
                self.chunks.append(read_parquet(path))
            except LinmechError as error:
                print(f"{error}: its items are measured again")
                path.unlink()

    def done(self) -> set[str]:
        """The items that are committed."""
        return {item for chunk in self.chunks for item in chunk["item"].unique()}

    def commit(self, rows: Sequence[dict]) -> None:
        """Write the rows of a chunk of whole items."""
        chunk = pd.DataFrame(rows)
        write_parquet(chunk, self.folder / f"chunk_{self._next:06d}.parquet")
        self._next += 1
        self.chunks.append(chunk)

    def table(self, items: Sequence[str]) -> pd.DataFrame:
        """All rows, in the order of `items`, whatever the order in which they were made."""
        rows = pd.concat(self.chunks, ignore_index=True)
        rank = rows["item"].map({item: n for n, item in enumerate(items)})
        return rows.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
