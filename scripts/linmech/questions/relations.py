"""Which answer to a question of space or time is true: said once, for layouts, scenes, photographs and lessons.

A thing is whatever has a centre `x`, `y` (pixels from the top left), a `depth` (metres from the camera, NaN where it is
not known) and a `frame`, the first one of a video in which it is seen (0 where it is seen in all, and in an image).
"""

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from linmech.questions.kinds import KINDS

CELLS = 4  # columns and rows that the words for them count
NEAR, FAR = 0.36, 0.56  # distance between centres, as a share of the image's side: near < NEAR, far > FAR
MOMENT = 0.5  # frames: what is no further apart is seen at one time
AXES = {
    "left-right": "x", "above-below": "y", "front-behind": "depth", "before-after": "frame", "scene-order": "frame",
}  # fmt: skip
Answers = tuple[str, str]  # the true one, the false one


@runtime_checkable
class Thing(Protocol):
    """What stands somewhere, and is seen from some frame on."""

    x: float
    y: float
    depth: float
    frame: float


def gap(kind: str, subject: Thing, reference: Thing) -> float:
    """How far `subject` lies from `reference` along a relation's axis (pixels; metres for depth, frames for time).

    Negative where the kind's first answer (left, above, front, before) is the true one.
    """
    return float(getattr(subject, AXES[kind]) - getattr(reference, AXES[kind]))


def truth(kind: str, things: Sequence[Thing], side: float, clear: float = 0.0) -> Answers | None:
    """(true, false) answer to a question of `kind` about its `things` in the order of its roles; None = not clear.

    `side` is the image's side in pixels. A direction is clear where its `gap` is larger than `clear`, an order in time
    where it is larger than MOMENT; near or far where the distance is below NEAR or above FAR; in between, along the
    line of the two others and close to it, or well beyond its ends. Of a column, a row or a frame the false answer is
    that of the mirrored one. Which is seen first is answered by the `noun` of a thing, which only this kind needs.
    """
    if kind == "first":
        early, late = sorted(things[:2], key=lambda thing: thing.frame)
        return (early.noun, late.noun) if late.frame - early.frame > MOMENT else None
    options = KINDS[kind].options
    if kind in AXES:
        apart = gap(kind, things[0], things[1])
        return _either(options, apart < 0) if abs(apart) > (MOMENT if AXES[kind] == "frame" else clear) else None
    if kind == "near-far":
        distance = math.hypot(things[0].x - things[1].x, things[0].y - things[1].y) / side
        return _either(options, distance < NEAR) if distance < NEAR or distance > FAR else None
    if kind == "in-between":
        between = _is_between(*things[:3], side)
        return None if between is None else _either(options, between)
    if kind in ("column", "row"):
        cell = min(CELLS - 1, int(CELLS * (things[0].x if kind == "column" else things[0].y) / side))
        return options[cell], options[CELLS - 1 - cell]
    if kind == "frame":
        return options[int(things[0].frame)], options[-1 - int(things[0].frame)]
    raise ValueError(f"where things are does not tell the answer to a question of kind {kind!r}")


def _is_between(middle: Thing, one: Thing, other: Thing, side: float) -> bool | None:
    """Whether a thing is between two others; None where it is neither clearly so nor clearly not."""
    span, offset = (other.x - one.x, other.y - one.y), (middle.x - one.x, middle.y - one.y)
    length = math.hypot(*span)
    along = (offset[0] * span[0] + offset[1] * span[1]) / length**2
    across = abs(offset[0] * span[1] - offset[1] * span[0]) / length
    if 0.2 < along < 0.8 and across < 0.12 * side:
        return True
    return False if along < -0.15 or along > 1.15 else None


def _either(options: Sequence[str], first: bool) -> Answers:
    return (options[0], options[1]) if first else (options[1], options[0])
