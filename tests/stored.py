"""Small data sets on disk."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL.Image import Image

from linmech.stimuli.composer import Placement
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.layouts.stimulus import Query, Stimulus
from linmech.stimuli.tables import save_dataset, tabulate


def photographed(folder: Path, shown: Iterable[tuple[Stimulus, Image]]) -> Dataset:
    """A data set whose images are files."""
    folder.mkdir(parents=True, exist_ok=True)
    stimuli, pictures = zip(*shown, strict=True)
    for stimulus, picture in shown:
        picture.save(folder / f"{stimulus.image}.png")
    boxes = [[_square(placed) for placed in stimulus.placements] for stimulus in stimuli]
    save_dataset(folder, *tabulate(stimuli, [picture.size for picture in pictures], boxes, "{image}.png"))
    return Dataset(folder)


def composed(folder: Path, stimuli: Iterable[Stimulus], sprites: dict, side: int) -> Dataset:
    """A data set whose visuals are composed of `sprites`, which lie beside its folder."""
    stimuli, archive = list(stimuli), folder.parent / "sprites.npz"
    np.savez(archive, **{f"{noun}/{view}": pixels for (noun, view), pixels in sprites.items()})
    boxes = [[_square(placed) for placed in stimulus.placements] for stimulus in stimuli]
    save_dataset(folder, *tabulate(stimuli, [(side, side)] * len(stimuli), boxes))
    return Dataset(folder, archive)


def pair(image: str, nouns: tuple[str, ...], places: Iterable[tuple[float, float]], *queries: Query) -> Stimulus:
    """Things of 12 px with their centres at `places`, and what is asked about them."""
    placed = [Placement(noun, float(x), float(y), 12.0) for noun, (x, y) in zip(nouns, places, strict=True)]
    return Stimulus(image, int(image) if image.isdecimal() else 0, tuple(placed), queries)


def _square(placed: Placement) -> list[float]:
    half = placed.size / 2
    return [placed.x - half, placed.y - half, placed.x + half, placed.y + half]
