"""Residuals that are sums of known effects, as the additive model of the IDs has them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from linmech.ids.additive import cells
from linmech.ids.design import Design, Sums, describe_rows
from linmech.stimuli.items import Item, Thing, row_of

HIDDEN, NOUNS = 24, [f"noun{k}" for k in range(8)]
Items = dict[str, Item]


def world(seed: int = 0, *, placements: int = 120, sizes=(10.0, 20.0), nouns=NOUNS, hidden: int = HIDDEN):
    """Items by name and the true effects: pairs of nouns in two different cells, as the layout `grid` makes them."""
    rng = np.random.default_rng(seed)
    places = list(itertools.permutations(range(16), 2))
    items: Items = {}
    for shift in range(1, 4):
        for k, noun in enumerate(nouns):
            for n in rng.permutation(len(places))[:placements]:
                size = float(rng.choice(sizes))
                named = zip(("subject", "reference"), (noun, nouns[(k + shift) % len(nouns)]), places[n], strict=True)
                things = {role: Thing(name, size=size, column=cell // 4, row=cell % 4) for role, name, cell in named}
                item = Item(f"{noun}/{shift}/{n}/{size}", "", "left-right", things)
                items[item.id] = item
    column, row = np.meshgrid(np.arange(4) - 1.5, np.arange(4) - 1.5, indexing="ij")
    h, v = rng.normal(size=(2, hidden))
    ids = column[..., None] * h + row[..., None] * v + 0.05 * rng.normal(size=(4, 4, hidden))
    truth = {
        "ids": ids - ids.mean((0, 1)),
        "partner": rng.normal(size=(16, hidden)),
        "role": rng.normal(size=(2, hidden)),
    }
    truth |= {"noun": 30 * rng.normal(size=(len(nouns), hidden)), "size": rng.normal(size=hidden)}
    return items, truth


def residuals(items: Items, truth: dict, noise: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    index = pd.DataFrame([(item, role) for item in items for role in ("subject", "reference")]).set_axis(
        ["item", "role"], axis=1
    )
    table = describe_rows(index, items)
    values = truth["ids"].reshape(16, -1)[table["cell"]] + truth["partner"][table["partner"]]
    values += (
        truth["role"][(table["role"] == "subject").astype(int)] + table["size"].to_numpy()[:, None] * truth["size"]
    )
    values += truth["noun"][[NOUNS.index(noun) for noun in table["noun"]]]
    return index, (values + noise * np.random.default_rng(9).normal(size=values.shape)).astype(np.float32)


def summed(index, values, items: Items, size: int = 500, seed: int = 0) -> Sums:
    design = Design(describe_rows(index, items, seed=seed))
    sums = design.empty(values.shape[1])
    for start in range(0, len(values), size):
        design.add(sums, slice(start, min(start + size, len(values))), values[start : start + size])
    return sums


def ids_of(index, values, items: Items, nouns=NOUNS, estimator: str = "least-squares") -> np.ndarray:
    return cells(summed(index, values, items), nouns, estimator)


def questions_of(items: Items) -> pd.DataFrame:
    """The items as a table of questions."""
    return pd.DataFrame([row_of(item) for item in items.values()])


@pytest.fixture(scope="session")
def planted():
    items, truth = world()
    index, values = residuals(items, truth)
    return items, truth, index, values
