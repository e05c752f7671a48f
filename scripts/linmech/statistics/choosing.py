"""Options (layers, strengths) chosen on one half of the images and measured on the other; to compare, on the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from linmech.seeds import rng
from linmech.statistics.bootstrap import LEVEL, REPLICATES, Interval, bootstrap
from linmech.statistics.splits import split


@dataclass(frozen=True)
class Choice:
    """What was chosen on one half of the images, and its mean on the other half, which is `images`."""

    chosen: tuple[int, ...]
    measured: Interval
    images: frozenset[str]


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
    chosen = _best(scores[:, chooses], best)
    values = scores[list(chosen)][:, ~chooses].mean(axis=0)
    others = [image for image in images if image not in half]
    return Choice(chosen, bootstrap(values, others, n=n, seed=seed), frozenset(others))


@dataclass(frozen=True)
class Shown:
    """Options chosen and shown on the same data: score less control at them, its mean and its SD over the options."""

    chosen: tuple[int, ...]
    difference: float
    spread: float


def choose_and_show(
    scores: Float[np.ndarray, "option item"], controls: Float[np.ndarray, "option item"], best: int
) -> Shown:
    """The `best` options by mean score, shown on the very items by which they were chosen, beside the controls there.

    The paper's way (best 3 of 11 layers, section A.5); `difference_by_chance` says what it finds where nothing is.
    """
    chosen = _best(scores, best)
    differences = (scores - controls)[list(chosen)].mean(axis=1)
    return Shown(chosen, float(differences.mean()), float(differences.std(ddof=1)) if best > 1 else float("nan"))


def difference_by_chance(
    one: Float[np.ndarray, "option item"],
    other: Float[np.ndarray, "option item"],
    best: int,
    *,
    seed: int = 0,
    n: int = REPLICATES,
) -> Interval:
    """What `choose_and_show` finds where there is no effect: its mean, and where 95 % of its values lie.

    `one` and `other` are two draws of the same thing, as noise and its opposite are; which is which is drawn anew `n`
    times, for every option and item.
    """
    draw, found = rng(seed, "which is which", n), []
    for _ in range(n):
        exchanged = draw.random(one.shape) < 0.5
        first, second = np.where(exchanged, other, one), np.where(exchanged, one, other)
        found.append(choose_and_show(first, second, best).difference)
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(np.mean(found)), float(low), float(high))


def _best(scores: Float[np.ndarray, "option item"], count: int) -> tuple[int, ...]:
    ranking = np.argsort(-scores.mean(axis=1), kind="stable")
    return tuple(int(option) for option in np.sort(ranking[:count]))
