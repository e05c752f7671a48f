"""Which prompts run together: those about one image, which is run once, and the others beside some of their length."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Int

from linmech.errors import LinmechError


def windows(rows: Int[np.ndarray, " prompt"], size: int) -> Iterator[list[int]]:
    """Prompt numbers in order, in stretches of at least `size` rows (prompt n gives `rows[n]`); the last may be short.

    Prompts are rearranged only within a stretch, so that rows can be committed in order.
    """
    stretch, held = [], 0
    for number, count in enumerate(rows):
        stretch.append(number)
        held += count
        if held >= size:
            yield stretch
            stretch, held = [], 0
    if stretch:
        yield stretch


def share(rows: Int[np.ndarray, " prompt"], size: int, shard: int, shards: int) -> slice:
    """The numbers of the prompts of one of several shards, counted from 0: whole `windows` of at least `size` rows.

    Raises LinmechError where there are fewer of these than shards.
    """
    if shards == 1:
        return slice(0, len(rows))
    stretches = list(windows(rows, size))
    if len(stretches) < shards:
        raise LinmechError(
            f"activations.readings: {rows.sum()} rows in commits of {size} are too few for {shards} shards; set shards "
            f"of this reading to {max(1, len(stretches))}, or lower activations.chunk"
        )
    first, end = (number * len(stretches) // shards for number in (shard, shard + 1))
    return slice(stretches[first][0], stretches[end - 1][-1] + 1)


def passes(
    numbers: Iterable[int], images: Sequence[str], lengths: Int[np.ndarray, " prompt"], batch: int
) -> list[list[int]]:
    """The prompts `numbers` in forward passes of at most `batch`.

    Neighbours about one image (`images[n]`; "" is none) stay together. The rest are sorted by `lengths[n]`, so that
    little is padded.
    """
    together, alone = [], []
    for image, group in itertools.groupby(numbers, key=lambda n: images[n]):
        members = list(group)
        if image and len(members) > 1:
            together += _cut(members, batch)
        else:
            alone += members
    alone.sort(key=lambda n: (lengths[n], n))
    return together + _cut(alone, batch)


def _cut(numbers: list[int], size: int) -> list[list[int]]:
    return [numbers[first : first + size] for first in range(0, len(numbers), size)]
