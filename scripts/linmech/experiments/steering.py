"""Move a noun's ID and read the answer (section 3, Alg 2; Figs 6, 7, 10C), beside controls of the same size.

    h' = h + a |h| v(target)

`a` is the strength, relative to the clean token's own norm; `arms.py` gives v for the IDs and for each control.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from tqdm import tqdm

from linmech.engine.beliefs import beliefs
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.experiments.afflicting import afflicted
from linmech.experiments.arms import arms
from linmech.experiments.choosing import POOL, candidates, typical
from linmech.experiments.places import SIDES, cells_along, check_coordinate, coordinate_of, side_of
from linmech.experiments.progress import Progress
from linmech.experiments.running import STATISTICS, Measure, Reading, run
from linmech.ids.axes import AXIS
from linmech.ids.files import Ids
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question

BATCH = 16
COLUMNS = [
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "second", "axis", "side", "d_before",
    "mass_before", "undecided", "layer", "target", "strength", "arm", "target_relative", *STATISTICS,
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """A stanza of steering.experiments: which questions, which way their words are moved, how far.

    `coordinate`: "column", "row" or "frame", or NEIGHBOURS. `targets` count cells along it, -1 is the last, empty means
    all. `tokens`: the roles whose words are moved (to the target; with both nouns, the reference to the opposite).
    `items` 0 = all, of `images` (`choosing.candidates`), or the most typical ones where `typical`. `draws` of noise,
    `few` draws of span and shuffled. An item whose two answers hold less probability than `min_mass` is undecided.
    """

    experiment: str
    kind: str = "left-right"
    coordinate: str = "column"
    targets: tuple[int, ...] = ()
    strengths: tuple[float, ...] = (1.0,)
    tokens: tuple[str, ...] = ("subject",)
    items: int = 100
    images: str = "all"
    typical: bool = False
    draws: int = 20
    few: int = 5
    min_mass: float = 0.05
    seed: int = 0
    commit_every: int = 5


@dataclass(frozen=True)
class Move:
    """One row of the table to be: the intervention's place in the plan, and its draws."""

    layer: int
    target: int
    strength: float
    arm: str
    vectors: Float[np.ndarray, "draw hidden"]


def steer(vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, progress: Progress) -> pd.DataFrame:
    """The table of one experiment on one data set (`running.run`), a row per item, layer, target, strength and arm.

    `ids` by the layers to steer at. Each item's numbers depend on the seed and on its name only. `target_relative`
    counts targets from the side on which the subject stands. Raises LinmechError where the data set has no such
    questions, or the IDs no such coordinate.
    """
    check_coordinate(ids, settings.coordinate, f"steering.experiments.{settings.experiment}")
    measure = afflicted(vlm, dataset, functools.partial(measure_of, ids=ids, settings=settings))
    table = run(
        choose(vlm, dataset, settings), measure, progress, dataset=dataset.name, experiment=settings.experiment,
        min_mass=settings.min_mass, commit_every=settings.commit_every,
    )  # fmt: skip
    return table[COLUMNS]


def choose(vlm: VLM, dataset: Dataset, settings: Settings) -> list[Item]:
    """The items of the experiment: drawn, or the typical ones of a pool (`choosing.typical`)."""
    wanted = max(POOL, settings.items) if settings.typical else settings.items
    drawn = (dataset.items(), settings.kind, wanted, settings.seed, settings.images)
    pool = candidates(*drawn, where=f"steering.experiments.{settings.experiment}", vlm=vlm)
    if not settings.typical:
        return pool
    d = np.zeros(len(pool))
    for order in (0, 1):
        asked = [question(item, order) for item in pool]
        batches = tqdm(range(0, len(pool), BATCH), desc=f"typical item, order {order}", unit="batch")
        for rows in (slice(start, start + BATCH) for start in batches):
            visuals = [dataset.visual(item.visual) for item in pool[rows]]
            d[rows] += [score.d / 2 for score in beliefs(vlm, encode(vlm, visuals, asked[rows]))]
    return typical(pool, d, settings.items)


def measure_of(vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings) -> Measure:
    """What is read of an item: the clean belief, then every draw of every move of its plan."""

    @functools.lru_cache(maxsize=1)
    def moves_of(item: Item) -> list[Move]:
        return list(plan(item, ids, settings))

    def measure(item: Item, asked: Question) -> list[Reading]:
        encoded = encode(vlm, [dataset.visual(item.visual)], [asked])
        moves, coordinate = moves_of(item), coordinate_of(item, settings.coordinate)
        where, signs = _moved_tokens(vlm, encoded, settings.tokens)
        interventions = [
            Intervention(move.layer, where, vectors, mode="add", strength=move.strength, relative=True)
            for move in moves
            for vectors in torch.tensor(signs[:, None] * move.vectors[:, None], dtype=torch.float32)
        ]
        clean, *after = sweep_encoded(vlm, encoded, interventions)
        cells = cells_along(ids, coordinate)
        side, last = side_of(item, coordinate, cells), cells - 1
        each = ([_named(move, coordinate, side, last)] * len(move.vectors) for move in moves)
        named = itertools.chain.from_iterable(each)
        return [Reading(clean), *(Reading(scores, columns) for scores, columns in zip(after, named, strict=True))]

    return measure


def plan(item: Item, ids: Mapping[int, Ids], settings: Settings) -> Iterator[Move]:
    """All moves of one item, in the order of the table's rows."""
    coordinate = coordinate_of(item, settings.coordinate)
    cells = cells_along(ids, coordinate)
    for layer, found in sorted(ids.items()):
        draws = {"draws": settings.draws, "few": settings.few, "seed": settings.seed}
        vectors = arms(found, found.coordinates.index(coordinate), item.id, layer, **draws)
        for target in (target % cells for target in settings.targets or range(cells)):
            for strength in settings.strengths:
                for arm, drawn in vectors.items():
                    yield Move(layer, target, float(strength), arm, drawn[:, target])


def _moved_tokens(
    vlm: VLM, encoded: Encoded, tokens: Sequence[str]
) -> tuple[tuple[int, ...], Float[np.ndarray, " place"]]:
    """The places of the words that are moved, ascending, and their signs."""
    against = {"reference"} if "subject" in tokens else set()
    places = {place: -1.0 if role in against else 1.0 for role in tokens for place in positions(encoded, 0, role, vlm)}
    return tuple(sorted(places)), np.array([places[place] for place in sorted(places)])


def _named(move: Move, coordinate: str, side: str, last: int) -> dict[str, object]:
    """The columns of a move."""
    near = side == SIDES[coordinate][0]
    where = {"axis": AXIS[coordinate], "side": side, "layer": move.layer, "target": move.target}
    how = {"strength": move.strength, "arm": move.arm}
    return where | how | {"target_relative": move.target if near else last - move.target}
