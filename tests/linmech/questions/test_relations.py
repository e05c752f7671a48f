"""Laws of the relations: the sign of a gap, symmetry, and the rules for near, far and between."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from linmech.questions.kinds import KINDS, NOUN_ROLES, has_relation, roles_of
from linmech.questions.relations import AXES, FAR, NEAR, gap, truth
from linmech.stimuli.composer import Placement


def at(x: float = 0.0, y: float = 0.0, depth: float = float("nan"), frame: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(x=float(x), y=float(y), depth=float(depth), frame=float(frame))


@pytest.mark.parametrize("kind", AXES)
def test_the_first_answer_is_true_on_the_lower_side_and_exchanging_the_two_exchanges_the_answers(kind):
    low, high = at(1, 1, 1, 1), at(5, 5, 5, 5)
    assert gap(kind, low, high) == -4 == -gap(kind, high, low)
    assert truth(kind, [low, high], 100) == KINDS[kind].options
    assert truth(kind, [high, low], 100) == KINDS[kind].options[::-1]


@pytest.mark.parametrize("kind", [kind for kind, axis in AXES.items() if axis != "frame"])
def test_what_is_not_clear_or_not_known_has_no_answer(kind):
    assert truth(kind, [at(1, 1, 1), at(5, 5, 5)], 100, clear=4) is None
    assert truth(kind, [at(1, 1, 1), at(1, 1, 1)], 100) is None
    assert truth("front-behind", [at(1, 1), at(5, 5)], 100) is None


@pytest.mark.parametrize("kind", ["before-after", "scene-order"])
def test_what_is_seen_first_is_before_and_what_is_seen_at_one_time_has_no_order(kind):
    for apart, answer in ((-7, "before"), (-1, "before"), (-0.5, None), (0, None), (0.5, None), (1, "after")):
        for clear in (0, 20):  # pixels tell nothing of frames
            found = truth(kind, [at(90, 5, frame=3 + apart), at(10, 60, frame=3)], 100, clear)
            assert (found and found[0]) == answer


def test_a_placement_is_seen_from_its_first_frame_on_and_in_an_image_nothing_is_before_another():
    early, late = (Placement("cat", 1, 1, 1, frames=frames) for frames in ((2, 3), (5,)))
    assert truth("before-after", [early, late], 100) == ("before", "after") and gap("before-after", early, late) == -3
    assert truth("before-after", [Placement("cat", 1, 1, 1), Placement("dog", 9, 9, 1)], 100) is None
    assert truth("left-right", [early, replace(late, x=9)], 100, clear=4) == ("left", "right")


def test_what_is_seen_first_is_told_by_its_noun():
    early, late = Placement("cat", 1, 1, 1, frames=(2, 3)), Placement("dog", 1, 1, 1, frames=(5,))
    assert truth("first", [early, late], 100) == ("cat", "dog") == truth("first", [late, early], 100)
    assert truth("first", [early, replace(late, frames=(2,))], 100) is None


def test_near_and_far_hang_on_the_distance_and_the_middle_is_left_open():
    for share, answer in ((NEAR - 0.01, "near"), ((NEAR + FAR) / 2, None), (FAR + 0.01, "far")):
        for angle in np.linspace(0, 2 * np.pi, 7):
            other = at(share * 200 * np.cos(angle), share * 200 * np.sin(angle))
            found = truth("near-far", [at(), other], 200)
            assert (found and found[0]) == answer


def test_between_is_along_the_line_and_close_to_it():
    ends = at(10, 10), at(90, 10)
    for x, y, answer in (
        (50, 10, "yes"),
        (50, 15, "yes"),
        (50, 40, None),
        (15, 10, None),
        (0, 10, None),
        (120, 10, "no"),
    ):
        found = truth("in-between", [at(x, y), *ends], 100)
        assert (found and found[0]) == answer
        assert found == truth("in-between", [at(x, y), *ends[::-1]], 100)


def test_columns_and_rows_are_counted_from_the_top_left_and_the_false_answer_is_the_mirrored_one():
    for cell, (column, row) in enumerate(zip(KINDS["column"].options, KINDS["row"].options, strict=True)):
        here = at(25 * cell + 12, 25 * cell + 12)
        assert truth("column", [here], 100) == (column, KINDS["column"].options[3 - cell])
        assert truth("row", [here], 100) == (row, KINDS["row"].options[3 - cell])
    assert truth("column", [at(100, 0)], 100)[0] == "four"


def test_frames_are_counted_from_the_first():
    for frame, word in enumerate(KINDS["frame"].options):
        assert truth("frame", [at(frame=frame)], 100) == (word, KINDS["frame"].options[7 - frame])


def test_roles_and_relation_words_are_those_of_the_text():
    assert roles_of("exists") == ("subject",) and roles_of("in-between") == NOUN_ROLES
    without = ["exists", "either", "column", "row", "first", "frame"]
    assert [kind for kind in KINDS if not has_relation(kind)] == without
    with pytest.raises(ValueError, match="colour"):
        truth("colour", [at()], 100)
