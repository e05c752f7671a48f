"""Laws of temporal IDs: all frames and both objects are used, partners averaged, never overwritten."""

from collections import Counter

import numpy as np
import pandas as pd

from discs import SIDE, laid_out
from linmech.ids.additive import cells
from linmech.ids.design import Design, Sums, describe_rows
from linmech.stimuli.items import items_of
from linmech.stimuli.tables import tabulate_composed

HIDDEN, FRAMES, COORDINATES = 12, 8, ("frame",)


def read(sprites) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """Items of the layout `frames`, the rows of a reading of both nouns, and what the model of the IDs is told."""
    _, questions = tabulate_composed(laid_out("frames", pairs=10, arrangements=56, sizes=[44]), sprites, SIDE)
    items = {item.id: item for item in items_of(questions)}
    rows = [(item, role) for item in items for role in ("subject", "reference")]
    index = pd.DataFrame(rows, columns=["item", "role"])
    return items, index, describe_rows(index, items, COORDINATES)


def summed(table: pd.DataFrame, values: np.ndarray) -> Sums:
    design = Design(table)
    sums = design.empty(values.shape[1])
    design.add(sums, slice(0, len(values)), values)
    return sums


def test_every_noun_is_read_in_every_frame_in_both_roles_beside_every_other_frame(sprites):
    items, _, table = read(sprites)
    assert len(table) == 2 * len(items) and set(table["frame"]) == set(range(FRAMES)) == set(table["cell"])
    met = Counter(zip(table["cell"], table["partner"], strict=True))
    assert set(met) == {(one, other) for one in range(FRAMES) for other in range(FRAMES) if one != other}
    assert len(set(met.values())) == 1
    shown = table.groupby(["noun", "role", "cell"]).size()
    assert len(shown) == table["noun"].nunique() * 2 * FRAMES and shown.groupby(["noun", "role"]).nunique().eq(1).all()


def test_temporal_ids_are_the_planted_ones_whatever_partners_roles_and_nouns_do(sprites):
    _, _, table = read(sprites)
    draw = np.random.default_rng(0)
    truth, partners = draw.normal(size=(2, FRAMES, HIDDEN))
    nouns = dict(zip(sorted(set(table["noun"])), 20 * draw.normal(size=(table["noun"].nunique(), HIDDEN)), strict=True))
    values = truth[table["cell"]] + partners[table["partner"]] + np.stack([nouns[noun] for noun in table["noun"]])
    values[table["role"] == "reference"] += 5
    found = cells(summed(table, values.astype(np.float32)), nouns)
    np.testing.assert_allclose(found, truth - truth.mean(0), atol=1e-5)


def test_each_row_counts_as_much_as_any_other_of_its_noun_and_frame(sprites):
    """The paper's estimator is the mean over partners and roles: no row is the last word on its noun and frame."""
    _, _, table = read(sprites)
    values = np.random.default_rng(1).normal(size=(len(table), HIDDEN)).astype(np.float32)
    means = pd.DataFrame(values).groupby([table["noun"], table["cell"]]).mean()
    by_noun = means.to_numpy().reshape(table["noun"].nunique(), FRAMES, HIDDEN)
    wanted = (by_noun - by_noun.mean(1, keepdims=True)).mean(0)
    found = cells(summed(table, values), set(table["noun"]), "mean")
    np.testing.assert_allclose(found, wanted - wanted.mean(0), atol=1e-6)
