"""Laws of the batches: the anchor stands still, the subject goes through all other cells, whatever the arm."""

import pytest

from linmech.errors import LinmechError
from linmech.finetuning.batches import Batches

KINDS = ("left-right", "above-below")


def test_a_batch_is_one_pair_with_the_anchor_in_one_cell_and_the_subject_in_the_fifteen_others(grid):
    batches = Batches(grid.items(), KINDS, 0, 0)
    kinds = set()
    for number in range(20):
        items, order = batches.at(number)
        assert len({(item.kind, *(thing.noun for thing in item.things.values())) for item in items}) == 1
        (anchor,) = {(item.things["reference"].column, item.things["reference"].row) for item in items}
        cells = {(item.things["subject"].column, item.things["subject"].row) for item in items}
        assert len(items) == len(cells) == 15 and cells | {anchor} == {(x, y) for x in range(4) for y in range(4)}
        assert sum(not item.answer for item in items) == 3 and order in (0, 1)
        kinds.add(items[0].kind)
    assert kinds == set(KINDS) and len(batches.groups) == 2 * 16 * 2


def test_batches_hang_on_the_seed_and_the_run_and_on_nothing_else(grid):
    told = {(seed, run): Batches(grid.items(), KINDS, seed, run).told(9) for seed in (0, 1) for run in (0, 1)}
    assert len(set(told.values())) == 4
    assert Batches(grid.items()[::-1], KINDS, 0, 0).told(9) == Batches(grid.items(), KINDS, 0, 0).told(9)
    assert Batches(grid.items(), KINDS, 0, 0).told(8) != told[0, 0]


def test_a_grid_with_gaps_is_refused(grid):
    with pytest.raises(LinmechError, match="all 240 placements"):
        Batches(grid.items()[::3], KINDS, 0, 0)
