"""Laws of the composer: the same pixels every time, and each object changes only its box."""

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.stimuli.backgrounds import background
from linmech.stimuli.composer import COLOURS, PALETTE, Placement, box, compose, covered, from_json, tint, to_json


def test_a_background_depends_on_its_seed_alone():
    assert (background(7, 64) == background(7, 64)).all()
    assert np.abs(background(7, 64).astype(int) - background(8, 64)).mean() > 5


def test_composing_twice_gives_the_same_pixels_and_each_object_changes_only_its_box(sprites):
    one = [Placement("apple", 40, 50, 30)]
    two = [*one, Placement("wine glass", 90, 90, 24)]
    first, second = compose(one, sprites, 5, 128), compose(two, sprites, 5, 128)
    assert (first == compose(one, sprites, 5, 128)).all()
    left, top, right, bottom = (int(edge) for edge in box(two[1], sprites))
    assert max(right - left, bottom - top) == 24
    changed = (first != second).any(-1)
    assert changed[top:bottom, left:right].mean() > 0.5
    changed[top:bottom, left:right] = False
    assert not changed.any()


def test_a_noun_without_a_sprite_is_named(sprites):
    with pytest.raises(LinmechError, match="no sprite of 'zebra'"):
        compose([Placement("zebra", 10, 10, 10)], sprites, 0, 64)


@pytest.mark.parametrize("colour", PALETTE)
def test_a_tint_keeps_the_alpha_and_brings_the_hue(sprites, colour):
    tinted = tint(sprites["apple", 0], colour)
    assert (tinted[..., 3] == sprites["apple", 0][..., 3]).all()
    seen = tinted[tinted[..., 3] > 0][:, :3].mean(0)
    wanted = np.array(PALETTE[colour])
    assert np.dot(seen, wanted) / np.linalg.norm(seen) / np.linalg.norm(wanted) > 0.99


def test_the_colours_of_the_organisms_are_a_part_of_the_palette_and_keep_their_order():
    assert list(COLOURS) == ["red", "green", "blue", "yellow", "purple", "white"] == list(PALETTE)[: len(COLOURS)]
    assert len(PALETTE) >= 8
    apart = [np.abs(np.subtract(a, b)).sum() for a in PALETTE.values() for b in PALETTE.values() if a != b]
    assert min(apart) > 90


def test_what_is_drawn_later_covers_what_it_overlaps(sprites):
    square = {("box", 0): np.full((10, 10, 4), 255, np.uint8)}
    two = [Placement("box", 20, 20, 20), Placement("box", 35, 30, 20)]
    assert covered(two, square) == [0.25 * 0.5, 0] and covered(two[::-1], square) == [0.25 * 0.5, 0]
    assert covered([two[0], Placement("box", 20, 20, 40)], square) == [1, 0] and covered(two[:1], square) == [0]
    disc = [Placement("cup", 40, 40, 30), Placement("hat", 48, 50, 30)]
    (share, none), alone = covered(disc, sprites), covered(disc[:1], sprites)
    assert 0 < share < 0.5 and none == 0 and alone == [0]


def test_no_tint_changes_nothing(sprites):
    assert tint(sprites["apple", 0], "") is sprites["apple", 0]


def test_placements_survive_the_manifest(sprites):
    placed = [Placement("cup", 20.5, 30.25, 12, 1, "red", 2, 3, 1.5)]
    assert from_json(to_json(placed, [box(placed[0], sprites)])) == placed
