"""What is chosen on some data is measured on other data: keys set apart by name and seed, not by the order of rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.seeds import digest
from linmech.statistics import REPLICATES, Interval, bootstrap


def split(keys: Iterable[str], share: float, seed: int, name: str = "half") -> frozenset[str]:
    """The `share` of the distinct keys that is set apart (items, images, nouns), the same in any order of the keys.

    Rounded to whole keys with at least one on either side. Raises LinmechError for fewer than two keys.
    """
    distinct = sorted(set(keys), key=lambda key: digest(seed, name, key))
    if len(distinct) < 2 or not 0 < share < 1:
        raise LinmechError(f"cannot set apart {share} of {len(distinct)} {name} keys: need 2 keys and 0 < share < 1")
    return frozenset(distinct[: min(max(round(share * len(distinct)), 1), len(distinct) - 1)])


@dataclass(frozen=True)
class Choice:
    """What was chosen on one half of the images, and its mean on the other half."""

    chosen: tuple[int, ...]
    measured: Interval


def choose_then_measure(
    scores: Float[np.ndarray, "option item"],
    images: Sequence[str],
    *,
    best: int = 1,
    seed: int = 0,
    n: int = REPLICATES,
) -> Choice:
    """Choose the `best` options (layers, strengths) by mean score on half of the images, measure on the other half.

    Choosing and showing on the same items finds an effect where there is none (pitfalls: best 3 of 11 layers).
    """
    half = split(images, 0.5, seed)
    chooses = np.array([image in half for image in images])
    ranking = np.argsort(-scores[:, chooses].mean(axis=1), kind="stable")
    chosen = tuple(int(option) for option in np.sort(ranking[:best]))
    values = scores[list(chosen)][:, ~chooses].mean(axis=0)
    others = [image for image in images if image not in half]
    return Choice(chosen, bootstrap(values, others, n=n, seed=seed))
