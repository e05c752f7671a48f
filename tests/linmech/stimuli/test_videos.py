"""Laws of the videos: two objects that are never seen together, over one background, and what is asked of them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from discs import SIDE, laid_out
from linmech.errors import LinmechError
from linmech.questions.relations import gap
from linmech.stimuli.compositions import Composition, visual_of
from linmech.stimuli.items import items_of, question
from linmech.stimuli.tables import tabulate_composed
from linmech.stimuli.visuals import Video
from stored import composed

FRAMES = {"arrangements": 56, "pairs": 2}
PLACED = {"arrangements": 504, "pairs": 2, "places": 3, "sizes": [40]}


def frames_of(stimulus, sprites) -> np.ndarray:
    drawn = stimulus.placements, stimulus.background, SIDE, stimulus.frames
    return visual_of(Composition(*drawn, cut=stimulus.traits.get("cut", 0)), sprites).frames


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


@pytest.mark.parametrize("layout", ["frames", "clips", "cuts"])
def test_the_answer_says_who_is_seen_first(layout, sprites):
    _, questions = tabulate_composed(laid_out(layout), sprites, SIDE)
    for item in items_of(questions):
        subject, reference = item.things["subject"], item.things["reference"]
        assert item.answer == ("before" if max(subject.frames) < min(reference.frames) else "after")
        assert gap(item.kind, subject, reference) == subject.frames[0] - reference.frames[0]


@pytest.mark.parametrize("layout", ["frames", "clips"])
def test_asked_which_is_seen_first_the_answer_is_the_name_of_the_thing_and_the_other_its_partner(layout, sprites):
    _, questions = tabulate_composed(laid_out(layout, asks=["first", "before-after"]), sprites, SIDE)
    firsts, befores = [
        [item for item in items_of(questions) if item.kind == kind] for kind in ("first", "before-after")
    ]
    for item, before in zip(firsts, befores, strict=True):
        nouns = [item.things[role].noun for role in ("subject", "reference")]
        assert (item.answer, item.other) == tuple(nouns if before.answer == "before" else nouns[::-1])
        assert question(item).options == tuple(nouns)


def test_two_scenes_fill_a_video_each_with_two_things_of_its_own_over_a_background_of_its_own(sprites):
    cuts, firsts = Counter(), Counter()
    for stimulus in laid_out("cuts", items=40):
        subject, reference = ({p.frames for p in stimulus.placements[start::2]} for start in (0, 1))
        (one,), (other,) = subject, reference
        cut = stimulus.traits["cut"]
        assert sorted(one + other) == list(range(8)) and cut in (one[0], other[0]) and 2 <= cut <= 6
        assert len({p.noun for p in stimulus.placements}) == 4
        nothing = frames_of(replace(stimulus, placements=()), sprites)
        changes = (nothing[1:] != nothing[:-1]).any((1, 2, 3))
        assert np.flatnonzero(changes).tolist() == [cut - 1]
        whole = frames_of(stimulus, sprites)
        assert (whole != nothing).any((1, 2, 3)).all() and not (whole[1:] != whole[:-1]).any((1, 2, 3))[~changes].any()
        cuts[cut] += 1
        firsts[one[0] == 0] += 1
    assert set(cuts) == set(range(2, 7)) and firsts[True] == firsts[False]


def test_a_question_about_scenes_calls_them_by_their_things_and_one_about_things_does_not(sprites):
    _, questions = tabulate_composed(laid_out("cuts", items=2), sprites, SIDE)
    asked = list(items_of(questions))
    for stimulus, scenes, things in zip(laid_out("cuts", items=2), asked[::2], asked[1::2], strict=True):
        one, other, beside, across = (placed.noun for placed in stimulus.placements)
        told = question(scenes).text
        assert f"'{one} and {beside}' occur" in told and told.endswith(f"the scene '{other} and {across}'?")
        assert question(things).text.startswith(f"Does the {one} appear") and scenes.answer == things.answer
        assert scenes.things["subject"].box is None and things.things["subject"].box is not None


def test_two_scenes_take_four_things(sprites):
    with pytest.raises(LinmechError, match="stimuli.cuts: two scenes of two things need 4 objects, there are 3"):
        laid_out("cuts", nouns=["cup", "hat", "key"])


@pytest.mark.parametrize("layout", ["clips", "cuts"])
def test_a_video_is_read_as_composed_and_reversed_it_tells_the_other_answer(layout, tmp_path, sprites):
    stimuli = laid_out(layout, items=4)
    data = composed(tmp_path / layout, stimuli, sprites, SIDE)
    for stimulus in stimuli:
        video = data.visual(stimulus.image)
        assert isinstance(video, Video) and (video.frames == frames_of(stimulus, sprites)).all()
        assert (data.visual(stimulus.image, "reverse").frames == video.frames[::-1]).all()
