"""Tell a vision tower other positions and leave the pixels: do beliefs, and the nouns' places, follow? (section E.2)

While an item is asked about, rows of the tower's table of positions are exchanged: of all patches with their mirror
images' (`mirrored`), of two windows about the subject and the reference (`objects`), or of two windows of the same size
that meet neither (`elsewhere`, the control).
"""

from collections.abc import Iterator

import numpy as np

from linmech.models.position_tables import Patches
from linmech.seeds import rng
from linmech.stimuli.items import Item

MIRRORED, OBJECTS, ELSEWHERE = "mirrored", "objects", "elsewhere"
TRIES = 200  # for two windows that meet nothing
Window = tuple[int, int]  # the row and column of its first patch
Spans = tuple[tuple[int, int], tuple[int, int]]  # of rows and columns, each the first and the one after the last


def orders(item: Item, nouns: tuple[str, str], coordinate: str, side: int, seed: int) -> Iterator[tuple[str, Patches]]:
    """For each exchange that an item has room for: whose positions each of the `side` x `side` patches is told.

    Mirrored along the coordinate, "column" or "row". The picture fills the square of patches (`seen_whole`). Objects
    that share a patch have no `objects`, and where there is no room for the control, there is none.
    """
    own = np.arange(side * side).reshape(side, side)
    yield MIRRORED, np.flip(own, axis=1 if coordinate == "column" else 0).copy()
    boxes = [_patches(item, role, side) for role in nouns]
    size = tuple(max(high - low for low, high in edges) for edges in zip(*boxes, strict=True))
    first, second = (_about(box, size, side) for box in boxes)
    if not _meet(first, second, size, size):
        yield OBJECTS, exchanged(own, first, second, size)
    found = _elsewhere(boxes, size, side, rng(seed, "repositioned", item.id))
    if found:
        yield ELSEWHERE, exchanged(own, *found, size)


def exchanged(own: Patches, first: Window, second: Window, size: tuple[int, int]) -> Patches:
    """The patches with those of two windows of `size` (rows, columns) exchanged."""
    one, other = (
        (slice(window[0], window[0] + size[0]), slice(window[1], window[1] + size[1])) for window in (first, second)
    )
    found = own.copy()
    found[one], found[other] = own[other], own[one]
    return found


def _patches(item: Item, role: str, side: int) -> Spans:
    """The patches that a thing's box meets."""
    left, top, right, bottom = item.things[role].box
    edges = ((top / item.height, bottom / item.height), (left / item.width, right / item.width))
    rows, columns = (
        (int(np.clip(np.floor(low * side), 0, side - 1)), int(np.clip(np.ceil(high * side), 1, side)))
        for low, high in edges
    )
    return rows, columns


def _about(box: Spans, size: tuple[int, int], side: int) -> Window:
    """The window of `size` about a box, within the square."""
    starts = [(low + high - length) // 2 for (low, high), length in zip(box, size, strict=True)]
    return tuple(int(np.clip(start, 0, side - length)) for start, length in zip(starts, size, strict=True))


def _meet(first: Window, second: Window, size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two windows, the one of `size` and one of `other`, share a patch."""
    return all(first[axis] < second[axis] + other[axis] and second[axis] < first[axis] + size[axis] for axis in (0, 1))


def _elsewhere(
    boxes: list[Spans], size: tuple[int, int], side: int, draw: np.random.Generator
) -> tuple[Window, Window] | None:
    """Two windows of `size` that meet neither each other nor a box; None where none are found."""
    known = [((rows[0], columns[0]), (rows[1] - rows[0], columns[1] - columns[0])) for rows, columns in boxes]
    free: list[Window] = []
    for _ in range(TRIES):
        window = tuple(int(draw.integers(0, side - length + 1)) for length in size)
        if any(_meet(window, place, size, extent) for place, extent in known):
            continue
        if free and not _meet(window, free[0], size, size):
            return free[0], window
        free = free or [window]
    return None
