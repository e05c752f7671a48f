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


def scenes(count: int = 60) -> tuple[dict, list]:
    """Items of two nouns at drawn heights and depths, and a row for each noun: item, role."""
    draw, items = np.random.default_rng(0), {}
    for number in range(count):
        places = zip(draw.uniform(0, 90, 2), draw.uniform(2, 9, 2), draw.uniform(5, 30, 2), strict=True)
        nouns = draw.permutation(["cat", "dog", "cup"])[:2]
        things = {
            role: Thing(str(noun), y=float(y), depth=float(depth), size=float(size))
            for role, noun, (y, depth, size) in zip(("subject", "reference"), nouns, places, strict=True)
        }
        items[str(number)] = Item(str(number), "v", "front-behind", things)
    return items, [(item, role) for item in items for role in ("subject", "reference")]


@pytest.mark.parametrize("count", [2, 3])
def test_what_is_continuous_is_cut_into_cells_that_hold_equally_many_things(count):
    items, rows = scenes()
    index = pd.DataFrame(rows, columns=["item", "role"])
    table = describe_rows(index, items, [f"y:{count}", f"depth:{count}"])
    assert table.attrs["shape"] == (count, count) and (table["size"] == 0).all(), "what is farther is smaller"
    depths = np.array([items[item].things[role].depth for item, role in rows])
    held = [depths[(table[f"depth:{count}"] == cell).to_numpy()] for cell in range(count)]
    assert {len(part) for part in held} == {len(rows) // count}
    assert all(one.max() < other.min() for one, other in zip(held, held[1:], strict=False))


def test_ids_planted_on_cells_of_height_and_depth_are_recovered():
    items, rows = scenes(200)
    coordinates, hidden = ["y:3", "depth:3"], 6
    table = describe_rows(pd.DataFrame(rows, columns=["item", "role"]), items, coordinates)
    axes = np.random.default_rng(1).normal(size=(2, hidden))
    residuals = (table[coordinates].to_numpy() - 1) @ axes + pd.factorize(table["noun"])[0][:, None]
    design = Design(table)
    sums = design.empty(hidden)
    design.add(sums, slice(0, len(rows)), residuals.astype(np.float32))
    np.testing.assert_allclose(axes_of(cells(sums, ["cat", "dog", "cup"])), axes, atol=1e-5)


def test_a_thing_whose_depth_is_not_known_has_no_cell():
    items, rows = scenes()
    unknown = dataclasses.replace(items["0"].things["subject"], depth=float("nan"))
    items["0"] = dataclasses.replace(items["0"], things=items["0"].things | {"subject": unknown})
    with pytest.raises(LinmechError, match="off the grid"):
        describe_rows(pd.DataFrame(rows, columns=["item", "role"]), items, ["depth:3"])
