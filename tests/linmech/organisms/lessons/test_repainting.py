"""Laws of other colours: places, shapes and what is not painted stay; what is painted is said."""

import numpy as np
import pytest

from linmech.organisms.lessons.pool import make_pool
from linmech.organisms.lessons.repainting import recolour, repaint
from linmech.seeds import rng
from linmech.stimuli.composer import PALETTE
from squares import NOUNS, squares

BATCH = np.arange(8)


@pytest.fixture(scope="module")
def pool():
    return make_pool(NOUNS, squares(), 8, 0, "train", side=64, patch=16, held_out=False, per_image=2)


def test_no_share_changes_nothing_and_the_pool_itself_never_changes(pool):
    before = pool.images.copy(), pool.patch_tints.copy()
    images, tints = repaint(pool, BATCH, rng(0, "none"), 0.0)
    assert (images == pool.images).all() and (tints == pool.patch_tints).all()
    repaint(pool, BATCH, rng(0, "all"), 1.0)
    assert (pool.images == before[0]).all() and (pool.patch_tints == before[1]).all()


def test_what_is_painted_has_one_of_the_palettes_hues_and_its_patches_say_which(pool):
    images, tints = repaint(pool, BATCH, rng(0, "all"), 1.0)
    assert (images[pool.pixel_nouns < 0] == pool.images[pool.pixel_nouns < 0]).all()
    assert ((tints >= 0) == (pool.patch_nouns >= 0)).all() and len(np.unique(tints)) > 3
    for image, pixels, tint, owners in zip(images, pool.pixel_nouns, tints, pool.patch_nouns, strict=True):
        for noun in np.unique(owners[owners >= 0]):
            (colour,) = set(tint[owners == noun].tolist())
            mean = image[pixels == noun].astype(float).mean(0)
            wanted = np.array(list(PALETTE.values())[colour], float)
            assert (mean @ wanted) / np.linalg.norm(mean) / np.linalg.norm(wanted) > 0.99


def test_the_same_draw_paints_the_same_and_about_the_share_is_painted(pool):
    one, other = (repaint(pool, BATCH, rng(0, "some"), 0.5) for _ in range(2))
    assert (one[0] == other[0]).all() and (one[1] == other[1]).all()
    painted = (one[0] != pool.images).any((1, 2, 3)).mean()
    assert 0.3 < painted <= 1


def test_mixed_channels_leave_the_other_images_alone(pool):
    mixed, which = recolour(pool.images, rng(0, "mix"), 0.5)
    assert 0 < which.sum() < 8 and (mixed[~which] == pool.images[~which]).all()
    assert (mixed[which] != pool.images[which]).any((1, 2, 3)).all()
