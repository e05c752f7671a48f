"""Laws of the videos of a training: who is seen when, what is kept from training, and that the lessons are true."""

from itertools import combinations

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.organisms.lessons import videos
from linmech.organisms.lessons.curriculum import OF_VIDEOS, is_held_out, unplaced
from linmech.organisms.lessons.pool import BACKGROUND, Pool, join
from linmech.organisms.lessons.videos import OBJECTS, VIDEOS, held_out_moments, make_video_pool
from linmech.questions.kinds import KINDS
from squares import NOUNS, squares

WORDS = KINDS["frame"].options


def made(name: str = "train", count: int = 30, **how) -> Pool:
    shape = dict(frames=8, side=64, patch=32, held_out=False, per_video=6, weights=OF_VIDEOS) | how
    return make_video_pool(NOUNS, squares(), count, 0, name, **shape)


def cast(pool: Pool, video: int) -> dict[str, int]:
    """Who is seen in which frame of a video, by the patches of its frames."""
    seen = {}
    for moment, image in enumerate(pool.frames[video]):
        nouns = {int(noun) for noun in np.unique(pool.pixel_nouns[image]) if noun != BACKGROUND}
        assert len(nouns) <= 1
        seen |= {NOUNS[noun]: moment for noun in nouns}
    return seen


def test_every_object_is_seen_alone_in_one_frame_and_the_others_show_the_same_background():
    pool = made()
    assert pool.frames.shape == (30, 8) and len(pool.images) == 30 // VIDEOS * (1 + OBJECTS)
    for video, frames in enumerate(pool.frames):
        images, counts = np.unique(frames, return_counts=True)
        assert len(cast(pool, video)) == len(images) - 1 in (2, 3)
        (empty,) = images[counts > 1] if counts.max() > 1 else [None]
        assert (pool.pixel_nouns[empty] == BACKGROUND).all() and (pool.patch_nouns[empty] == BACKGROUND).all()
        for image in set(images) - {empty}:
            behind = pool.pixel_nouns[image] == BACKGROUND
            assert (pool.images[image][behind] == pool.images[empty][behind]).mean() > 0.9  # soft edges


def test_lessons_are_true_of_the_frames():
    pool, kinds = made(), set()
    for video, group in enumerate(pool.lessons):
        seen = cast(pool, video)
        for lesson in group:
            kinds.add(lesson.kind)
            if lesson.kind == "exists":
                assert (lesson.answer == "yes") == (lesson.subject in seen)
            if lesson.kind == "frame":
                assert lesson.answer == WORDS[seen[lesson.subject]]
            if lesson.kind == "first":
                told = sorted((lesson.subject, lesson.reference), key=seen.get)
                assert (lesson.answer, lesson.other) == tuple(told)
            if lesson.kind == "column":
                noun, left = NOUNS.index(lesson.subject), lesson.answer in WORDS[:2]
                shown = pool.pixel_nouns[pool.frames[video][seen[lesson.subject]]] == noun
                assert (np.nonzero(shown)[1].mean() < 32) == left or abs(np.nonzero(shown)[1].mean() - 32) < 2
            if lesson.kind == "before-after":
                assert (lesson.answer == "before") == (seen[lesson.subject] < seen[lesson.reference])
    assert kinds == set(OF_VIDEOS)


@pytest.mark.parametrize("frames", [4, 8])
def test_moments_and_pairs_that_are_held_out_are_never_in_training_and_always_in_the_tests_about_them(frames):
    apart = held_out_moments(frames, 0)
    assert len(apart) == {4: 1, 8: 5}[frames] and all(one < other for one, other in apart)
    for name, how in {"train": {}, "test": {"held_out": True}, "moments": {"held_out": True, "moments": True}}.items():
        pool = made(name, frames=frames, **how)
        for video in range(len(pool.frames)):
            seen = cast(pool, video)
            pairs = {tuple(sorted(pair)) for pair in combinations(seen.values(), 2)}
            assert bool(pairs & apart) == (name == "moments")
            known = [is_held_out(a, b, 0) for a, b in combinations(seen, 2)]
            assert any(known) == (name != "train")


def test_objects_may_be_kept_to_the_first_frames_where_they_fit(monkeypatch):
    pool = made("binding", within=4)
    assert {moment for video in range(30) for moment in cast(pool, video).values()} == set(range(4))
    monkeypatch.setattr(videos, "held_out_moments", lambda frames, seed: frozenset({(0, 1)}))
    with pytest.raises(LinmechError, match="three objects do not fit into the first 3 of 8 frames"):
        made(within=3)


def test_of_unplaced_nouns_it_is_never_asked_when():
    apart = unplaced(NOUNS, 2, 0)
    for lesson in sum(made(unplaced=apart).lessons, []):
        assert lesson.kind == "exists" or not {lesson.subject, lesson.reference} & set(apart)
    for lesson in sum(made("unplaced", unplaced=apart, held_out=True, about_unplaced=True).lessons, []):
        assert lesson.kind != "exists" and {lesson.subject, lesson.reference} & set(apart)


def test_joined_pools_keep_their_frames():
    one, other = made(count=5), made("other", 4)
    both = join(one, other)
    for video, (pool, own) in enumerate([(one, i) for i in range(5)] + [(other, i) for i in range(4)]):
        assert (both.images[both.frames[video]] == pool.images[pool.frames[own]]).all()
