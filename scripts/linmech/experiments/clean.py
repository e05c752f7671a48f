"""What a model believes of items before anything is done to it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from linmech.engine.beliefs import beliefs
from linmech.experiments.afflicting import afflicted
from linmech.experiments.running import Measure, Reading
from linmech.models.encoding import encode
from linmech.models.vlm import VLM
from linmech.questions.kinds import has_orders
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question


def towards_truth(vlm: VLM, dataset: Dataset, items: Sequence[Item]) -> Float[np.ndarray, " item"]:
    """The belief about each item, towards its true answer (nats), the mean over the orders of the answers.

    A fault that afflicts an item is there (`afflicting`).
    """
    measure, found = afflicted(vlm, dataset, _measure_of), []
    for item in tqdm(items, desc=f"clean beliefs {dataset.name}", unit="item", mininterval=5):
        d = []
        for order in (0, 1) if has_orders(item.kind) else (0,):
            asked = question(item, order)
            d.append(measure(item, asked)[0].scores.d * (1 if asked.options[0] == item.answer else -1))
        found.append(float(np.mean(d)))
    return np.array(found)


def _measure_of(vlm: VLM, dataset: Dataset) -> Measure:
    return lambda item, asked: [Reading(beliefs(vlm, encode(vlm, [dataset.visual(item.visual)], [asked]))[0])]
