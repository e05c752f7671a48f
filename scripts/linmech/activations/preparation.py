"""The prompts of a run, their images composed and preprocessed in worker processes while the model computes."""

import functools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from PIL.Image import Image
from torch.utils import data

from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, prepare
from linmech.questions.asking import Question
from linmech.stimuli.datasets import Dataset, load_dataset
from linmech.stimuli.sprites import load_sprites


@dataclass(frozen=True)
class DatasetImages:
    """The images of a dataset by id, `DatasetImages(folder, sprites)(image)`; every worker process opens it anew."""

    folder: str
    sprites: str

    def __call__(self, image: str) -> Image:
        """The RGB image; raises LinmechError as `Dataset.image` does."""
        return _open_dataset(self.folder, self.sprites).image(image)


@functools.lru_cache(maxsize=1)
def _open_dataset(folder: str, sprites: str) -> Dataset:
    return load_dataset(folder, load_sprites(sprites))


def prepared(
    processor: object, name: str, asked: Sequence[tuple[list[str], list[Question]]],
    images: Callable[[str], Image] | None, workers: int,
) -> Iterator[Encoded]:  # fmt: skip
    """Yield the batches of `asked`, (image ids, questions), in order as inputs of the model `name`, on the CPU.

    `images` gives the image of an id (None: questions without images). It and `processor` are pickled to `workers`
    processes (0 = run in this one), which work ahead of the model. Raises what `images` raises.
    """
    spawned = {"multiprocessing_context": "spawn", "worker_init_fn": end_with_parent} if workers else {}
    batches = _Batches(processor, name, list(asked), images)
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

    def __init__(self, processor: object, name: str, asked: list, images: Callable[[str], Image] | None):
        self.processor, self.name, self.asked, self.images = processor, name, asked, images

    def __len__(self) -> int:
        return len(self.asked)

    def __getitem__(self, n: int) -> Encoded | LinmechError:
        ids, questions = self.asked[n]
        try:
            once = {image: self.images(image) if self.images else None for image in dict.fromkeys(ids)}
            return prepare(self.processor, [once[image] for image in ids], questions, self.name)
        except LinmechError as error:
            return error
