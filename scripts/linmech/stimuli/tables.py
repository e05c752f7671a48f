"""The tables of a data set from what a layout yields.

`manifest.parquet` has one row per image or video: image, background (seed), width, height, frames (1 = an image),
objects (JSON of placements with boxes), file ("" if composed when read, else a path relative to the manifest's folder),
of a video's file also shown (JSON: which of its frames) and per_second; and the traits of its layout, of which blur,
contrast and cut change how the visual looks.
`questions.parquet` has one row per item (`items.row_of`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from linmech.parquet import write_parquet
from linmech.questions.kinds import NOUN_ROLES
from linmech.stimuli.composer import Box, Sprites, box, covered, to_json
from linmech.stimuli.items import Item, Thing, row_of
from linmech.stimuli.layouts.stimulus import Query, Stimulus

MANIFEST = ["image", "background", "width", "height", "frames", "objects", "file"]


def save_dataset(folder: str | Path, manifest: pd.DataFrame, questions: pd.DataFrame) -> None:
    """Write both tables, each complete or not at all."""
    for name, table in (("manifest", manifest), ("questions", questions)):
        write_parquet(table, Path(folder) / f"{name}.parquet")


def tabulate(
    stimuli: Iterable[Stimulus], sizes: Iterable[tuple[int, int]], boxes: Iterable[Sequence[Box]], file: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(manifest, questions) of stimuli, with each one's width and height and its placements' boxes, in pixels.

    `file` is a pattern such as "val2017/{image}.jpg"; "" = composed when it is read.
    """
    images, items, traits = [], [], []
    for stimulus, (width, height), edges in zip(stimuli, sizes, boxes, strict=True):
        if stimulus.image:
            objects, path = to_json(stimulus.placements, edges), file.format(image=stimulus.image)
            row = (stimulus.image, stimulus.background, width, height, stimulus.frames, objects, path)
            images.append((*row, *stimulus.traits.values()))
            traits = list(stimulus.traits)
        items += [row_of(item) for item in _items(stimulus, width, height, edges)]
    return pd.DataFrame(images, columns=[*MANIFEST, *traits]), pd.DataFrame(items)


def tabulate_composed(stimuli: Iterable[Stimulus], sprites: Sprites, side: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(manifest, questions) of stimuli that are composed from sprites, `side` pixels wide, when they are read.

    Where images have traits, `covered` is one more: the largest share of one of the first two things that is covered.
    """
    stimuli = [replace(each, traits=_with_covered(each, sprites)) for each in stimuli]
    boxes = ([box(placement, sprites) for placement in each.placements] if each.image else [] for each in stimuli)
    return tabulate(stimuli, [(side, side)] * len(stimuli), boxes)


def _with_covered(stimulus: Stimulus, sprites: Sprites) -> Mapping[str, float]:
    if not stimulus.traits or stimulus.frames > 1:
        return stimulus.traits
    return {**stimulus.traits, "covered": max(covered(stimulus.placements, sprites)[:2])}


def _items(stimulus: Stimulus, width: int, height: int, boxes: Sequence[Box]) -> Iterator[Item]:
    for number, query in enumerate(stimulus.queries):
        things = {role: _thing(stimulus, query, role, boxes) for role in NOUN_ROLES}
        things = {role: thing for role, thing in things.items() if thing}
        nouns = "/".join(thing.noun for thing in things.values())
        name = f"{stimulus.image}#{number}" if stimulus.image else f"{query.kind}/{nouns}/{query.order}"
        size = (width, height) if stimulus.image else (0, 0)
        yield Item(name, stimulus.image, query.kind, things, query.answer, query.other, query.order, *size)


def _thing(stimulus: Stimulus, query: Query, role: str, boxes: Sequence[Box]) -> Thing | None:
    """What stands in a role; None where the query has nothing there."""
    if role == "subject" and query.absent:
        return Thing(query.absent)
    index = getattr(query, role)
    if index < 0:
        return None
    placed = stimulus.placements[index]
    if query.called:
        return Thing(query.called[NOUN_ROLES.index(role)], frames=placed.frames)
    edges = tuple(float(edge) for edge in boxes[index]) if stimulus.image and len(boxes[index]) else None
    return Thing(
        placed.noun, placed.x, placed.y, placed.size, placed.depth, placed.column, placed.row, placed.frames, edges
    )
