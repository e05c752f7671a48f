"""Items: the one place where a row of a data set's table becomes an object, and an object a question."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from linmech.questions.asking import Question, ask
from linmech.questions.kinds import KINDS, NOUN_ROLES

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels


@dataclass(frozen=True)
class Thing:
    """A noun of a question, and where it is shown: centre, size (long side) and box in pixels, depth in metres, cell of
    the grid, frames of a video (() = all). Not shown: NaN, -1 and no box.
    """

    noun: str
    x: float = math.nan
    y: float = math.nan
    size: float = math.nan
    depth: float = math.nan
    column: int = -1
    row: int = -1
    frames: tuple[float | int, ...] = ()
    box: Box | None = None

    @property
    def frame(self) -> float | int:
        """The first frame in which it is seen (0 where it is seen in all); not a whole one where it was displaced."""
        return self.frames[0] if self.frames else 0


@dataclass(frozen=True)
class Item:
    """A question about a visual (`visual`: its id in the data set, "" = none), with its true and its false answer.

    `things` by noun role (subject, reference, third). An answer "" is not known. `order` is the order of the two
    answers in which the question is asked first. `width` and `height` of the visual in pixels.
    """

    id: str
    visual: str
    kind: str
    things: Mapping[str, Thing] = field(hash=False)
    answer: str = ""
    other: str = ""
    order: int = 0
    width: int = 0
    height: int = 0


def question(item: Item, order: int = 0, wording: int = 0) -> Question:
    """The item as a question; `order` 1 names the two answers the other way round than `order` 0.

    Where a kind has more or other answers than two of its own (column, row, colour), the item's own two are asked for.
    """
    nouns = {role: thing.noun for role, thing in item.things.items()}
    options = None
    if len(KINDS[item.kind].options) != 2 and item.answer:
        own = KINDS[item.kind].options
        options = sorted((item.answer, item.other), key=lambda word: (own.index(word) if word in own else 0, word))
    return ask(item.kind, **{"subject": ""} | nouns, order=item.order ^ order, wording=wording, options=options)


def row_of(item: Item) -> dict[str, object]:
    """The item as a row of the table of questions: one column per field and role."""
    row: dict[str, object] = {"item": item.id, "image": item.visual}
    row |= {name: getattr(item, name) for name in ("kind", "answer", "other", "order", "width", "height")}
    for role in NOUN_ROLES:
        thing = item.things.get(role, Thing(""))
        row |= {role: thing.noun} | {f"{role}_{name}": getattr(thing, name) for name in NUMBERS}
        row[f"{role}_frames"] = json.dumps(thing.frames)
        row[f"{role}_box"] = json.dumps(thing.box)
    return row


def items_of(table: pd.DataFrame) -> Iterator[Item]:
    """The items of a table of questions, in its order; the inverse of `row_of`."""
    for row in table.to_dict("records"):
        things = {role: _thing(row, role) for role in NOUN_ROLES if row[role]}
        known = {name: row[name] for name in ("kind", "answer", "other", "order", "width", "height")}
        yield Item(row["item"], row["image"], things=things, **known)


NUMBERS = ("x", "y", "size", "depth", "column", "row")


def _thing(row: Mapping[str, object], role: str) -> Thing:
    box = json.loads(row[f"{role}_box"])
    return Thing(
        row[role], **{name: row[f"{role}_{name}"] for name in NUMBERS},
        frames=tuple(json.loads(row[f"{role}_frames"])), box=box and tuple(box),
    )  # fmt: skip
