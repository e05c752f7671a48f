"""Measure a model with a planted fault (`models.faults`): some of its items run on the broken model, the rest on it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from linmech.errors import LinmechError
from linmech.experiments.planting import flipped, unbound
from linmech.experiments.running import Measure, Reading
from linmech.models.encoding import encode
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Box, Item
from linmech.stimuli.transforms import changed
from linmech.stimuli.visuals import Visual


@dataclass(frozen=True)
class Misseen(Dataset):
    """A data set as a tower sees it that finds the contents of two boxes of one item exchanged."""

    item: Item = field(kw_only=True)

    def visual(self, visual: str, change: str = "") -> Visual:
        """`Dataset.visual`, seen wrongly; boxes go along with a mirror. Raises LinmechError where there are no two."""
        name, boxes = change.partition(":")[0], self._boxes()
        if name in ("mirror", "mirror-objects"):
            boxes = [(self.item.width - box[2], box[1], self.item.width - box[0], box[3]) for box in boxes]
        numbers = ",".join(f"{edge:g}" for box in boxes for edge in box)
        return changed(Dataset.visual(self, visual, change), f"exchange:{numbers}")

    def _boxes(self) -> list[Box]:
        boxes = [self.item.things[role].box for role in ("subject", "reference") if role in self.item.things]
        if len(boxes) < 2 or None in boxes:
            raise LinmechError(f"item {self.item.id}: fault vision needs the boxes of two nouns; ask another kind")
        return boxes


def afflicted(vlm: VLM, dataset: Dataset, measure_of: Callable[[VLM, Dataset], Measure]) -> Measure:
    """What `measure_of(vlm, dataset)` measures, on the broken model where its fault afflicts an item."""
    healthy = measure_of(vlm, dataset)
    if vlm.fault is None:
        return healthy

    def measure(item: Item, asked: Question) -> list[Reading]:
        if not vlm.fault.afflicts(item.id):
            return healthy(item, asked)
        with broken(vlm, dataset, item, asked) as (model, seen):
            return measure_of(model, seen)(item, asked)

    return measure


@contextlib.contextmanager
def broken(vlm: VLM, dataset: Dataset, item: Item, asked: Question) -> Iterator[tuple[VLM, Dataset]]:
    """The model and what it is shown while its fault is there."""
    fault = vlm.fault
    if fault.kind == "vision":
        yield vlm, Misseen(dataset.folder, dataset.sprites, item=item)
        return
    prompt = encode(vlm, [dataset.visual(item.visual)], [asked])
    blocks = fault.blocks or range(1, vlm.n_layers // 2 + 1)
    how = unbound(vlm, prompt, blocks) if fault.kind == "binding" else flipped(vlm, prompt)
    with how as model:
        yield model, dataset
