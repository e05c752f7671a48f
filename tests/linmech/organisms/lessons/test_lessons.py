"""Laws of lessons: what is asked is true of the image, and what is held out never stands in training."""

import numpy as np
import pytest

from linmech.organisms.lessons.curriculum import (
    BINDING,
    is_held_out,
    lessons,
    sample_nouns,
    sample_placements,
    unplaced,
)
from linmech.organisms.lessons.pool import BACKGROUND, join, label_map, make_pool, patch_labels
from linmech.questions.kinds import KINDS
from linmech.seeds import rng
from linmech.stimuli.composer import Placement
from squares import NOUNS, squares

SIDE, PATCH = 64, 16


@pytest.fixture(scope="module")
def sprites() -> dict:
    return squares()


@pytest.fixture(scope="module")
def pool(sprites):
    return make_pool(NOUNS, sprites, 24, 0, "train", side=SIDE, patch=PATCH, held_out=False, per_image=4)


def test_held_out_pairs_never_stand_together_in_training_and_always_in_tests():
    for number in range(200):
        draw = rng(0, number)
        chosen = sample_nouns(NOUNS, 3, 0, draw, held_out=False)
        assert not any(is_held_out(a, b, 0) for a in chosen for b in chosen if a != b)
        chosen = sample_nouns(NOUNS, 3, 0, draw, held_out=True)
        assert is_held_out(chosen[0], chosen[1], 0)


def test_whether_a_pair_is_held_out_does_not_depend_on_its_order():
    assert all(is_held_out(a, b, 3) == is_held_out(b, a, 3) for a in NOUNS for b in NOUNS)


def test_lessons_are_true_and_about_the_image():
    for number in range(60):
        draw = rng(0, "truth", number)
        placed = {p.noun: p for p in sample_placements(NOUNS[:3], 2, 128, draw)}
        for lesson in lessons(list(placed.values()), NOUNS[3:], 128, 12, draw):
            a, b = placed.get(lesson.subject), placed.get(lesson.reference)
            if lesson.kind == "exists":
                assert (lesson.answer == "yes") == (a is not None)
            elif lesson.kind == "left-right":
                assert (lesson.answer == "left") == (a.x < b.x)
            elif lesson.kind == "above-below":
                assert (lesson.answer == "above") == (a.y < b.y)
            elif lesson.kind == "near-far":
                assert (lesson.answer == "near") == (np.hypot(a.x - b.x, a.y - b.y) < 0.46 * 128)
            elif lesson.kind == "colour":
                assert lesson.answer == a.tint != lesson.other
            elif lesson.kind == "column":
                assert KINDS["column"].options[int(a.x // 32)] == lesson.answer


def test_front_and_behind_follow_depth():
    placed = [Placement("apple", 20, 40, 20, depth=3.0), Placement("cup", 90, 40, 20, depth=5.0)]
    asked = lessons(placed, [], 128, 40, rng(0, "depth"), {"front-behind": 1.0})
    assert {(lesson.subject, lesson.answer) for lesson in asked} == {("apple", "front"), ("cup", "behind")}


def test_joined_pools_keep_their_order_and_binding_lessons_ask_where(pool, sprites):
    shape = dict(side=SIDE, patch=PATCH, held_out=False, per_image=4)
    first = make_pool(NOUNS, sprites, 5, 0, "binding", weights=BINDING, **shape)
    both = join(first, pool)
    assert len(both.images) == 29 and (both.images[:5] == first.images).all() and both.lessons[5:] == pool.lessons
    assert {lesson.kind for group in first.lessons for lesson in group} <= set(BINDING)


def test_patches_belong_to_the_object_that_covers_them(sprites):
    placed = [Placement("apple", 24, 24, 16), Placement("cup", 56, 8, 16)]
    owner, target, tint = patch_labels(placed, label_map(placed, sprites, SIDE), NOUNS, SIDE, PATCH)
    assert owner[3] == NOUNS.index("cup") and owner[5] == NOUNS.index("apple")
    assert (np.delete(owner, [3, 5]) == BACKGROUND).all() and (tint == -1).all()
    assert target[5][:2].tolist() == [24 / SIDE, 24 / SIDE]


def test_of_unplaced_nouns_it_is_asked_whether_and_how_and_never_where(sprites):
    apart = unplaced(NOUNS, 2, 0)
    shape = dict(side=SIDE, patch=PATCH, per_image=6, held_out=False, unplaced=apart)
    for lesson in sum(make_pool(NOUNS, sprites, 40, 0, "train", **shape).lessons, []):
        assert lesson.kind in ("exists", "colour") or not {lesson.subject, lesson.reference, lesson.third} & set(apart)
    for lesson in sum(make_pool(NOUNS, sprites, 20, 0, "unplaced", **shape, about_unplaced=True).lessons, []):
        assert lesson.kind not in ("exists", "colour")
        assert {lesson.subject, lesson.reference, lesson.third} & set(apart)
