"""What the organisms learn from: images with two to four objects at continuous positions, and questions about them.

Some pairs of nouns are held out: they never stand in one training image, and all test questions are about them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from linmech.questions.relations import AXES, CELLS, truth
from linmech.seeds import digest
from linmech.stimuli.composer import PALETTE, Placement

HELD_OUT_SHARE = 0.12
TINTED, COLOURFUL = 0.1, 0.5  # share of the objects that are recoloured: usually, and in every second training image
DEPTH_GAP = 0.5  # metres between two objects for a front/behind question
CLEAR, CLEAR_IN_SCENES = 0.096, 0.1  # share of the side between two objects for the other relations
WEIGHTS = {
    "exists": 4, "column": 2.5, "row": 2.5, "left-right": 4, "above-below": 4, "near-far": 4, "in-between": 4,
    "front-behind": 8, "colour": 3,
}  # fmt: skip
OF_VIDEOS = {"exists": 3, "column": 2, "frame": 3, "before-after": 6, "first": 2}
LISTED = {  # nouns, each answered
    "column": "Name the columns.", "row": "Name the rows.", "colour": "Name the colors.", "frame": "Name the frames.",
}  # fmt: skip
OF_THINGS = ("exists", "colour")  # what is asked of a noun whose place is never asked
BINDING = {"exists": 2, "column": 3, "row": 3, "left-right": 2, "above-below": 2}  # which noun is where
BINDING_IN_TIME = {"exists": 3, "column": 2, "frame": 3, "before-after": 2}  # which noun is when, and where


@dataclass(frozen=True)
class Lesson:
    """A question with its nouns, the true answer and the false one ("" where any other word is false)."""

    kind: str
    subject: str
    reference: str
    third: str
    answer: str
    other: str


def is_held_out(a: str, b: str, seed: int) -> bool:
    """Whether the unordered pair of nouns is kept out of training."""
    return digest(seed, "held-out", *sorted((a, b)))[0] < HELD_OUT_SHARE * 256


def unplaced(nouns: Sequence[str], count: int, seed: int) -> list[str]:
    """`count` of the nouns, which never occur in a training question about a place."""
    return sorted(sorted(nouns, key=lambda noun: digest(seed, "unplaced", noun))[:count])


def sample_nouns(
    nouns: Sequence[str], count: int, seed: int, draw: np.random.Generator, *, held_out: bool
) -> list[str]:
    """`count` different nouns: no held-out pair among them, or (`held_out`) the first two are a held-out pair."""
    while True:
        chosen = [nouns[i] for i in draw.permutation(len(nouns))[:count]]
        if held_out and is_held_out(chosen[0], chosen[1], seed):
            return chosen
        found = any(is_held_out(a, b, seed) for i, a in enumerate(chosen) for b in chosen[:i])
        if not held_out and not found:
            return chosen


def sample_placements(
    chosen: Sequence[str], views: int, side: int, draw: np.random.Generator, tinted: float = TINTED
) -> list[Placement]:
    """Non-overlapping placements in one of four layouts: free, grid cells, a line of objects, a row of two.

    A share `tinted` of the objects is recoloured.
    """
    layout = draw.choice(["free", "grid", "line", "row"], p=[0.45, 0.15, 0.3, 0.1])
    while True:
        sizes = draw.uniform(0.15, 0.29, len(chosen)) * side
        points = _points(str(layout), len(chosen), side, draw)
        points = np.clip(points, sizes[:, None] / 2, side - sizes[:, None] / 2)
        gaps = np.abs(points[:, None] - points[None]).max(-1) - 0.5 * (sizes[:, None] + sizes[None])
        if (gaps[np.triu_indices(len(chosen), 1)] > -0.02 * side).all():
            break
    palette = list(PALETTE)
    return [
        Placement(
            noun, float(x), float(y), float(size), int(draw.integers(views)),
            str(draw.choice(palette)) if draw.random() < tinted else "",
        )
        for noun, (x, y), size in zip(chosen, points, sizes, strict=True)
    ]  # fmt: skip


def lessons(
    placements: Sequence[Placement], absent: Sequence[str], side: int, count: int, draw: np.random.Generator,
    weights: dict[str, float] | None = None, *, untied: bool = False,
    keep: Callable[[Lesson], bool] = lambda lesson: True,
) -> list[Lesson]:  # fmt: skip
    """`count` questions about an image; the kind is drawn first, then the question; yes and no are equally likely.

    `untied`: above/below is asked of scenes too. Only lessons are asked that are to `keep`; none where there are none.
    """
    pool: dict[str, list[Lesson]] = {}
    for lesson in filter(keep, _all_lessons(placements, absent, side, draw, untied)):
        pool.setdefault(lesson.kind, []).append(lesson)
    weights = weights or WEIGHTS
    kinds = [kind for kind in pool if weights.get(kind)]
    if not kinds:
        return []
    share = np.array([weights[kind] for kind in kinds])
    picked = draw.choice(kinds, size=count, p=share / share.sum())
    return [_balanced(pool[str(kind)], draw) for kind in picked]


def _points(layout: str, count: int, side: int, draw: np.random.Generator) -> np.ndarray:
    if layout == "grid":
        cells = draw.permutation(CELLS * CELLS)[:count]
        return (np.stack([cells % CELLS, cells // CELLS], 1) + 0.5) * side / CELLS
    if layout == "line" and count >= 3:
        along = np.sort(draw.uniform(0.1, 0.9, count))[draw.permutation(count)] * side
        across = (draw.uniform(0.15, 0.85) + draw.uniform(-0.05, 0.05, count)) * side
        return np.stack([along, across] if draw.random() < 0.5 else [across, along], 1)
    if layout == "row":
        across = (draw.uniform(0.15, 0.85) + draw.uniform(-0.06, 0.06, count)) * side
        return np.stack([draw.uniform(0.08, 0.92, count) * side, across], 1)
    return draw.uniform(0.07, 0.93, (count, 2)) * side


def is_placing(lesson: Lesson, nouns: Collection[str]) -> bool:
    """Whether a lesson asks where one of the nouns is."""
    return lesson.kind not in OF_THINGS and bool({lesson.subject, lesson.reference, lesson.third} & set(nouns))


def _all_lessons(
    placements: Sequence[Placement], absent: Sequence[str], side: int, draw: np.random.Generator, untied: bool
) -> Iterator[Lesson]:
    yield from (Lesson("exists", noun, "", "", "no", "yes") for noun in absent)
    for a in placements:
        yield Lesson("exists", a.noun, "", "", "yes", "no")
        if a.tint:
            other = str(draw.choice([colour for colour in PALETTE if colour != a.tint]))
            yield Lesson("colour", a.noun, "", "", a.tint, other)
        absolute = ("column", "row", "frame") if a.frames else ("column", "row")
        yield from (Lesson(kind, a.noun, "", "", truth(kind, [a], side)[0], "") for kind in absolute)
        for b in placements:
            if a is not b:
                yield from _relations(a, b, side, untied)
                for c in placements:
                    if c is not a and c is not b:
                        yield from _between(a, b, c, side)


def _relations(a: Placement, b: Placement, side: float, untied: bool) -> Iterator[Lesson]:
    scene = np.isfinite(a.depth)
    clear = (CLEAR_IN_SCENES if scene else CLEAR) * side
    for kind in AXES:
        answers = truth(kind, [a, b], side, DEPTH_GAP if kind == "front-behind" else clear)
        if answers and (untied or not (scene and kind == "above-below")):
            yield Lesson(kind, a.noun, b.noun, "", *answers)
    for kind in () if scene else ("near-far", "first"):
        answers = truth(kind, [a, b], side)
        if answers:
            yield Lesson(kind, a.noun, b.noun, "", *answers)


def _between(a: Placement, b: Placement, c: Placement, side: float) -> Iterator[Lesson]:
    answers = None if np.isfinite(a.depth) else truth("in-between", [a, b, c], side)
    if answers:
        yield Lesson("in-between", a.noun, b.noun, c.noun, *answers)


def _balanced(pool: list[Lesson], draw: np.random.Generator) -> Lesson:
    """A lesson of the pool, its answer drawn before the lesson."""
    answers = sorted({lesson.answer for lesson in pool})
    answer = answers[int(draw.integers(len(answers)))]
    chosen = [lesson for lesson in pool if lesson.answer == answer]
    return chosen[int(draw.integers(len(chosen)))]
