"""Datasets: a manifest of images, a table of questions, and the images themselves, composed when they are read.

`manifest.parquet` has one row per image: image, background (seed), size_px (long side), objects (JSON of placements
with boxes), file ("" if composed when read, else a path relative to the manifest's folder). `questions.parquet` has one
row per item: item, image, kind, subject, reference, third, answer, other, and where each noun is (pixels; depth in
metres; cells on the grid, else −1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.stimuli.composer import Box, Placement, Sprites, box, compose, from_json, to_json
from linmech.stimuli.layouts.stimulus import Stimulus

ROLES = ("subject", "reference", "third")


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk. `manifest` is indexed by image id, `questions` has one row per item."""

    folder: Path
    manifest: pd.DataFrame
    questions: pd.DataFrame
    sprites: Sprites

    def image(self, image: str) -> Image.Image:
        """The RGB image of that id; composed from sprites or read from its file. Raises LinmechError if unreadable."""
        row = self.manifest.loc[image]
        if not row.file:
            pixels = compose(from_json(row.objects), self.sprites, int(row.background), int(row.size_px))
            return Image.fromarray(pixels)
        path = self.folder / row.file
        try:
            with Image.open(path) as opened:
                return opened.convert("RGB")
        except (OSError, UnidentifiedImageError) as error:
            raise LinmechError(f"{path}: cannot be read as an image ({error}): make the dataset again") from error

    def placements(self, image: str) -> list[Placement]:
        """What stands where in that image."""
        return from_json(self.manifest.loc[image].objects)


def load_dataset(folder: str | Path, sprites: Sprites) -> Dataset:
    """Read the two tables of a dataset's folder. Raises LinmechError if one is missing or unreadable."""
    folder = Path(folder)
    manifest, questions = (_read_table(folder / name) for name in ("manifest.parquet", "questions.parquet"))
    return Dataset(folder, manifest.set_index("image", drop=False), questions, sprites)


def save_dataset(folder: str | Path, manifest: pd.DataFrame, questions: pd.DataFrame) -> None:
    """Write both tables, each complete or not at all."""
    for name, table in (("manifest", manifest), ("questions", questions)):
        with atomic(Path(folder) / f"{name}.parquet") as partial:
            table.to_parquet(partial, index=False)


def tabulate(
    stimuli: Iterable[Stimulus], sizes_px: Sequence[int], boxes: Sequence[Sequence[Box]], file: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(manifest, questions) of stimuli, with each image's long side and its objects' boxes, in pixels.

    `file` is a pattern such as "val2017/{image}.jpg"; "" = the image is composed when it is read.
    """
    images, items = [], []
    for stimulus, size_px, edges in zip(stimuli, sizes_px, boxes, strict=True):
        objects = to_json(stimulus.placements, edges)
        images.append((stimulus.image, stimulus.background, size_px, objects, file.format(image=stimulus.image)))
        items += [_question(stimulus, number, size_px) for number in range(len(stimulus.queries))]
    manifest = pd.DataFrame(images, columns=["image", "background", "size_px", "objects", "file"])
    return manifest, pd.DataFrame(items)


def tabulate_composed(stimuli: Iterable[Stimulus], sprites: Sprites, size_px: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(manifest, questions) of stimuli that are composed from sprites when they are read."""
    stimuli = list(stimuli)
    boxes = [[box(placement, sprites) for placement in stimulus.placements] for stimulus in stimuli]
    return tabulate(stimuli, [size_px] * len(stimuli), boxes)


def _question(stimulus: Stimulus, number: int, size_px: int) -> dict[str, object]:
    """One row of the questions' table."""
    query = stimulus.queries[number]
    row = dict(item=f"{stimulus.image}#{number}", image=stimulus.image, kind=query.kind, answer=query.answer)
    row |= dict(other=query.other, size_px=size_px, size=stimulus.placements[query.subject].size)
    for role in ROLES:
        index = getattr(query, role)
        placed = stimulus.placements[index] if index >= 0 else Placement("", np.nan, np.nan, np.nan)
        row |= {role: placed.noun, f"{role}_x": placed.x, f"{role}_y": placed.y, f"{role}_depth": placed.depth}
        row |= {f"{role}_column": placed.column, f"{role}_row": placed.row}
    return row


def _read_table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise LinmechError(f"{path}: not a readable table ({error}): delete it and run again") from error
