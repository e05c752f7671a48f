"""Laws of the composer: the same pixels every time, and each object changes only its box."""

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.stimuli.backgrounds import background
from linmech.stimuli.composer import COLOURS, Placement, box, compose, from_json, tint, to_json


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


@pytest.mark.parametrize("colour", COLOURS)
def test_a_tint_keeps_the_alpha_and_brings_the_hue(sprites, colour):
    tinted = tint(sprites["apple", 0], colour)
    assert (tinted[..., 3] == sprites["apple", 0][..., 3]).all()
    seen = tinted[tinted[..., 3] > 0][:, :3].mean(0)
    wanted = np.array(COLOURS[colour])
    assert np.dot(seen, wanted) / np.linalg.norm(seen) / np.linalg.norm(wanted) > 0.99


def test_no_tint_changes_nothing(sprites):
    assert tint(sprites["apple", 0], "") is sprites["apple", 0]


def test_placements_survive_the_manifest(sprites):
    placed = [Placement("cup", 20.5, 30.25, 12, 1, "red", 2, 3, 1.5)]
    assert from_json(to_json(placed, [box(placed[0], sprites)])) == placed
