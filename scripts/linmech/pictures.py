"""The images of a run of prompts, composed in worker processes while the model computes.

Kept apart from `extraction.py` so that a worker need not import transformers.
"""

import functools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL.Image import Image
from torch.utils import data

from linmech.errors import LinmechError
from linmech.rendering import load_sprites
from linmech.stimuli import Dataset, load_dataset


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


def batches(
    ids: Sequence[str], images: Callable[[str], Image] | None, batch: int, workers: int
) -> Iterator[list[Image | None]]:
    """Yield the images of `ids` in order, `batch` at a time; None for each id where there is no image source.

    `images` is pickled to `workers` processes (0 = called in this one). Raises what it raises.
    """
    if images is None:
        yield from ([None] * len(ids[first : first + batch]) for first in range(0, len(ids), batch))
        return
    spawned = {"multiprocessing_context": "spawn", "worker_init_fn": end_with_parent} if workers else {}
    pictures = _Pictures(list(ids), images)
    for found in data.DataLoader(pictures, batch, num_workers=workers, collate_fn=list, **spawned):
        for error in found:
            if isinstance(error, LinmechError):
                raise error
        yield found


def end_with_parent(_: int = 0) -> None:
    """Let a worker end when its parent is killed; torch's own watch misses a parent that dies while a worker starts."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Pictures(data.Dataset):
    """The image of each id; a LinmechError is handed over, not raised, to stay one line on its way home."""

    def __init__(self, ids: list[str], images: Callable[[str], Image]):
        self.ids, self.images = ids, images

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, n: int) -> Image | LinmechError:
        try:
            return self.images(self.ids[n])
        except LinmechError as error:
            return error
