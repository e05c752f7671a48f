"""How often a model that is being trained is right, about pictures that it is not trained on."""

from collections.abc import Iterator, Sequence

import numpy as np

from linmech.activations.preparation import prepared
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded
from linmech.models.framing import in_view
from linmech.models.vlm import VLM
from linmech.seeds import digest
from linmech.statistics.splits import split
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question

BATCH = 32
KEPT = 2**30  # bytes of prepared pictures of a data set that are kept for the next time
HALVES = ("validation", "test")


class Exam:
    """Questions about one half of the pictures of a data set: those that validate, or those that test.

    `count`: at most so many questions (0 = all), drawn by name. Raises LinmechError where none is of `kinds`.
    """

    def __init__(self, vlm: VLM, dataset: Dataset, kinds: Sequence[str], half: str, count: int, seed: int):
        self.vlm, self.dataset, self._kept = vlm, dataset, list[Encoded]()
        asked = [item for item in dataset.items() if item.kind in kinds and item.answer]
        asked = in_view(vlm, asked, f"finetuning, {dataset.name}")
        if len({item.visual for item in asked}) < 2:
            raise LinmechError(f"finetuning: {dataset.name} has no two pictures with questions of {', '.join(kinds)}")
        apart = split((item.visual for item in asked), 0.5, seed, "finetuning test image")
        asked = [item for item in asked if (item.visual in apart) == (half == "test")]
        ranked = sorted(asked, key=lambda item: digest(seed, "finetuning exam", item.id))
        chosen = {item.id for item in ranked[: count or len(ranked)]}
        self.items: list[Item] = [item for item in asked if item.id in chosen]

    def take(self) -> dict[str, float]:
        """accuracy: the share of questions whose true answer is the likelier one; loss: mean -log p of it, nats; mass:
        mean probability of the two answers together.
        """
        scores = [score for batch in self._batches() for score in beliefs(self.vlm, self._moved(batch))]
        first = [item.answer == question(item).options[0] for item in self.items]
        right = [(score.d > 0) if one else (score.d < 0) for score, one in zip(scores, first, strict=True)]
        loss = [-(score.log_p_first if one else score.log_p_second) for score, one in zip(scores, first, strict=True)]
        mass = [score.mass for score in scores]
        return {"accuracy": float(np.mean(right)), "loss": float(np.mean(loss)), "mass": float(np.mean(mass))}

    def _moved(self, batch: Encoded) -> Encoded:
        return batch.to(self.vlm.device, self.vlm.dtype)

    def _batches(self) -> Iterator[Encoded]:
        """The questions in batches, prepared once if they are small enough to be kept."""
        if self._kept:
            yield from self._kept
            return
        parts = [self.items[first : first + BATCH] for first in range(0, len(self.items), BATCH)]
        asked = [([item.visual for item in part], [question(item) for item in part]) for part in parts]
        small = list[Encoded]()
        for batch in prepared(self.vlm.processor, self.vlm.name, asked, self.dataset.visual, 0):
            if sum(value.nbytes for value in batch.inputs.values()) * len(parts) <= KEPT:
                small.append(batch)
            yield batch
        self._kept = small if len(small) == len(parts) else []
