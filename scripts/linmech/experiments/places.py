"""Where the things of an item stand along a coordinate of the IDs, and where they stand after a displacement."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from linmech.errors import LinmechError
from linmech.ids.files import Ids
from linmech.questions.kinds import roles_of
from linmech.questions.relations import AXES, truth
from linmech.stimuli.items import Item, Thing
from linmech.stimuli.layouts.stimulus import CLEAR

NEIGHBOURS = "neighbours"  # the coordinate that the two others of the question span
SIDES = {"column": ("left", "right"), "row": ("above", "below"), "frame": ("before", "after")}
ALONG = {"column": "x", "row": "y", "frame": "frame"}  # what of a thing changes along a coordinate


def coordinate_of(item: Item, coordinate: str) -> str:
    """The coordinate along which the item's words are moved: `coordinate`, or what it stands for."""
    if coordinate != NEIGHBOURS:
        return coordinate
    one, other = item.things["reference"], item.things["third"]
    return "column" if abs(one.x - other.x) >= abs(one.y - other.y) else "row"


def side_of(item: Item, coordinate: str, cells: int) -> str:
    """On which side of its reference (of the middle of its two neighbours, or of all cells) the subject is.

    Where the true answer names a side it is that one: of real videos the frames are not known.
    """
    if item.answer in SIDES[coordinate]:
        return item.answer
    return SIDES[coordinate][int(gap(item, coordinate, cells) >= 0)]


def cells_along(ids: Mapping[int, Ids], coordinate: str) -> int:
    """How many cells the IDs have along a coordinate."""
    first = next(iter(ids.values()))
    return first.ids.shape[first.coordinates.index(coordinate)]


def check_coordinate(ids: Mapping[int, Ids], coordinate: str, where: str) -> None:
    """Raise LinmechError unless the IDs have the coordinate; `where` is the config key that names it."""
    known = next(iter(ids.values())).coordinates
    if coordinate not in (*known, NEIGHBOURS):
        raise LinmechError(f"{where}.coordinate is {coordinate!r}; these IDs have {', '.join(known)}")


def place(thing: Thing, item: Item, coordinate: str, cells: int) -> float:
    """Where a thing's centre lies along a coordinate, in cells from the edge of a picture of so many cells.

    A frame is a cell of a video's time, and what is first seen in it lies at its middle.
    """
    if coordinate == "frame":
        return thing.frame + 0.5
    return cells * (thing.x / item.width if coordinate == "column" else thing.y / item.height)


def gap(item: Item, coordinate: str, cells: int) -> float:
    """How many cells the subject lies beyond its reference, the middle of its two neighbours, or that of all cells."""
    own, *others = (place(thing, item, coordinate, cells) for thing in item.things.values())
    return own - (float(np.mean(others)) if others else cells / 2)


def displaced(item: Item, by: Mapping[str, float], coordinate: str, cells: int) -> Item:
    """The item with the things of some roles moved, each `by` so many cells, and the true answer about that.

    The answer is "" where the rule does not tell it. A direction along another axis (depth, where things are moved in
    height) stays as it was.
    """
    things = dict(item.things)
    for role, far in by.items():
        things[role] = _moved(things[role], item, coordinate, far, cells)
    if AXES.get(item.kind, ALONG[coordinate]) != ALONG[coordinate]:
        return dataclasses.replace(item, things=things)
    asked = [things[role] for role in roles_of(item.kind)]
    side = max(item.width, item.height)
    answer, other = truth(item.kind, asked, side, CLEAR * side) or ("", "")
    return dataclasses.replace(item, things=things, answer=answer, other=other)


def _moved(thing: Thing, item: Item, coordinate: str, far: float, cells: int) -> Thing:
    if coordinate == "frame":
        return dataclasses.replace(thing, frames=tuple(frame + far for frame in thing.frames or (0,)))
    if coordinate == "column":
        return dataclasses.replace(thing, x=thing.x + far * item.width / cells)
    return dataclasses.replace(thing, y=thing.y + far * item.height / cells)
