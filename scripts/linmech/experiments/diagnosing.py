"""Which part fails? What nouns are bound to, where the picture matters, and what the true IDs would do (section 4.2).

Per item (Figs 8, A.8; Eqs 10, 11): `bound`, the margin between the places that the two nouns' own residuals say, beside
the true one, and both by IDs whose cells have exchanged their names; `masked`, the belief with a box blurred, the
subject's or one of its size that meets neither object; `injected`, the belief with other places put into both nouns at
a layer; `repositioned` (section E.2), belief and margin where the tower is told other positions (`repositioning`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from linmech.engine.beliefs import beliefs
from linmech.engine.donors import Donor
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.experiments.afflicting import afflicted
from linmech.experiments.arms import RELABELLED, relabellings
from linmech.experiments.choosing import candidates, matched
from linmech.experiments.clean import towards_truth
from linmech.experiments.places import cells_along, check_coordinate, gap
from linmech.experiments.progress import Progress
from linmech.experiments.repositioning import orders
from linmech.experiments.running import STATISTICS, Measure, Reading, run
from linmech.ids.axes import axes_of, project
from linmech.ids.files import Ids
from linmech.ids.places import id_at, placed, span
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.position_tables import repositioned, seen_whole, side_of
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import Question
from linmech.seeds import rng
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Box, Item

NOUNS = ("subject", "reference")
ARMS = ("true", "exchanged", "shuffled", "nowhere")
JITTER = 0.1  # of a box's size by which a mask inside it is moved
TRIES = 200  # for a box that meets neither object
COLUMNS = [
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "second", "d_before", "mass_before",
    "undecided", "gap", "what", "layer", "arm", "relabelling", "margin", "true_margin",
    *STATISTICS,
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """A stanza of diagnosing.experiments: which questions, and the coordinate that they are about.

    `masks`: boxes blurred inside and outside. `baseline`: what a noun's own place is counted from, the same question
    about a "blank" picture, or asked as "text" alone (the paper's). `items` 0 = all. `matched`: as many wrong answers
    as right ones, of gaps as nearly alike as there are (`choosing.matched`). `relabellings`: in how many runs the cells
    exchange their names (`arms.relabellings`). `repositioned`: whether the tower is told other positions, too (not of a
    model whose tower has no table of them, nor of a picture that it does not see whole).
    """

    experiment: str
    kind: str = "left-right"
    coordinate: str = "column"
    baseline: str = "blank"
    masks: int = 8
    items: int = 150
    matched: bool = False
    relabellings: int = 0
    repositioned: bool = False
    min_mass: float = 0.05
    seed: int = 0


def diagnose(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, progress: Progress
) -> pd.DataFrame:
    """The table of one experiment on one data set (`running.run`).

    Per item: a row per layer of what is `bound` (`margin` and `true_margin`, cells, subject beyond reference), and one
    per `relabelling` (from 1; 0: the cells have their names), arm relabelled; two of what is `masked` (arm inside,
    outside; `draws` says how many boxes found room), a row per layer and arm of what is `injected`, and of what is
    `repositioned` (with margins). Raises LinmechError where the data set has no such questions, or an item no boxes.
    """
    where = f"diagnosing.experiments.{settings.experiment}"
    check_coordinate(ids, settings.coordinate, where)
    wanted = 0 if settings.matched else settings.items
    items = candidates(dataset.items(), settings.kind, wanted, settings.seed, where=where, vlm=vlm)
    for item in items:
        if any(item.things[role].box is None for role in NOUNS):
            raise LinmechError(f"{where}: item {item.id} of {dataset.name} has no boxes; name a data set that has")
    if settings.matched:
        items = matched(items, towards_truth(vlm, dataset, items), settings.items, settings.seed, where)
    measure = afflicted(vlm, dataset, partial(measure_of, ids=ids, settings=settings))
    table = run(
        items, measure, progress, dataset=dataset.name, experiment=settings.experiment, min_mass=settings.min_mass
    )
    return table.reindex(columns=COLUMNS)


def measure_of(vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings) -> Measure:
    """What is read of an item: the clean belief, what its nouns are bound to, masks, and injections."""
    sites = [(layer, arm) for layer in ids for arm in ARMS]
    runs = {layer: list(relabelled_of(each, settings)) for layer, each in ids.items()}
    side = side_of(vlm) if settings.repositioned else 0

    def measure(item: Item, asked: Question) -> list[Reading]:
        encoded = encode(vlm, [dataset.visual(item.visual)], [asked])
        empty = dataset.visual(item.visual, "blank") if settings.baseline == "blank" else None
        own, base = (at_nouns(vlm, prompt, ids) for prompt in (encoded, encode(vlm, [empty], [asked])))
        clean, *after = sweep_encoded(
            vlm, encoded, [injection(vlm, encoded, own[layer], ids[layer], item, arm, settings) for layer, arm in sites]
        )
        there = gap(item, settings.coordinate, cells_along(ids, settings.coordinate))

        def reading(scores: AnswerScores, what: str, layer: int, arm: str, number: int = 0, **values: float) -> Reading:
            named = {"gap": there, "what": what, "layer": layer, "arm": arm, "relabelling": number}
            return Reading(scores, named, values)

        found = [Reading(clean)]
        for layer, each in ids.items():
            for number, grid in enumerate([each, *runs[layer]]):
                margins = margins_of(grid, own[layer] - base[layer], item, settings)
                found.append(reading(clean, "bound", layer, RELABELLED if number else "", number, **margins))
        hidden = list(masks(item, settings))
        blurred = [dataset.visual(item.visual, "blur:" + ",".join(f"{edge:g}" for edge in box)) for _, box in hidden]
        masked = beliefs(vlm, encode(vlm, blurred, [asked] * len(hidden)))
        found += [reading(scores, "masked", -1, arm) for (arm, _), scores in zip(hidden, masked, strict=True)]
        whole = side and seen_whole(encoded, item.width, item.height)
        for arm, order in orders(item, NOUNS, settings.coordinate, side, settings.seed) if whole else ():
            with repositioned(vlm, order):
                there_then, (scores,) = at_nouns(vlm, encoded, ids), beliefs(vlm, encoded)
            for layer, each in ids.items():
                margins = margins_of(each, there_then[layer] - base[layer], item, settings)
                found.append(reading(scores, "repositioned", layer, arm, **margins))
        return found + [reading(scores, "injected", *site) for site, scores in zip(sites, after, strict=True)]

    return measure


def injection(
    vlm: VLM, prompt: Encoded, own: Float[np.ndarray, "noun=2 hidden"], ids: Ids, item: Item, arm: str,
    settings: Settings,
) -> Intervention:  # fmt: skip
    """The change of both nouns' residuals, which are `own`, at the layer of `ids`: the places of `arm` in theirs."""
    basis, there = span(ids.ids_train), targets(ids, item, arm, settings)
    vectors = np.stack([
        placed(own[number], middle(ids, item.things[role].noun), basis, there[number])
        for number, role in enumerate(NOUNS)
    ])  # fmt: skip
    places = np.array([positions(prompt, 0, role, vlm)[0] for role in NOUNS])
    order = np.argsort(places)
    return Intervention(ids.layer, tuple(places[order].tolist()), torch.tensor(vectors[order], dtype=torch.float32))


def at_nouns(vlm: VLM, prompt: Encoded, layers: Iterable[int]) -> dict[int, Float[np.ndarray, "noun hidden"]]:
    """The residuals of the subject and the reference (last pieces) in a prompt's plain run, by layer."""
    places = [positions(prompt, 0, role, vlm)[0] for role in NOUNS]
    found = Donor.of(vlm, prompt, layers).residuals
    return {layer: residuals[places].double().cpu().numpy() for layer, residuals in found.items()}


def middle(ids: Ids, noun: str) -> Float[np.ndarray, " hidden"]:
    """The mean residual of a noun; of all nouns where this one is not known."""
    return ids.nouns.get(noun, np.mean(list(ids.nouns.values()), axis=0)).astype(np.float64)


def targets(ids: Ids, item: Item, arm: str, settings: Settings) -> list[Float[np.ndarray, " hidden"]]:
    """The IDs that an arm puts into the subject and the reference.

    true: of their places; exchanged: of each other's; shuffled: of their places where the cells' IDs are exchanged at
    random; nowhere: none.
    """
    grid = ids.ids_train.astype(np.float64)
    if arm == "nowhere":
        return [np.zeros(grid.shape[-1])] * 2
    if arm == "shuffled":
        draw = rng(settings.seed, "injected", item.id)
        grid = draw.permutation(grid.reshape(-1, grid.shape[-1])).reshape(grid.shape)
    things = [item.things[role] for role in (NOUNS if arm != "exchanged" else NOUNS[::-1])]
    return [id_at(grid, thing.x / item.width, thing.y / item.height) for thing in things]


def margins_of(
    ids: Ids, residuals: Float[np.ndarray, "noun=2 hidden"], item: Item, settings: Settings
) -> dict[str, float]:
    """The `margin` of the nouns' residuals, and that of the IDs of the item's true places."""
    truth = np.stack(targets(ids, item, "true", settings))
    return {
        "margin": margin(ids, residuals, settings.coordinate), "true_margin": margin(ids, truth, settings.coordinate)
    }  # fmt: skip


def relabelled_of(ids: Ids, settings: Settings) -> Iterator[Ids]:
    """The IDs, and their axes, of every run in which the cells exchange their names."""
    for grid in relabellings(ids, ids.layer, runs=settings.relabellings, seed=settings.seed):
        yield replace(ids, ids_train=grid, axes=axes_of(grid, ids.estimator))


def margin(ids: Ids, residuals: Float[np.ndarray, "noun=2 hidden"], coordinate: str) -> float:
    """By how many cells the first of two residuals lies beyond the second along the axis of a coordinate (Eq 10)."""
    along = project(residuals, ids.axes)[:, ids.coordinates.index(coordinate)]
    return float(along[0] - along[1])


def masks(item: Item, settings: Settings) -> Iterator[tuple[str, Box]]:
    """Boxes to blur: `masks` about the subject's own, moved a little, and as many of its size that meet neither object.

    Fewer of the latter where the picture has no room for them.
    """
    left, top, right, bottom = item.things["subject"].box
    wide, tall = right - left, bottom - top
    draw = rng(settings.seed, "masks", item.id)
    for _ in range(settings.masks):
        dx, dy = draw.uniform(-JITTER, JITTER, 2) * (wide, tall)
        x0, y0 = np.clip([left + dx, top + dy], 0, [max(item.width - wide, 0), max(item.height - tall, 0)])
        yield "inside", (float(x0), float(y0), float(x0 + wide), float(y0 + tall))
    found = 0
    for _ in range(TRIES):
        if found == settings.masks or wide >= item.width or tall >= item.height:
            return
        x0, y0 = draw.uniform(0, item.width - wide), draw.uniform(0, item.height - tall)
        box = (float(x0), float(y0), float(x0 + wide), float(y0 + tall))
        if not any(meets(box, item.things[role].box) for role in NOUNS):
            found += 1
            yield "outside", box


def meets(one: Box, other: Box) -> bool:
    """Whether two boxes overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
