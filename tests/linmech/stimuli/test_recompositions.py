"""Laws of changes of what a visual is composed of: each changes one thing, and exchanging twice changes nothing."""

from dataclasses import replace

import numpy as np
import pytest

from discs import SIDE
from linmech.config.derived import RECOMPOSED
from linmech.errors import LinmechError
from linmech.stimuli import transforms
from linmech.stimuli.backgrounds import background
from linmech.stimuli.composer import Placement, box
from linmech.stimuli.compositions import Composition, visual_of
from linmech.stimuli.recompositions import HOW, recomposed
from linmech.stimuli.visuals import Video

APPLE = Placement("apple", 30.3, 40.7, 31.0, tint="red")
CUP = Placement("cup", 90.0, 80.5, 26.0, 1, "black")
HAT = Placement("hat", 64.0, 20.0, 20.0)
PLAIN = Composition((APPLE, CUP, HAT), 5, SIDE)


def pixels(composition, sprites) -> np.ndarray:
    return np.asarray(visual_of(composition, sprites)).astype(int)


def objects(composition, sprites) -> np.ndarray:
    """Where no background is seen, or none alone."""
    inside = np.zeros((SIDE, SIDE), bool)
    for placed in composition.placements:
        left, top, right, bottom = map(int, box(placed, sprites))
        inside[top:bottom, left:right] = True
    return inside


def test_exchanging_the_colours_twice_changes_nothing_and_once_the_first_two_tints_only():
    once = recomposed(PLAIN, "exchange-colours")
    assert recomposed(once, "exchange-colours") == PLAIN
    assert once == replace(PLAIN, placements=(replace(APPLE, tint="black"), replace(CUP, tint="red"), HAT))


def test_exchanged_colours_change_pixels_of_the_two_things_only(sprites):
    changed = (pixels(recomposed(PLAIN, "exchange-colours"), sprites) != pixels(PLAIN, sprites)).any(-1)
    two = replace(PLAIN, placements=PLAIN.placements[:2])
    assert changed.any() and not changed[~objects(two, sprites)].any()


def test_mirrored_objects_stand_over_the_background_as_it_was(sprites):
    mirrored = recomposed(PLAIN, "mirror-objects")
    shown, inside = pixels(mirrored, sprites), objects(PLAIN, sprites)
    behind = background(5, SIDE)
    assert (shown[~inside[:, ::-1]] == behind[~inside[:, ::-1]]).all()
    solid = (pixels(PLAIN, sprites) == pixels(replace(PLAIN, background=6), sprites)).all(-1)
    assert solid.sum() > 800 and (shown[:, ::-1][solid] == pixels(PLAIN, sprites)[solid]).all()
    assert recomposed(mirrored, "mirror-objects") == PLAIN


def test_another_background_leaves_every_object_and_depends_on_its_seed_and_on_the_visual(sprites):
    seven, again, eight = (recomposed(PLAIN, f"background:{seed}") for seed in (7, 7, 8))
    assert seven == again and replace(seven, background=5) == PLAIN
    other = recomposed(replace(PLAIN, background=6), "background:7")
    assert len({PLAIN.background, seven.background, eight.background, other.background}) == 4
    shown = pixels(seven, sprites)
    solid = (pixels(PLAIN, sprites) == pixels(replace(PLAIN, background=6), sprites)).all(-1)
    assert (shown[solid] == pixels(PLAIN, sprites)[solid]).all()
    inside = objects(PLAIN, sprites)
    assert (shown[~inside] == background(seven.background, SIDE)[~inside]).all()


def test_other_nouns_stand_in_the_same_places_with_the_same_looks_and_none_is_one_that_stood_there():
    known = {(noun, view) for noun in ("apple", "cup", "hat", "tree", "key", "frog", "car") for view in (0, 1)}
    seven, again, eight = (recomposed(PLAIN, f"other-nouns:{seed}", known) for seed in (7, 7, 8))
    another = recomposed(replace(PLAIN, background=6), "other-nouns:7", known)
    assert seven == again
    assert len({tuple(thing.noun for thing in each.placements) for each in (PLAIN, seven, eight, another)}) > 2
    for each in (seven, eight, another):
        nouns = [thing.noun for thing in each.placements]
        assert len({*nouns, "apple", "cup", "hat"}) == 6
        back = [replace(thing, noun=own.noun) for thing, own in zip(each.placements, PLAIN.placements, strict=True)]
        assert tuple(back) == PLAIN.placements
    assert replace(seven, placements=PLAIN.placements) == PLAIN


def test_other_nouns_are_seen_from_a_side_from_which_there_is_a_sprite_of_them():
    known = {("tree", 0), ("key", 1), ("frog", 0), *((thing.noun, 0) for thing in PLAIN.placements)}
    for seed in range(8):
        assert recomposed(PLAIN, f"other-nouns:{seed}", known).placements[1].noun == "key"


def test_a_video_is_composed_anew_frame_by_frame(sprites):
    clip = replace(PLAIN, placements=(replace(APPLE, frames=(0,)), CUP), frames=2)
    shown = visual_of(recomposed(clip, "mirror-objects"), sprites)
    assert isinstance(shown, Video)
    first, second = (replace(PLAIN, placements=seen, mirrored=True) for seen in ((APPLE, CUP), (CUP,)))
    assert (shown.frames[0] == pixels(first, sprites)).all() and (shown.frames[1] == pixels(second, sprites)).all()


def test_less_contrast_keeps_the_mean_and_a_blur_takes_the_detail(sprites):
    plain = pixels(PLAIN, sprites)
    poor, soft = (pixels(replace(PLAIN, **look), sprites) for look in ({"contrast": 0.4}, {"blur": 0.02}))
    assert poor.mean() == pytest.approx(plain.mean(), abs=0.5) and poor.std() == pytest.approx(
        0.4 * plain.std(), rel=0.02
    )
    assert np.abs(np.diff(soft, axis=1)).mean() < 0.6 * np.abs(np.diff(plain, axis=1)).mean()


@pytest.mark.parametrize(
    ("composition", "change", "said"),
    [
        (PLAIN, "mirror", "unknown change 'mirror' of what a visual is composed of; use exchange-colours"),
        (PLAIN, "background:red", "write a seed, an integer >= 0"),
        (PLAIN, "other-nouns:", "write a seed, an integer >= 0, e.g. other-nouns:7"),
        (PLAIN, "other-nouns:1", "no object is left that does not stand there yet; add to objects.nouns"),
        (replace(PLAIN, placements=(APPLE,)), "exchange-colours", "the first two things have no two colours"),
        (replace(PLAIN, placements=(HAT, HAT)), "exchange-colours", "use a data set of layout colour-pairs"),
    ],
)
def test_a_change_that_cannot_be_made_is_one_line(composition, change, said):
    with pytest.raises(LinmechError) as caught:
        recomposed(composition, change)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_the_configuration_knows_these_changes_and_no_change_has_two_meanings():
    assert tuple(HOW) == RECOMPOSED and not set(HOW) & set(transforms.HOW)
