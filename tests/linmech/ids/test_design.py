"""Laws of the design: what the model is told about a cached row, whatever the IDs' coordinates."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.ids.additive import cells
from linmech.ids.axes import axes_of
from linmech.ids.design import Design, describe_rows
from linmech.stimuli.items import Item, Thing


def test_subject_and_reference_of_one_question_have_their_own_cell_and_each_others_as_partner(planted):
    items, _, index, _ = planted
    table = describe_rows(index, items)
    one, two, item = table.iloc[0], table.iloc[1], next(iter(items.values()))
    subject, reference = item.things["subject"], item.things["reference"]
    assert (one["noun"], two["noun"]) == (subject.noun, reference.noun)
    assert one["cell"] == two["partner"] == 4 * subject.column + subject.row
    assert two["cell"] == one["partner"] == 4 * reference.column + reference.row


def test_a_relation_word_is_told_of_the_subject(planted):
    items, _, index, _ = planted
    table = describe_rows(index[:2].assign(role=["left", "right"]), items)
    noun = describe_rows(index[:1], items).iloc[0]
    assert (table["cell"] == noun["cell"]).all() and (table["partner"] == noun["partner"]).all()
    assert table["role"].tolist() == ["left", "right"] and (table["noun"] == noun["noun"]).all()


def test_a_noun_without_a_cell_and_an_unknown_item_are_errors(planted):
    items, _, index, _ = planted
    first = index["item"][0]
    off = {role: dataclasses.replace(thing, column=-1) for role, thing in items[first].things.items()}
    with pytest.raises(LinmechError, match="off the grid"):
        describe_rows(index[:2], items | {first: dataclasses.replace(items[first], things=off)})
    with pytest.raises(LinmechError, match="not in questions.parquet"):
        describe_rows(index[:2], {})


def test_a_question_about_one_noun_has_no_partner():
    item = Item("a", "i", "exists", {"subject": Thing("cat", column=2, row=1, size=9.0)})
    table = describe_rows(pd.DataFrame({"item": ["a"], "role": ["subject"]}), {"a": item})
    assert table["partner"].tolist() == [-1]


@pytest.mark.parametrize(("coordinates", "shape"), [(("frame",), (8,)), (("column", "frame"), (3, 8))])
def test_cells_may_be_frames_or_places_times_frames(coordinates, shape):
    """IDs planted on other coordinates than the grid's are recovered, with an axis per coordinate."""
    draw, hidden = np.random.default_rng(0), 6
    axes = draw.normal(size=(len(shape), hidden))
    places = np.stack([index.ravel() for index in np.indices(shape)], -1)
    truth = (places - places.mean(0)) @ axes
    items, rows = {}, []
    for number, (one, two) in enumerate((a, b) for a in range(len(places)) for b in range(len(places)) if a != b):
        things = {}
        for role, noun, cell in (("subject", "cat", one), ("reference", "dog", two)):
            at = dict(zip(coordinates, places[cell].tolist(), strict=True))
            things[role] = Thing(noun, size=1.0, column=at.get("column", -1), frames=(at["frame"],))
        items[str(number)] = Item(str(number), "v", "left-right", things)
        rows += [(str(number), "subject", truth[one]), (str(number), "reference", truth[two])]
    design = Design(describe_rows(pd.DataFrame(rows, columns=["item", "role", "_"]), items, coordinates))
    sums = design.empty(hidden)
    design.add(sums, slice(0, len(rows)), np.array([row[2] for row in rows], np.float32))
    found = cells(sums, ["cat", "dog"])
    assert found.shape == (*shape, hidden)
    np.testing.assert_allclose(found.reshape(-1, hidden), truth, atol=1e-5)
    np.testing.assert_allclose(axes_of(found), axes, atol=1e-5)
