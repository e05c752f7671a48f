"""Laws of how images are shown: what stands in patches goes along, and what is painted is said."""

from dataclasses import replace

import numpy as np
import pytest

from linmech.organisms.lessons.pool import BACKGROUND, make_pool, patch_labels
from linmech.organisms.lessons.showing import SHIFT, recolour, repaint, shifted, shown
from linmech.seeds import rng
from linmech.stimuli.composer import PALETTE
from squares import NOUNS, squares

BATCH = np.arange(8)


@pytest.fixture(scope="module")
def pool():
    return make_pool(NOUNS, squares(), 8, 0, "train", side=64, patch=16, held_out=False, per_image=2)


def test_the_pool_never_changes_and_the_same_draw_shows_the_same(pool):
    before = pool.images.copy(), pool.labels.copy(), [list(things) for things in pool.placements]
    one, other = (shown(pool, NOUNS, BATCH, rng(0, "some"), 0.5) for _ in range(2))
    for array in ("images", "nouns", "targets", "tints"):
        np.testing.assert_array_equal(getattr(one, array), getattr(other, array))
        assert getattr(one, array).dtype == getattr(pool, array if array == "images" else f"patch_{array}").dtype
    assert (pool.images == before[0]).all() and (pool.labels == before[1]).all() and pool.placements == before[2]
    assert (one.images != pool.images).any((1, 2, 3)).all()


def test_patches_of_an_image_that_is_not_moved_are_the_pools(pool, monkeypatch):
    monkeypatch.setattr("linmech.organisms.lessons.showing.SHIFT", 0.0)
    seen = shown(pool, NOUNS, BATCH, rng(1, "still"), 0.0)
    mirrored = 0
    for number in BATCH:
        same = (seen.images[number] == pool.images[number]).all()
        mirrored += not same
        assert same or (seen.images[number] == pool.images[number][:, ::-1]).all()
        grid = pool.patch_nouns[number].reshape(4, 4)
        assert (seen.nouns[number].reshape(4, 4) == (grid if same else grid[:, ::-1])).all()
    assert 0 < mirrored < 8 and SHIFT > 0


def test_what_is_moved_takes_its_patches_and_its_place_along():
    pixels = np.arange(64 * 64).reshape(64, 64)
    labels = np.full((64, 64), BACKGROUND)
    labels[10:20, 30:40] = 0
    moved = shifted(labels, 4, -6, BACKGROUND)
    assert (np.argwhere(moved == 0) - np.argwhere(labels == 0) == [4, -6]).all()
    assert (shifted(pixels, 4, -6)[10, 10] == pixels[6, 16]) and (shifted(pixels, 4, 0)[:4] == pixels[0]).all()
    assert (shifted(np.zeros((64, 64), int), 3, 3, BACKGROUND) == BACKGROUND).sum() == 64 * 64 - 61 * 61


def test_targets_are_where_the_things_are_seen(pool):
    seen = shown(pool, NOUNS, BATCH, rng(2, "moved"), 0.0)
    for image, nouns, targets in zip(seen.images, seen.nouns, seen.targets, strict=True):
        assert image.shape == (64, 64, 3)
        for noun in np.unique(nouns[nouns >= 0]):
            own = np.flatnonzero(nouns == noun)
            centre = np.stack([own % 4 + 0.5, own // 4 + 0.5], 1).mean(0) / 4
            assert np.abs(targets[own[0], :2] - centre).max() < 0.25


def test_a_painted_thing_has_one_of_the_palettes_hues_and_its_patches_say_which(pool):
    for number in BATCH:
        image, things = pool.images[number].copy(), pool.placements[number]
        masks = [pool.labels[number] == index for index in range(len(things))]
        painted = [
            repaint(image, mask, thing, rng(int(number), "all"), 1.0) for mask, thing in zip(masks, things, strict=True)
        ]
        assert (image[pool.labels[number] < 0] == pool.images[number][pool.labels[number] < 0]).all()
        for mask, thing in zip(masks, painted, strict=True):
            mean, wanted = image[mask].astype(float).mean(0), np.array(PALETTE[thing.tint], float)
            assert (mean @ wanted) / np.linalg.norm(mean) / np.linalg.norm(wanted) > 0.99
        _, _, tints = patch_labels(painted, pool.labels[number], NOUNS, 64, 16)
        assert (tints[pool.patch_nouns[number] >= 0] >= 0).all()
        assert [replace(thing, tint="") for thing in painted] == [replace(thing, tint="") for thing in things]


def test_mixed_channels_leave_the_other_images_alone(pool):
    mixed, which = recolour(pool.images, rng(0, "mix"), 0.5)
    assert 0 < which.sum() < 8 and (mixed[~which] == pool.images[~which]).all()
    assert (mixed[which] != pool.images[which]).any((1, 2, 3)).all()
