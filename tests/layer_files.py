"""Small activation files with known numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linmech.activations.layer_files import Origin
from linmech.activations.store import Store

ORIGIN = Origin("tiny", "f" * 64, "a" * 64, "subject,reference", recipe="r")
LAYERS, HIDDEN = (0, 2, 3), 5


def index(items: int = 7) -> pd.DataFrame:
    return pd.DataFrame([(f"item-{n}", role) for n in range(items) for role in ("subject", "reference")]).set_axis(
        ["item", "role"], axis=1
    )


def residuals(rows: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(len(LAYERS), rows, HIDDEN)).astype(np.float32)


def fill(store: Store, values: np.ndarray, step: int = 2, stop: int | None = None) -> None:
    for start in range(store.rows_done, len(store.index) if stop is None else stop, step):
        rows = store.index[start : start + step]
        store.append(rows["item"].tolist(), rows["role"].tolist(), values[:, start : start + len(rows)])


def store(folder, rows=None, origin=ORIGIN, **options) -> Store:
    return Store(folder, LAYERS, index() if rows is None else rows, origin, hidden=HIDDEN, chunk=4, **options)


def commits(work: Path) -> int:
    """How many rows the work folder of a store says that it holds; a line that was cut off says nothing."""
    said = (work / "commits.jsonl").read_text() if (work / "commits.jsonl").exists() else ""
    return max((int(line[1:].partition(",")[0]) for line in said.splitlines(True) if line.endswith("]\n")), default=0)


@pytest.fixture
def written(tmp_path):
    """A finished folder of layer files and the values that went in."""
    values = residuals(len(index()))
    made = store(tmp_path / "tiny")
    fill(made, values)
    made.finish()
    return tmp_path / "tiny", values
