"""The prompts of a run, their visuals made and preprocessed in worker processes while the model computes."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence

import torch
from torch.utils import data

from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, prepare
from linmech.questions.asking import Question
from linmech.stimuli.visuals import Visual


def prepared(
    processor: object, name: str, asked: Sequence[tuple[list[str], list[Question]]],
    visuals: Callable[[str], Visual], workers: int,
) -> Iterator[Encoded]:  # fmt: skip
    """Yield the batches of `asked`, (ids of visuals, questions), in order as inputs of the model `name`, on the CPU.

    `visuals` gives the visual of an id, such as `Dataset.visual`. It and `processor` are pickled to `workers` processes
    (0 = run in this one), which work ahead of the model. Raises what `visuals` raises.
    """
    spawned = {"multiprocessing_context": "spawn", "worker_init_fn": end_with_parent} if workers else {}
    batches = _Batches(processor, name, list(asked), visuals)
    pinned = torch.cuda.is_available()
    for found in data.DataLoader(batches, batch_size=None, num_workers=workers, pin_memory=pinned, **spawned):
        if isinstance(found, LinmechError):
            raise found
        yield found


def end_with_parent(_: int = 0) -> None:
    """Let a worker end when its parent is killed; torch's own watch misses a parent that dies while a worker starts."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Batches(data.Dataset):
    """The encoded batches; a LinmechError is handed over, not raised, to stay one line on its way home."""

    def __init__(self, processor: object, name: str, asked: list, visuals: Callable[[str], Visual]):
        self.processor, self.name, self.asked, self.visuals = processor, name, asked, visuals

    def __len__(self) -> int:
        return len(self.asked)

    def __getitem__(self, n: int) -> Encoded | LinmechError:
        ids, questions = self.asked[n]
        try:
            once = {visual: self.visuals(visual) for visual in dict.fromkeys(ids)}
            return prepare(self.processor, [once[visual] for visual in ids], questions, self.name)
        except LinmechError as error:
            return error
