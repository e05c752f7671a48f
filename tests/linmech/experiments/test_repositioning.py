"""Laws of exchanged positions: windows of one size change places, all others stay, and the control meets no object."""

import numpy as np
import pytest

from linmech.experiments.repositioning import ELSEWHERE, MIRRORED, OBJECTS, orders
from linmech.stimuli.items import Item, Thing

SIDE, NOUNS = 8, ("subject", "reference")
OWN = np.arange(SIDE**2).reshape(SIDE, SIDE)


def item(subject, reference, name="a"):
    things = {
        role: Thing(noun, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box=box)
        for role, noun, box in zip(NOUNS, ("frog", "car"), (subject, reference), strict=True)
    }
    return Item(name, name, "left-right", things, "left", "right", width=80, height=80)


def found(*boxes, coordinate="column", name="a"):
    return dict(orders(item(*boxes, name=name), NOUNS, coordinate, SIDE, 0))


def test_a_mirror_along_a_coordinate_exchanges_left_and_right_or_above_and_below():
    boxes = (0, 0, 20, 20), (50, 50, 70, 70)
    np.testing.assert_array_equal(found(*boxes)[MIRRORED], OWN[:, ::-1])
    np.testing.assert_array_equal(found(*boxes, coordinate="row")[MIRRORED], OWN[::-1])


def test_the_windows_of_the_objects_change_places_and_all_other_patches_keep_theirs():
    told = found((0, 0, 20, 20), (50, 50, 80, 70))[OBJECTS]
    moved = told != OWN
    assert sorted(told.ravel()) == list(range(SIDE**2))
    assert moved.sum() == 2 * 2 * 3 and moved[:2, :3].all() and moved[5:7, 5:].all()
    np.testing.assert_array_equal(told[:2, :3], OWN[5:7, 5:])


@pytest.mark.parametrize("name", "abcdef")
def test_the_control_meets_neither_object_and_moves_as_many_patches(name):
    every = found((0, 0, 20, 20), (50, 50, 70, 70), name=name)
    moved = every[ELSEWHERE] != OWN
    assert moved.sum() == (every[OBJECTS] != OWN).sum() and not moved[:2, :2].any() and not moved[5:7, 5:7].any()
    again = found((0, 0, 20, 20), (50, 50, 70, 70), name=name)
    np.testing.assert_array_equal(again[ELSEWHERE], every[ELSEWHERE])


def test_objects_that_share_a_patch_are_not_exchanged_and_a_full_picture_has_no_control():
    assert set(found((0, 0, 24, 20), (22, 0, 44, 20))) == {MIRRORED, ELSEWHERE}
    assert set(found((0, 0, 40, 80), (40, 0, 80, 80))) == {MIRRORED, OBJECTS}
