"""Laws of the pools of a training: made once, read again the same, whoever was killed in between."""

import dataclasses

import numpy as np
import pytest

from linmech.organisms.lessons import pools
from linmech.organisms.lessons.pool_files import ARRAYS
from linmech.organisms.lessons.pools import make_pools
from squares import NOUNS


def made(plan, folder):
    return make_pools(plan.index, plan.sprites, plan.syllabus, plan.seed, folder)


def test_a_pool_that_was_kept_is_not_made_again_and_is_the_same(plan, tmp_path, monkeypatch):
    nouns, one = made(plan, tmp_path / "work")
    monkeypatch.setattr(pools, "make_pool", lambda *_, **__: pytest.fail("made again"))
    _, other = made(plan, tmp_path / "work")
    assert nouns == sorted(NOUNS) and list(one) == list(other) == ["train", "composed", "scenes"]
    for name, pool in one.items():
        for array in ARRAYS:
            np.testing.assert_array_equal(getattr(other[name], array), getattr(pool, array))
            assert getattr(other[name], array).dtype == getattr(pool, array).dtype
        assert other[name].lessons == pool.lessons


def test_what_a_kill_left_unmade_is_made_as_it_would_have_been(plan, tmp_path):
    _, one = made(plan, tmp_path / "work")
    for name in ("train", "test"):
        (tmp_path / f"work/{name}.npz").unlink()
    _, other = made(plan, tmp_path / "work")
    assert (other["train"].images == one["train"].images).all() and other["composed"].lessons == one["composed"].lessons


def test_the_first_share_asks_which_noun_is_where_and_only_the_last_images_are_scenes(plan, tmp_path):
    _, found = made(plan, tmp_path / "work")
    kinds = [{lesson.kind for lesson in group} for group in found["train"].lessons]
    assert len(kinds) == 20 and set.union(*kinds[:8]) <= {"exists", "column", "row", "left-right", "above-below"}
    assert len(found["composed"].images) == 6 and len(found["scenes"].images) == 3
    assert (
        np.isfinite(found["scenes"].patch_targets[..., 2]).any()
        and not np.isfinite(found["composed"].patch_targets[..., 2]).any()
    )


def test_what_is_not_to_be_asked_is_left_out_and_unplaced_nouns_have_a_test(plan, tmp_path):
    syllabus = dataclasses.replace(plan.syllabus, unasked=("column", "row"), unplaced=2)
    _, found = make_pools(plan.index, plan.sprites, syllabus, plan.seed, tmp_path / "work")
    kinds = {lesson.kind for pool in found.values() for group in pool.lessons for lesson in group}
    assert not kinds & {"column", "row"} and {"exists", "left-right"} <= kinds
    assert list(found) == ["train", "composed", "scenes", "unplaced"] and len(found["unplaced"].images) == 3
