"""Tables that are built item by item and survive a kill: finished items lie on disk until the table is whole."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from linmech.files import atomic


class Progress:
    """Chunks of finished items in `folder`, valid for one `key` (a hash of all that the numbers depend on).

    A chunk appears whole or not at all, so a run that was killed goes on after the last one. Chunks under another key
    are thrown away.
    """

    def __init__(self, folder: str | Path, key: str):
        self.folder = Path(folder)
        note = self.folder / "key.txt"
        if self.folder.is_dir() and (not note.is_file() or note.read_text() != key):
            shutil.rmtree(self.folder)
        if not note.is_file():
            with atomic(note) as partial:
                partial.write_text(key)
        found = [pd.read_parquet(path) for path in sorted(self.folder.glob("chunk_*.parquet"))]
        self.chunks: list[pd.DataFrame] = found

    def done(self) -> set[str]:
        """The items that are committed."""
        return {item for chunk in self.chunks for item in chunk["item"].unique()}

    def commit(self, rows: Sequence[dict]) -> None:
        """Write the rows of a chunk of whole items."""
        chunk = pd.DataFrame(rows)
        with atomic(self.folder / f"chunk_{len(self.chunks):06d}.parquet") as partial:
            chunk.to_parquet(partial, index=False)
        self.chunks.append(chunk)

    def table(self, items: Sequence[str]) -> pd.DataFrame:
        """All rows, in the order of `items`, whatever the order in which they were made."""
        rows = pd.concat(self.chunks, ignore_index=True)
        rank = rows["item"].map({item: n for n, item in enumerate(items)})
        return rows.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
