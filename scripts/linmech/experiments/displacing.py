"""Move a noun by so many cells and read the answer: the calibrated counterfactual.

    h' = h + d axis,   d in cells, axis = the slope of the IDs on a coordinate

No norm is set: where IDs say where a thing is, an item's answer turns when d makes up for the true gap. Each answer is
scored against the rule applied to the displaced things. The coordinate is a column, a row, or the neighbours' line.

An exchange moves the two nouns towards each other, each by a dose of their true gap: dose 1 puts each where the other
is (section 5, adversarial steering).
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.experiments.afflicting import afflicted
from linmech.experiments.arms import RELABELLED, displacements, relabelled
from linmech.experiments.choosing import candidates
from linmech.experiments.places import cells_along, check_coordinate, coordinate_of, displaced, gap, place
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
    "undecided", "layer", "tokens", "dose", "displacement", "arm", "relabelling", "gap", "inside", "truth_after",
    "held_out", *STATISTICS,
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """A stanza of displacing.experiments: which questions, which words are moved along which coordinate, by how much.

    `displacements` in cells of the grid that the IDs were read from. All of `tokens` move together, the same way.
    Where there are doses of `exchange`, these count instead: subject and reference move towards each other, each by
    dose times their gap (a negative dose: apart). `draws` of each random control. `items` 0 = all, of `images`
    (`choosing.candidates`). `relabellings`: in how many runs the cells exchange their names (`arms.relabelled`), by the
    displacements or doses of `relabelled_at`, () = all.
    """

    experiment: str
    kind: str = "left-right"
    coordinate: str = "column"
    displacements: tuple[float, ...] = (-2.0, -1.0, 1.0, 2.0)
    exchange: tuple[float, ...] = ()
    tokens: tuple[str, ...] = ("subject",)
    items: int = 100
    images: str = "all"
    draws: int = 3
    relabellings: int = 0
    relabelled_at: tuple[float, ...] = ()
    min_mass: float = 0.05
    seed: int = 0

    @property
    def steps(self) -> tuple[float, ...]:
        """The doses or displacements, whichever count."""
        return tuple(self.exchange or self.displacements)

    @property
    def ways(self) -> dict[str, int]:
        """The nouns that are moved: 1 = by the displacement, -1 = by as much the other way."""
        return {"subject": 1, "reference": -1} if self.exchange else dict.fromkeys(self.tokens, 1)


@dataclass(frozen=True)
class Step:
    """One row of the table to be: a displacement at a layer, and its draws; `dose` of an exchange (None: none).

    `relabelling`: the run in which cells have exchanged their names, from 1; 0 where they have not.
    """

    layer: int
    dose: float | int | None
    displacement: float
    arm: str
    vectors: Float[np.ndarray, "draw hidden"]
    relabelling: int = 0


def displace(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, progress: Progress
) -> pd.DataFrame:
    """The table of one experiment on one data set (`running.run`), a row per item, layer, displacement and arm.

    `gap`: how many cells the subject lies beyond its reference along the coordinate. `displacement` is that of the
    first of the `tokens`; in an exchange, with its `dose`, the other one's is as large the other way. `relabelling`:
    the run of `relabelled`, a row each (0: another arm). `inside`: whether
    the displaced things still lie in the picture. `truth_after`: the true answer about them ("" where it is not clear).
    `held_out`: whether the axis was fitted without the moved nouns. Raises LinmechError where the data set has no such
    questions.
    """
    where = f"displacing.experiments.{settings.experiment}"
    check_coordinate(ids, settings.coordinate, where)
    drawn = (dataset.items(), settings.kind, settings.items, settings.seed, settings.images)
    items = candidates(*drawn, where=where, vlm=vlm)
    measure = afflicted(vlm, dataset, functools.partial(measure_of, ids=ids, settings=settings))
    table = run(
        items, measure, progress, dataset=dataset.name, experiment=settings.experiment,
        min_mass=settings.min_mass,
    )  # fmt: skip
    return table.reindex(columns=COLUMNS)


def measure_of(vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings) -> Measure:
    """What is read of an item: the clean belief, then every draw of every step of its plan."""

    @functools.lru_cache(maxsize=1)
    def steps_of(item: Item) -> list[tuple[Step, dict[str, object]]]:
        told = functools.cache(functools.partial(_told, item, ids, settings))
        steps = list(plan(item, ids, settings))
        return [(step, _named(item, step, ids, settings) | told(step.displacement)) for step in steps]

    def measure(item: Item, asked: Question) -> list[Reading]:
        encoded = encode(vlm, [dataset.visual(item.visual)], [asked])
        ways = {place: way for role, way in settings.ways.items() for place in positions(encoded, 0, role, vlm)}
        places, steps = tuple(sorted(ways)), steps_of(item)
        signs = torch.tensor([[float(ways[place])] for place in places])
        edits = [
            Intervention(step.layer, places, vectors)
            for step, _ in steps
            for vectors in signs * torch.tensor(step.vectors, dtype=torch.float32)[:, None]
        ]
        clean, *after = sweep_encoded(vlm, encoded, edits)
        named = itertools.chain.from_iterable([columns] * len(step.vectors) for step, columns in steps)
        return [Reading(clean), *(Reading(scores, columns) for scores, columns in zip(after, named, strict=True))]

    return measure


def plan(item: Item, ids: Mapping[int, Ids], settings: Settings) -> Iterator[Step]:
    """All steps of one item, in the order of the table's rows."""
    coordinate = coordinate_of(item, settings.coordinate)
    apart, doses = gap(item, coordinate, cells_along(ids, coordinate)), settings.exchange
    cells = -np.array(doses, float) * apart if doses else np.array(settings.displacements, float)
    chance = {"runs": settings.relabellings, "seed": settings.seed}
    for layer, found in sorted(ids.items()):
        along = found.coordinates.index(coordinate)
        drawn = displacements(found, along, cells, item.id, layer, draws=settings.draws, seed=settings.seed)
        runs = relabelled(found, along, cells, layer, **chance)
        for number, (step, cell) in enumerate(zip(settings.steps, cells.tolist(), strict=True)):
            at = (layer, step if doses else None, cell)
            for arm, vectors in drawn.items():
                yield Step(*at, arm, vectors[:, number])
            if not settings.relabelled_at or step in settings.relabelled_at:
                yield from (Step(*at, RELABELLED, run[None, number], n) for n, run in enumerate(runs, start=1))


def _named(item: Item, step: Step, ids: Mapping[int, Ids], settings: Settings) -> dict[str, object]:
    """The columns of a step, but for what its displacement alone tells."""
    held, dose = ids[step.layer].statistics.get("held_out", []), step.dose
    return ({} if dose is None else {"dose": float(dose)}) | {
        "layer": step.layer, "displacement": step.displacement, "arm": step.arm, "relabelling": step.relabelling,
        "held_out": all(item.things[role].noun in held for role in settings.ways),
    }  # fmt: skip


def _told(item: Item, ids: Mapping[int, Ids], settings: Settings, displacement: float) -> dict[str, object]:
    """The columns that hang on the item and a displacement."""
    coordinate, ways = coordinate_of(item, settings.coordinate), settings.ways
    cells = cells_along(ids, coordinate)
    after = displaced(item, {role: way * displacement for role, way in ways.items()}, coordinate, cells)
    landed = [place(after.things[role], item, coordinate, cells) for role in ways]
    return {
        "axis": AXIS[coordinate], "tokens": "+".join(ways), "gap": gap(item, coordinate, cells),
        "inside": all(0 <= where <= cells for where in landed), "truth_after": after.answer,
    }  # fmt: skip
