"""Move a noun by so many cells and read the answer: the calibrated counterfactual.

    h' = h + d axis,   d in cells, axis = the slope of the IDs on a coordinate

No norm is set: where IDs say where a thing is, an item's answer turns when d makes up for the true gap. Each answer is
scored against the rule applied to the displaced things. The coordinate is a column, a row, or the neighbours' line.

Exchanging (Fig 2) moves both nouns towards one another and past, against the model's own belief: at dose 1 each is
where the other was.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.experiments.afflicting import afflicted
from linmech.experiments.arms import displacements
from linmech.experiments.choosing import candidates
from linmech.experiments.clean import towards_truth
from linmech.experiments.places import SIDES, cells_along, check_coordinate, coordinate_of, displaced, gap, place
from linmech.experiments.progress import Progress
from linmech.experiments.running import STATISTICS, Measure, Reading, run
from linmech.ids.axes import AXIS
from linmech.ids.files import Ids
from linmech.models.encoding import encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item

COLUMNS = [
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "second", "axis", "d_before", "mass_before",
    "undecided", "layer", "tokens", "displacement", "arm", "gap", "inside", "truth_after", "held_out", *STATISTICS,
]  # fmt: skip


Moves = dict[str, float]  # cells by role


@dataclass(frozen=True)
class Settings:
    """A stanza of displacing.experiments: which questions, which words are moved along which coordinate, by how much.

    `displacements` in cells of the grid that the IDs were read from. All of `tokens` move together, the same way; with
    `exchange` subject and reference move by that share of the gap between them, against each other and against what the
    model believes. `draws` of each random control. `items` 0 = all, of `images` (`choosing.candidates`).
    """

    experiment: str
    kind: str = "left-right"
    coordinate: str = "column"
    displacements: tuple[float, ...] = (-2.0, -1.0, 1.0, 2.0)
    tokens: tuple[str, ...] = ("subject",)
    exchange: bool = False
    items: int = 100
    images: str = "all"
    draws: int = 3
    min_mass: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Step:
    """One row of the table to be: a displacement at a layer, and its draws."""

    layer: int
    displacement: float
    arm: str
    vectors: Float[np.ndarray, "draw hidden"]


def displace(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, progress: Progress
) -> pd.DataFrame:
    """The table of one experiment on one data set (`running.run`), a row per item, layer, displacement and arm.

    `gap`: how many cells the subject lies beyond its reference along the coordinate. `inside`: whether the displaced
    things still lie in the picture. `truth_after`: the true answer about them ("" where it is not clear). `held_out`:
    whether the axis was fitted without the moved noun. Raises LinmechError where the data set has no such questions.
    """
    where = f"displacing.experiments.{settings.experiment}"
    check_coordinate(ids, settings.coordinate, where)
    items = candidates(dataset.items(), settings.kind, settings.items, settings.seed, settings.images, where=where)
    believed = believed_sides(vlm, dataset, items, settings.coordinate) if settings.exchange else {}
    measure = afflicted(vlm, dataset, functools.partial(measure_of, ids=ids, settings=settings, believed=believed))
    table = run(
        items, measure, progress, dataset=dataset.name, experiment=settings.experiment,
        min_mass=settings.min_mass,
    )  # fmt: skip
    return table[COLUMNS]


def believed_sides(vlm: VLM, dataset: Dataset, items: Sequence[Item], coordinate: str) -> dict[str, int]:
    """By item, whether the model believes that the subject lies beyond its reference (1) or not (-1)."""
    far = SIDES[coordinate][1][1]
    true = [1 if item.answer == far else -1 for item in items]
    right = [1 if toward > 0 else -1 for toward in towards_truth(vlm, dataset, items)]
    return {item.id: one * other for item, one, other in zip(items, true, right, strict=True)}


def measure_of(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, believed: Mapping[str, int]
) -> Measure:
    """What is read of an item: the clean belief, then every draw of every step of its plan.

    `believed` as `believed_sides` gives it, where nouns are exchanged.
    """

    @functools.lru_cache(maxsize=1)
    def planned(item: Item) -> tuple[Moves, list[Step]]:
        moves = _moves(item, ids, settings, believed.get(item.id, 1))
        return moves, list(plan(item, ids, settings, max(moves.values())))

    def measure(item: Item, asked: Question) -> list[Reading]:
        encoded = encode(vlm, [dataset.visual(item.visual)], [asked])
        moves, steps = planned(item)
        places = {place: role for role in settings.tokens for place in positions(encoded, 0, role, vlm)}
        signs = np.sign([moves[places[place]] for place in sorted(places)])
        edits = [
            Intervention(step.layer, tuple(sorted(places)), torch.tensor(np.outer(signs, vector), dtype=torch.float32))
            for step in steps
            for vector in step.vectors
        ]
        clean, *after = sweep_encoded(vlm, encoded, edits)
        named = [_named(item, step, moves, ids, settings) for step in steps for _ in step.vectors]
        return [Reading(clean), *(Reading(scores, columns) for scores, columns in zip(after, named, strict=True))]

    return measure


def _moves(item: Item, ids: Mapping[int, Ids], settings: Settings, beyond: int) -> Moves:
    """By how many cells each word is moved at displacement 1; `beyond`: whether the subject is believed to lie beyond
    its reference (1) or not (-1).
    """
    if not settings.exchange:
        return dict.fromkeys(settings.tokens, 1.0)
    far = abs(gap(item, settings.coordinate, cells_along(ids, settings.coordinate)))
    return {"subject": -beyond * far, "reference": beyond * far}


def plan(item: Item, ids: Mapping[int, Ids], settings: Settings, unit: float = 1.0) -> Iterator[Step]:
    """All steps of one item, in the order of the table's rows; displacement 1 is `unit` cells."""
    cells, coordinate = np.array(settings.displacements, float), coordinate_of(item, settings.coordinate)
    for layer, found in sorted(ids.items()):
        along = found.coordinates.index(coordinate)
        drawn = displacements(found, along, cells * unit, item.id, layer, draws=settings.draws, seed=settings.seed)
        for number, cell in enumerate(cells.tolist()):
            for arm, vectors in drawn.items():
                yield Step(layer, cell, arm, vectors[:, number])


def _named(item: Item, step: Step, moves: Moves, ids: Mapping[int, Ids], settings: Settings) -> dict[str, object]:
    """The columns of a step."""
    coordinate = coordinate_of(item, settings.coordinate)
    cells, held = cells_along(ids, coordinate), ids[step.layer].statistics.get("held_out", [])
    by = {role: step.displacement * far for role, far in moves.items()}
    after = displaced(item, by, coordinate, cells)
    landed = [place(after.things[role], item, coordinate, cells) for role in settings.tokens]
    return {
        "axis": AXIS[coordinate], "layer": step.layer, "tokens": "+".join(settings.tokens),
        "displacement": step.displacement, "arm": step.arm, "gap": gap(item, coordinate, cells),
        "inside": all(0 <= where <= cells for where in landed), "truth_after": after.answer,
        "held_out": all(item.things[role].noun in held for role in settings.tokens),
    }  # fmt: skip
