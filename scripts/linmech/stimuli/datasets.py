"""Data sets on disk: a table of visuals, a table of questions, and the visuals themselves.

Images and videos are composed from sprites when they are read, or read from files (see `tables`). A change of a visual
is made of its pixels (`transforms`), or, where it is composed, of what it is composed of (`recompositions`).
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from linmech.errors import LinmechError
from linmech.parquet import read_parquet
from linmech.stimuli import recompositions, transforms
from linmech.stimuli.composer import Placement, Sprites, from_json
from linmech.stimuli.compositions import Composition, visual_of
from linmech.stimuli.films.decoding import read_video
from linmech.stimuli.items import Item, items_of
from linmech.stimuli.sprites import load_sprites
from linmech.stimuli.visuals import Visual

LOOKS = {"blur": float, "contrast": float, "cut": int}  # columns of a manifest that a composition takes


@dataclass(frozen=True)
class Dataset:
    """A data set's folder, and the archive of sprites that its visuals are composed of ("" where none is).

    Tables and sprites are opened when they are first needed; a pickled copy opens its own.
    """

    folder: Path
    sprites: Path | str = ""
    _last: dict[tuple[str, str], Visual] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self):
        return Dataset, (self.folder, self.sprites)

    @classmethod
    def of(cls, questions: str | Path, sprites: str | Path = "") -> "Dataset":
        """The data set whose table of questions this is."""
        return cls(Path(questions).parent, sprites)

    @property
    def name(self) -> str:
        """The data set's name: its folder's."""
        return self.folder.name

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """A row per visual, by id. Raises LinmechError if the table is missing or unreadable."""
        return read_parquet(self.folder / "manifest.parquet").set_index("image", drop=False)

    @cached_property
    def questions(self) -> pd.DataFrame:
        """A row per item. Raises LinmechError if the table is missing or unreadable."""
        return read_parquet(self.folder / "questions.parquet")

    def items(self, kind: str = "") -> list[Item]:
        """The items, or those of one kind of question, in the table's order."""
        table = self.questions
        return list(items_of(table[table["kind"] == kind] if kind else table))

    def visual(self, visual: str, change: str = "") -> Visual:
        """The visual of that id ("" = None) after a change; as composed, and composed anew, it is kept for the next
        call. Raises LinmechError for an unknown id or change, and for a file that cannot be read or composed anew.
        """
        name = change.partition(":")[0]
        if name not in ("", *transforms.HOW, *recompositions.HOW):
            known = f"{transforms.CHANGES}, or, where it is composed, {recompositions.CHANGES}"
            raise LinmechError(f"unknown change {change!r} of a visual; use {known}")
        if not visual:
            return None
        anew, pixels = (change, "") if name in recompositions.HOW else ("", change)
        if (visual, anew) not in self._last:
            made = self._made(visual, anew)
            if any(kept != visual for kept, _ in self._last):
                self._last.clear()
            self._last[visual, anew] = made
        return transforms.changed(self._last[visual, anew], pixels)

    def placements(self, visual: str) -> list[Placement]:
        """What stands where in that visual."""
        return from_json(self.manifest.loc[visual].objects)

    def _made(self, visual: str, anew: str) -> Visual:
        if visual not in self.manifest.index:
            raise LinmechError(f"{self.folder}/manifest.parquet has no image {visual!r}; make the data set again")
        row = self.manifest.loc[visual]
        if row.file and anew:
            raise LinmechError(
                f"{self.folder}: its visuals are files, {anew!r} cannot compose them anew; use {transforms.CHANGES}"
            )
        if row.file and row.frames > 1:
            return read_video(self.folder / row.file, json.loads(row.shown), float(row.per_second))
        if row.file:
            return _read_image(self.folder / row.file)
        looks = {name: of(row[name]) for name, of in LOOKS.items() if name in row}
        drawn = tuple(from_json(row.objects)), int(row.background), int(row.width), int(row.frames)
        composition = Composition(*drawn, **looks)
        if anew:
            composition = recompositions.recomposed(composition, anew, self._sprites)
        return visual_of(composition, self._sprites)

    @cached_property
    def _sprites(self) -> Sprites:
        return load_sprites(self.sprites)


def _read_image(path: Path) -> Image.Image:
    try:
        with Image.open(path) as opened:
            return opened.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise LinmechError(f"{path}: cannot be read as an image ({error}): make the dataset again") from error
