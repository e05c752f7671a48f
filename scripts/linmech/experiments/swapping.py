"""Swap activations with a run about a changed visual and read the answer (section 2, Alg 1; Figs 4, 10A).

The donor is asked the same question about the item's visual after a change: mirrored, recoloured, its frames reversed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from linmech.engine.swaps import swap
from linmech.experiments.afflicting import afflicted
from linmech.experiments.choosing import candidates
from linmech.experiments.progress import Progress
from linmech.experiments.running import STATISTICS, Measure, Reading, run
from linmech.models.encoding import encode
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.seeds import integer
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item

COLUMNS = [
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "second", "change", "d_before", "mass_before",
    "undecided", "run", "layer", "selector", *STATISTICS,
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """A stanza of swapping.experiments: which questions, the change that makes the donor, where its residuals go.

    `selectors` as in `encoding.positions`, all pieces of a word; `random_text(n)` is drawn from `seed`, the item and
    the question, once. `layers` empty means all. `items` 0 = all.
    """

    experiment: str
    kind: str = "left-right"
    change: str = "mirror"
    selectors: tuple[str, ...] = ("image", "text", "nouns")
    layers: tuple[int, ...] = ()
    items: int = 100
    min_mass: float = 0.05
    seed: int = 0


def swap_all(vlm: VLM, dataset: Dataset, settings: Settings, progress: Progress) -> pd.DataFrame:
    """The table of one experiment on one data set (`running.run`): per item a row of the donor's own run (`run`
    "donor", layer -1, no selector), and a row per layer and selector of the run that takes the donor's residuals there
    ("swapped").

    `delta` of the donor is what a swap that carries everything would do. Raises LinmechError where the data set has no
    such questions.
    """
    where = f"swapping.experiments.{settings.experiment}"
    items = candidates(dataset.items(), settings.kind, settings.items, settings.seed, where=where, vlm=vlm)
    measure = afflicted(vlm, dataset, partial(measure_of, settings=settings))
    table = run(
        items, measure, progress, dataset=dataset.name, experiment=settings.experiment,
        min_mass=settings.min_mass,
    )  # fmt: skip
    return table[COLUMNS]


def measure_of(vlm: VLM, dataset: Dataset, settings: Settings) -> Measure:
    """What is read of an item: the clean belief, the donor's, and the belief after every swap."""
    layers: Sequence[int] = settings.layers or range(vlm.n_layers + 1)
    sites = [(layer, selector) for layer in layers for selector in settings.selectors]

    def measure(item: Item, asked: Question) -> list[Reading]:
        own, changed = (dataset.visual(item.visual, change) for change in ("", settings.change))
        drawn = [(layer, seeded(selector, settings.seed, item)) for layer, selector in sites]
        swapped = swap(vlm, encode(vlm, [own], [asked]), encode(vlm, [changed], [asked]), drawn)
        named = {"change": settings.change, "run": "swapped"}
        donor = Reading(swapped.donor, named | {"run": "donor", "layer": -1, "selector": ""})
        found = [
            Reading(scores, named | {"layer": layer, "selector": selector})
            for (layer, selector), scores in zip(sites, swapped.sites, strict=True)
        ]
        return [Reading(swapped.control), donor, *found]

    return measure


def seeded(selector: str, seed: int, item: Item) -> str:
    """The selector with the item's own seed where it draws: random_text(nouns) as random_text(nouns, 123)."""
    return re.sub(r"random_text\((\w+)\)", rf"random_text(\1, {integer(seed, 'random text', item.id)})", selector)
