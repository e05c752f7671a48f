"""The one way in which an experiment is run: items, what is done to a model that is asked about them, a table.

An experiment says what it measures (`Measure`): the readings of one item asked in one way, the clean one first. Here
both orders of the answers are asked and averaged, undecided items are counted, changes are taken from the clean
reading, draws are summed up, and finished items are committed, so that a killed run goes on.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.experiments.progress import Progress
from linmech.questions.answers import AnswerScores
from linmech.questions.asking import Question
from linmech.questions.kinds import has_orders
from linmech.stimuli.items import Item, question

STATISTICS = ["draws", "d_after", "mass_after", "delta", "turned", "delta_sd", "delta_abs"]
COMMIT_EVERY = 5  # items


@dataclass(frozen=True)
class Reading:
    """Beliefs after something was done, and the columns that say what. No columns: nothing, the clean reading.

    `values` are numbers beside the belief; like it they are averaged over orders and draws.
    """

    scores: AnswerScores
    columns: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


Measure = Callable[[Item, Question], Sequence[Reading]]


def run(
    items: Sequence[Item], measure: Measure, progress: Progress, *, dataset: str, experiment: str,
    min_mass: float = 0.05, commit_every: int = COMMIT_EVERY,
) -> pd.DataFrame:  # fmt: skip
    """The table of an experiment on some items: a row per item and distinct columns of its readings, beliefs in nats.

    `delta` = after - before. Neighbouring readings of equal columns are draws of one row: `delta_sd` and `delta_abs`
    are over them, `turned` is the share of them after which the other answer is the likelier one. `undecided`: the two
    answers hold less probability than `min_mass` at first. Items that `progress` holds are not run again.
    """
    done, rows = progress.done(), []
    bar = tqdm(total=len(items), initial=len(done), desc=f"{experiment} {dataset}", unit="item")
    with bar, torch.inference_mode():
        waiting = [item for item in items if item.id not in done]
        for number, item in enumerate(waiting, start=1):
            named = {"item": item.id, "image": item.visual, "dataset": dataset, "experiment": experiment}
            rows += [named | row for row in rows_of(item, measure, min_mass)]
            if number % commit_every == 0 or number == len(waiting):
                progress.commit(rows)
                rows = []
            bar.update()
    return progress.table([item.id for item in items])


def rows_of(item: Item, measure: Measure, min_mass: float) -> list[dict[str, object]]:
    """The rows of one item, asked in every order that its kind has, in the order of its readings.

    Raises LinmechError where the readings of two orders differ in their columns, or the first is not the clean one.
    """
    asked = [question(item, order) for order in ((0, 1) if has_orders(item.kind) else (0,))]
    readings = [measure(item, each) for each in asked]
    columns = [reading.columns for reading in readings[0]]
    if columns[0] or any([reading.columns for reading in other] != columns for other in readings):
        raise LinmechError(f"item {item.id}: an experiment must read the clean run first, and the same in both orders")
    d = np.mean([[reading.scores.d for reading in one] for one in readings], axis=0)
    mass = np.mean([[reading.scores.mass for reading in one] for one in readings], axis=0)
    first, second = asked[0].options
    known = {"kind": item.kind, "answer": item.answer, "first": first, "second": second}
    known |= {"d_before": d[0], "mass_before": mass[0], "undecided": bool(mass[0] < min_mass)}
    runs = list(_runs(columns[1:], start=1))
    told = _statistics(d, mass, [numbers for _, numbers in runs])
    return [
        known | named | statistics | _values(readings, numbers)
        for (named, numbers), statistics in zip(runs, told, strict=True)
    ]


def _statistics(
    d: Float[np.ndarray, " reading"], mass: Float[np.ndarray, " reading"], rows: Sequence[Sequence[int]]
) -> list[dict[str, float]]:
    """STATISTICS of every row, from the numbers of its readings; reading 0 is the clean one."""
    found: dict[int, dict[str, float]] = {}
    for draws in {len(numbers) for numbers in rows}:
        at = [row for row, numbers in enumerate(rows) if len(numbers) == draws]
        drawn = np.array([rows[row] for row in at])
        after, delta = d[drawn], d[drawn] - d[0]
        columns = [
            np.full(len(at), draws), after.mean(1), mass[drawn].mean(1), delta.mean(1), (after * d[0] < 0).mean(1),
            delta.std(1, ddof=1) if draws > 1 else np.full(len(at), np.nan), np.abs(delta).mean(1),
        ]  # fmt: skip
        named = (dict(zip(STATISTICS, one, strict=True)) for one in zip(*(c.tolist() for c in columns), strict=True))
        found |= dict(zip(at, named, strict=True))
    return [found[row] for row in range(len(rows))]


def _values(readings: Sequence[Sequence[Reading]], numbers: Sequence[int]) -> dict[str, float]:
    """The means of the readings' values, those of one row."""
    return {
        name: float(np.mean([one[number].values[name] for one in readings for number in numbers]))
        for name in readings[0][numbers[0]].values
    }


def _runs(columns: Iterable[Mapping], start: int) -> Iterable[tuple[dict, list[int]]]:
    """Neighbours of equal columns: (columns, their numbers, counted from `start`)."""
    for named, group in itertools.groupby(enumerate(columns, start), key=lambda pair: pair[1]):
        yield dict(named), [number for number, _ in group]
