"""Options (layers, strengths) chosen on one half of the images and measured on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from linmech.statistics.bootstrap import REPLICATES, Interval, bootstrap
from linmech.statistics.splits import split


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
