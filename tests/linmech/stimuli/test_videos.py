"""Laws of the videos: two objects that are never seen together, over one background, and what is asked of them."""

from collections import Counter

import numpy as np
import pytest

from discs import SIDE, laid_out
from linmech.questions.relations import gap
from linmech.stimuli.compositions import Composition, visual_of
from linmech.stimuli.items import items_of
from linmech.stimuli.tables import tabulate_composed
from linmech.stimuli.visuals import Video
from stored import composed

FRAMES = {"arrangements": 56, "pairs": 2}
PLACED = {"arrangements": 504, "pairs": 2, "places": 3, "sizes": [40]}


def frames_of(stimulus, sprites) -> np.ndarray:
    return visual_of(Composition(stimulus.placements, stimulus.background, SIDE, stimulus.frames), sprites).frames


@pytest.mark.parametrize("layout", ["frames", "clips"])
def test_a_thing_is_seen_in_its_frames_only_and_the_background_is_that_of_all_frames(layout, sprites):
    for stimulus in laid_out(layout)[::7]:
        whole = frames_of(stimulus, sprites)
        nothing = frames_of(type(stimulus)("", stimulus.background, (), (), stimulus.frames), sprites)
        changed = {int(frame) for frame in np.flatnonzero((whole != nothing).any((1, 2, 3)))}
        seen = [set(placed.frames) for placed in stimulus.placements]
        assert len(whole) == 8 and changed == seen[0] | seen[1] and not seen[0] & seen[1]
        assert (nothing == nothing[:1]).all()


def test_all_arrangements_are_there_once_per_pair_and_size_and_all_frames_are_used():
    found = Counter(tuple(p.frames[0] for p in s.placements) for s in laid_out("frames", **FRAMES))
    assert len(found) == 56 and set(found.values()) == {2 * 2}
    assert {(p.x, p.y) for s in laid_out("frames") for p in s.placements} == {(SIDE / 2, SIDE / 2)}


def test_in_space_and_time_every_place_meets_every_other_frame():
    shown = laid_out("frames", **PLACED)
    ways = {tuple((p.column, p.frames[0]) for p in s.placements) for s in shown}
    columns = {p.column: p.x for s in shown for p in s.placements}
    assert len(ways) == 504 and columns == pytest.approx({n: (2 * n + 1) * SIDE / 6 for n in range(3)})


def test_the_spells_of_a_clip_are_whole_within_the_video_and_every_way_to_place_them_occurs():
    shown = laid_out("clips", items=600, lasting=[2, 2])
    spells = {tuple(p.frames for p in s.placements) for s in shown}
    assert all(len(seen) == 2 and seen[1] == seen[0] + 1 for spell in spells for seen in spell)
    assert len(spells) == 2 * 15, "two spells of 2 in 8 frames, in either order"
    assert {p.frames for s in laid_out("clips", items=40, lasting=[4, 4]) for p in s.placements} == {
        (0, 1, 2, 3), (4, 5, 6, 7),
    }  # fmt: skip


@pytest.mark.parametrize("layout", ["frames", "clips"])
def test_the_answer_says_who_is_seen_first(layout, sprites):
    _, questions = tabulate_composed(laid_out(layout), sprites, SIDE)
    for item in items_of(questions):
        subject, reference = item.things["subject"], item.things["reference"]
        assert item.answer == ("before" if max(subject.frames) < min(reference.frames) else "after")
        assert gap("before-after", subject, reference) == subject.frames[0] - reference.frames[0]


def test_a_video_is_read_as_composed_and_reversed_it_tells_the_other_answer(tmp_path, sprites):
    stimuli = laid_out("clips", items=4)
    data = composed(tmp_path / "clips", stimuli, sprites, SIDE)
    for stimulus in stimuli:
        video = data.visual(stimulus.image)
        assert isinstance(video, Video) and (video.frames == frames_of(stimulus, sprites)).all()
        assert (data.visual(stimulus.image, "reverse").frames == video.frames[::-1]).all()
