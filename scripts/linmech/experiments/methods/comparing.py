"""Five ways to tell what fails, read of the same items: IDs, a probe, activation patching, attention, the logit lens.

What each reads is a signal by layer, and numbers of its own (experiments.md 4.4):

- ids: how far the places that nouns say lie apart (`bound`), and the belief with the true
  IDs put in (`mended`) or with each other's (`turned`)
- probe: how far the places that a linear probe reads at the nouns lie apart (`place`)
- patching: what the nouns' residuals of a run about the mirrored picture change (`nouns`); the mirror itself (`mirror`)
- attention: what nouns attend to of their own object beyond the other one (`own`), and of the picture (`picture`)
- lens: the belief that the unembedding reads at the last token (`belief`)
- answer: the belief itself, what all have in common

Beliefs, margins and changes count towards the truth, which every method is told; what is planted none is told.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch

from linmech.engine.beliefs import beliefs, log_probs, readout
from linmech.engine.donors import Donor
from linmech.engine.swaps import swap
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.experiments.afflicting import afflicted
from linmech.experiments.choosing import candidates
from linmech.experiments.diagnosing import NOUNS, at_nouns, injection, margin
from linmech.experiments.diagnosing import Settings as Diagnosing
from linmech.experiments.methods.attending import looks
from linmech.experiments.methods.costs import counted
from linmech.experiments.methods.probing import Probe
from linmech.experiments.places import cells_along, check_coordinate, gap
from linmech.experiments.progress import Progress
from linmech.experiments.running import Measure, Reading, run
from linmech.ids.files import Ids
from linmech.models.encoding import Encoded, encode
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item

COLUMNS = [
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "second", "d_before", "mass_before",
    "undecided", "method", "what", "layer", "value",
]  # fmt: skip
INJECTED = {"mended": "true", "turned": "exchanged"}  # the arm of `diagnosing` that is put in
Found = Iterator[tuple[str, int, float]]  # what, layer (-1: none), value


@dataclass(frozen=True)
class Settings:
    """The stanza `comparing`: which questions, and the coordinate that they are about. `items` 0 = all."""

    experiment: str = "comparing"
    kind: str = "left-right"
    coordinate: str = "column"
    items: int = 100
    min_mass: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Case:
    """An item asked in one way, and what the methods need to read of it; `sign`: of the belief and of the true gap."""

    vlm: VLM
    dataset: Dataset
    item: Item
    asked: Question
    prompt: Encoded
    ids: Mapping[int, Ids]
    probes: Mapping[int, Probe]
    settings: Settings

    @property
    def sign(self) -> int:
        """1 where the first answer is the true one, else -1."""
        return 1 if self.asked.options[0] == self.item.answer else -1

    @property
    def side(self) -> float:
        """The sign of the true margin between the two nouns."""
        return float(np.sign(gap(self.item, self.settings.coordinate, cells_along(self.ids, self.settings.coordinate))))


def compare(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], probes: Mapping[int, Probe], settings: Settings,
    progress: Progress,
) -> pd.DataFrame:  # fmt: skip
    """The table of all methods on one data set (`running.run`): a row per item, method, what it reads and layer.

    `what` is "passes" or "seconds" in the rows that say what a method cost. Raises LinmechError where the data set has
    no such questions, or an item no boxes.
    """
    check_coordinate(ids, settings.coordinate, settings.experiment)
    drawn = (dataset.items(), settings.kind, settings.items, settings.seed)
    items = candidates(*drawn, where=settings.experiment, vlm=vlm)
    for item in items:
        if any(item.things[role].box is None for role in NOUNS):
            raise LinmechError(f"comparing: item {item.id} of {dataset.name} has no boxes; name a data set that has")
    measure = afflicted(vlm, dataset, partial(measure_of, ids=ids, probes=probes, settings=settings))
    table = run(
        items, measure, progress, dataset=dataset.name, experiment=settings.experiment, min_mass=settings.min_mass
    )
    return table[COLUMNS]


def comparing_with(probes: Mapping[int, Probe]) -> Callable[..., pd.DataFrame]:
    """`compare` with these probes, as `tables.write_moved` takes an experiment."""

    def experiment(
        vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], settings: Settings, progress: Progress
    ) -> pd.DataFrame:
        return compare(vlm, dataset, ids, probes, settings, progress)

    return experiment


def measure_of(
    vlm: VLM, dataset: Dataset, ids: Mapping[int, Ids], probes: Mapping[int, Probe], settings: Settings
) -> Measure:
    """What is read of an item by every method, each from the picture and the question on, with its cost."""

    def measure(item: Item, asked: Question) -> list[Reading]:
        prompt = encode(vlm, [dataset.visual(item.visual)], [asked])
        case = Case(vlm, dataset, item, asked, prompt, ids, probes, settings)
        clean, found = beliefs(vlm, prompt)[0], []
        for method, read in METHODS.items():
            with counted(vlm, prompt.lengths[0]) as cost:
                told = list(read(case))
            told += [("passes", -1, cost.passes), ("seconds", -1, cost.seconds)]
            found += [
                Reading(clean, {"method": method, "what": what, "layer": layer}, {"value": value})
                for what, layer, value in told
            ]
        return [Reading(clean), *found]

    return measure


def by_ids(case: Case) -> Found:
    """What the nouns are bound to, and what the true IDs would do (as `diagnosing`)."""
    how = Diagnosing(case.settings.experiment, case.settings.kind, case.settings.coordinate, seed=case.settings.seed)
    empty = encode(case.vlm, [case.dataset.visual(case.item.visual, "blank")], [case.asked])
    own, base = (at_nouns(case.vlm, prompt, case.ids) for prompt in (case.prompt, empty))
    sites = [(what, layer) for what in INJECTED for layer in case.ids]
    edits = [
        injection(case.vlm, case.prompt, own[layer], case.ids[layer], case.item, INJECTED[what], how)
        for what, layer in sites
    ]
    for layer, each in case.ids.items():
        yield "bound", layer, case.side * margin(each, own[layer] - base[layer], case.settings.coordinate)
    for (what, layer), after in zip(sites, sweep_encoded(case.vlm, case.prompt, edits)[1:], strict=True):
        yield what, layer, case.sign * after.d


def by_probe(case: Case) -> Found:
    """The places that the probes read at the nouns."""
    own = at_nouns(case.vlm, case.prompt, case.probes)
    for layer, probe in case.probes.items():
        yield "place", layer, case.side * probe.margin(own[layer])


def by_patching(case: Case) -> Found:
    """The nouns' residuals of a run about the mirrored picture, put in by layer: what that takes from the truth."""
    mirrored = encode(case.vlm, [case.dataset.visual(case.item.visual, "mirror")], [case.asked])
    swapped = swap(case.vlm, case.prompt, mirrored, [(layer, "nouns") for layer in case.ids])
    yield "mirror", -1, case.sign * (swapped.control.d - swapped.donor.d)
    for layer, after in zip(case.ids, swapped.sites, strict=True):
        yield "nouns", layer, case.sign * (swapped.control.d - after.d)


def by_attention(case: Case) -> Found:
    """What the nouns attend to, by block."""
    for layer, (own, picture) in looks(case.vlm, case.prompt, case.item).items():
        if layer in case.ids:
            yield "own", layer, own
            yield "picture", layer, picture


@torch.no_grad()
def by_lens(case: Case) -> Found:
    """The belief at the last token of each layer, by the final norm and the unembedding (first pieces of answers)."""
    asked, last = readout(case.vlm, case.prompt, 0), case.prompt.lengths[0] - 1
    donor = Donor.of(case.vlm, case.prompt, case.ids)
    pieces = [sorted({form[0] for form in forms}) for forms in (asked.first, asked.second)]
    wanted = torch.tensor(pieces[0] + pieces[1], device=case.vlm.device)
    for layer in case.ids:
        states = case.vlm.decoder.norm(donor.residuals[layer][last])
        log_p = log_probs(case.vlm, states, wanted)
        first, second = log_p[: len(pieces[0])].logsumexp(0), log_p[len(pieces[0]) :].logsumexp(0)
        yield "belief", layer, case.sign * float(first - second)


def by_answer(case: Case) -> Found:
    """The belief alone."""
    yield "belief", -1, case.sign * beliefs(case.vlm, case.prompt)[0].d


METHODS: Mapping[str, Callable[[Case], Found]] = {
    "ids": by_ids, "probe": by_probe, "patching": by_patching, "attention": by_attention, "lens": by_lens,
    "answer": by_answer,
}  # fmt: skip
