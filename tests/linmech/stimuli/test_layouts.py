"""Laws of the layouts: where things stand, what is asked of them, and that no draw depends on another."""

from collections import Counter

import numpy as np
import pytest

from discs import NOUNS, SETTINGS, SIDE, VIEWS, laid_out
from linmech.errors import LinmechError
from linmech.questions.relations import NEAR
from linmech.stimuli.composer import COLOURS, PALETTE, box, covered
from linmech.stimuli.items import items_of
from linmech.stimuli.layouts import words
from linmech.stimuli.layouts.stimulus import ordered_pairs
from linmech.stimuli.tables import tabulate_composed

LAYOUTS = list(SETTINGS)


def items(layout: str, sprites, **settings) -> list:
    _, questions = tabulate_composed(laid_out(layout, **settings), sprites, SIDE)
    return list(items_of(questions))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_deterministic_and_its_images_and_items_are_unique(layout, sprites):
    manifest, questions = tabulate_composed(laid_out(layout), sprites, SIDE)
    again, _ = tabulate_composed(laid_out(layout), sprites, SIDE)
    assert manifest.equals(again)
    assert manifest.image.is_unique and questions.item.is_unique
    assert set(questions.image) == set(manifest.image)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_data_sets_of_one_layout_show_different_images(layout):
    own, other = laid_out(layout), laid_out(layout, name="another")
    assert len(own) == len(other) and all(a.background != b.background for a, b in zip(own, other, strict=True))


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout not in ("hard", "frames", "clips", "cuts")])
def test_every_object_lies_inside_the_image_and_overlaps_no_other(layout, sprites):
    for stimulus in laid_out(layout):
        boxes = np.array([box(p, sprites) for p in stimulus.placements])
        assert boxes.min() >= -1 and boxes.max() <= SIDE + 1
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


@pytest.mark.parametrize("layout", ["pairs", "hard", "near-far", "in-between"])
def test_answers_follow_from_where_the_objects_are(layout, sprites):
    for item in items(layout, sprites):
        subject, reference = item.things["subject"], item.things["reference"]
        gap = np.array([subject.x - reference.x, subject.y - reference.y])
        if item.kind == "left-right" and item.answer:
            assert item.answer == ("left" if gap[0] < 0 else "right")
        elif item.kind == "above-below" and item.answer:
            assert item.answer == ("above" if gap[1] < 0 else "below")
        elif item.kind == "near-far":
            assert item.answer == ("near" if np.hypot(*gap) < SIDE * NEAR else "far")
        elif item.kind == "in-between":
            third = item.things["third"]
            axis = "x" if abs(reference.x - third.x) > abs(reference.y - third.y) else "y"
            s, r, t = (getattr(thing, axis) for thing in (subject, reference, third))
            assert item.answer == ("yes" if min(r, t) < s < max(r, t) else "no")


@pytest.mark.parametrize("layout", ["near-far", "in-between", "pairs", "colour-pairs", "hard", "frames", "clips"])
def test_answers_are_balanced_and_known(layout, sprites):
    asked = [item for item in items(layout, sprites) if item.kind == SETTINGS[layout]["asks"][0]]
    counts = Counter(item.answer for item in asked)
    assert min(counts.values()) >= 0.3 * len(asked) and "" not in counts


def test_every_kind_that_two_things_allow_is_asked_with_its_true_answer(sprites):
    asks = ["exists", "column", "row", "colour", "near-far", "left-right"]
    asked = items("pairs", sprites, asks=asks, tinted=0.5)
    by_kind = {kind: [item for item in asked if item.kind == kind] for kind in asks}
    assert all(by_kind.values()) and len(by_kind["exists"]) == 2 * 40 and len(by_kind["left-right"]) == 40
    for item in by_kind["exists"]:
        assert item.answer == ("no" if np.isnan(item.things["subject"].x) else "yes")
    shown = {stimulus.image: stimulus.placements for stimulus in laid_out("pairs", asks=asks, tinted=0.5)}
    for item in by_kind["exists"]:
        nouns = {placed.noun for placed in shown[item.visual]}
        assert (item.things["subject"].noun in nouns) == (item.answer == "yes")
    for item in by_kind["column"]:
        assert item.answer == ("one", "two", "three", "four")[int(4 * item.things["subject"].x / SIDE)]
    for item in by_kind["row"]:
        assert item.answer == ("top", "upper", "lower", "bottom")[int(4 * item.things["subject"].y / SIDE)]
    for item in by_kind["colour"]:
        assert item.answer == shown[item.visual][0].tint and item.other in COLOURS and item.other != item.answer
    assert 5 < len(by_kind["colour"]) < 35


def test_what_is_asked_moves_nothing():
    plain, asked = (laid_out("pairs", asks=asks) for asks in (["left-right"], ["exists", "column", "left-right"]))
    assert [s.placements for s in plain] == [s.placements for s in asked]


def test_every_noun_is_subject_and_reference_equally_often():
    pairs = ordered_pairs(NOUNS, 12, 0)
    assert len(set(pairs)) == 12
    assert set(Counter(a for a, _ in pairs).values()) == set(Counter(b for _, b in pairs).values()) == {2}


def test_too_many_pairs_are_refused_with_the_cure():
    with pytest.raises(LinmechError, match="lower its pairs"):
        ordered_pairs(NOUNS, 31, 0)


@pytest.mark.parametrize("layout", ["pairs", "colour-pairs", "hard", "near-far", "in-between", "clips"])
def test_a_longer_dataset_begins_with_the_shorter_one(layout):
    assert laid_out(layout, seed=3, items=28)[:20] == laid_out(layout, seed=3, items=20)


def test_colour_pairs_have_two_colours_and_the_false_answer_is_the_other_ones(sprites):
    shown = {stimulus.image: stimulus.placements for stimulus in laid_out("colour-pairs")}
    assert len({placed.tint for two in shown.values() for placed in two}) >= 8
    asked = items("colour-pairs", sprites)
    for item in asked:
        subject, reference = shown[item.visual]
        assert subject.tint != reference.tint and {subject.tint, reference.tint} <= set(PALETTE)
        if item.kind == "colour":
            assert (item.answer, item.other) == (subject.tint, reference.tint)
        else:
            assert item.answer == ("left" if subject.x < reference.x else "right")
    assert len(asked) == 2 * len(shown) and all(item.answer for item in asked)


RANGES = {"gap": (0.03, 0.1), "occlusion": (0.1, 0.5), "blur": (0, 0.02), "contrast": (0.5, 0.9), "distractors": (0, 3)}


def test_a_hard_image_has_the_difficulty_that_its_row_tells(sprites):
    manifest, questions = tabulate_composed(laid_out("hard", items=80, **RANGES), sprites, SIDE)
    assert len(questions) == 80 and set(Counter(questions.kind).values()) == {40}
    for (_, row), item, stimulus in zip(
        manifest.iterrows(), items_of(questions), laid_out("hard", items=80, **RANGES), strict=True
    ):
        subject, reference = item.things["subject"], item.things["reference"]
        gap = {"left-right": subject.x - reference.x, "above-below": subject.y - reference.y}[item.kind]
        assert row.gap == pytest.approx(abs(gap) / SIDE) and item.answer
        assert row.distractors == len(stimulus.placements) - 2
        assert row.covered == covered(stimulus.placements, sprites)[0] <= RANGES["occlusion"][1]
        for name in ("gap", "blur", "contrast", "distractors"):
            assert RANGES[name][0] <= row[name] <= RANGES[name][1]
    assert set(manifest.distractors) == {0, 1, 2, 3} and manifest.contrast.std() > 0.05


def test_in_a_hard_image_the_larger_covers_the_smaller_as_far_as_allowed_and_the_others_touch_nothing(sprites):
    shares = {most: [] for most in (0, 0.25, 0.5)}
    for most, found in shares.items():
        for stimulus in laid_out("hard", occlusion=[most, most], distractors=[2, 4]):
            small, large, *others = stimulus.placements
            boxes = np.array([box(p, sprites) for p in stimulus.placements])
            assert boxes.min() >= -1 and boxes.max() <= SIDE + 1 and small.size <= large.size
            for edges in boxes[2:]:
                apart = np.maximum(edges[:2] - boxes[:2, 2:], boxes[:2, :2] - edges[2:])
                assert (apart.max(-1) >= -1).all()
            share, *rest = covered(stimulus.placements, sprites)
            assert share <= most and not any(rest)
            found.append(share)
    assert np.mean(shares[0]) == 0 and np.mean(shares[0.25]) > 0.12
    assert np.mean(shares[0.5]) > np.mean(shares[0.25]) + 0.05


def test_in_a_hard_image_the_covered_one_is_the_subject_as_often_as_the_reference():
    behind = [stimulus.queries[0].subject == 0 for stimulus in laid_out("hard", items=200)]
    assert 70 < sum(behind) < 130


@pytest.mark.parametrize(("cells", "side"), [(4, 32), (8, 16)])
def test_grid_objects_stand_at_the_centres_of_two_different_cells(cells, side):
    for stimulus in laid_out("grid", cells=cells, sizes=[12]):
        a, b = stimulus.placements
        assert (a.column, a.row) != (b.column, b.row)
        assert (a.x, a.y) == (side * (a.column + 0.5), side * (a.row + 0.5))
        assert 0 <= min(a.column, a.row) and max(a.column, a.row) < cells


def test_words_are_asked_of_nothing_to_see_in_both_orders(sprites):
    laid = words.lay_out(NOUNS, VIEWS, 0, "words", side=SIDE, asks=["left-right", "above-below"], pairs=5)
    manifest, questions = tabulate_composed(laid, sprites, SIDE)
    asked = list(items_of(questions))
    assert manifest.empty and len(asked) == 2 * 5 * 2 and questions.item.is_unique
    assert {item.visual for item in asked} == {""} and [item.order for item in asked[:4]] == [0, 1, 0, 1]
    assert asked[0].id == f"left-right/{asked[0].things['subject'].noun}/{asked[0].things['reference'].noun}/0"


def test_words_of_another_seed_are_about_other_pairs():
    named = [
        [s.placements[0].noun for s in words.lay_out(NOUNS, VIEWS, seed, "w", side=1, asks=["left-right"], pairs=4)]
        for seed in (0, 1)
    ]
    assert named[0] != named[1]


def test_images_of_a_grid_are_a_balanced_part_of_it():
    whole, part = (laid_out("grid", placements=60, images=images) for images in (0, 96))
    assert len(part) == 96 and set(part) < set(whole) and laid_out("grid", placements=60, images=len(whole)) == whole
    for role in (0, 1):
        nouns = Counter(stimulus.placements[role].noun for stimulus in part)
        cells = Counter((stimulus.placements[role].column, stimulus.placements[role].row) for stimulus in part)
        assert set(nouns.values()) == {16} and max(cells.values()) - min(cells.values()) <= 2 and len(cells) == 16
