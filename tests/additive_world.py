"""Residuals that are sums of known effects, as the additive model of the IDs has them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from linmech.ids.additive import Sums, describe_rows

HIDDEN, NOUNS = 24, [f"noun{k}" for k in range(8)]


def world(seed: int = 0, *, placements: int = 120, sizes=(10.0, 20.0), nouns=NOUNS, hidden: int = HIDDEN):
    """Questions and the true effects: pairs of nouns in two different cells, as `layouts.grid` makes them."""
    rng = np.random.default_rng(seed)
    cells = list(itertools.permutations(range(16), 2))
    rows = []
    for shift in range(1, 4):
        for k, noun in enumerate(nouns):
            for n in rng.permutation(len(cells))[:placements]:
                (a, b), size = cells[n], float(rng.choice(sizes))
                item = f"{noun}/{shift}/{n}/{size}"
                place = {
                    "subject_column": a // 4,
                    "subject_row": a % 4,
                    "reference_column": b // 4,
                    "reference_row": b % 4,
                }
                rows.append({"item": item, "image": item, "subject": noun, "size": size} | place)
                rows[-1]["reference"] = nouns[(k + shift) % len(nouns)]
    column, row = np.meshgrid(np.arange(4) - 1.5, np.arange(4) - 1.5, indexing="ij")
    h, v = rng.normal(size=(2, hidden))
    ids = column[..., None] * h + row[..., None] * v + 0.05 * rng.normal(size=(4, 4, hidden))
    truth = {
        "ids": ids - ids.mean((0, 1)),
        "partner": rng.normal(size=(16, hidden)),
        "role": rng.normal(size=(2, hidden)),
    }
    truth |= {"noun": 30 * rng.normal(size=(len(nouns), hidden)), "size": rng.normal(size=hidden)}
    return pd.DataFrame(rows).drop_duplicates("item"), truth


def residuals(questions: pd.DataFrame, truth: dict, noise: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    index = pd.DataFrame(
        [(item, role) for item in questions["item"] for role in ("subject", "reference")], columns=["item", "role"]
    )
    table = describe_rows(index, questions)
    values = truth["ids"].reshape(16, -1)[table["cell"]] + truth["partner"][table["partner"]]
    values += (
        truth["role"][(table["role"] == "subject").astype(int)] + table["size"].to_numpy()[:, None] * truth["size"]
    )
    values += truth["noun"][[NOUNS.index(noun) for noun in table["noun"]]]
    return index, (values + noise * np.random.default_rng(9).normal(size=values.shape)).astype(np.float32)


def summed(index, values, questions, size: int = 500) -> Sums:
    sums = Sums(describe_rows(index, questions), values.shape[1])
    for start in range(0, len(values), size):
        sums.add(slice(start, min(start + size, len(values))), values[start : start + size])
    return sums


@pytest.fixture(scope="session")
def planted():
    questions, truth = world()
    index, values = residuals(questions, truth)
    return questions, truth, index, values
