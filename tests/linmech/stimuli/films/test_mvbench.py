"""Laws of MVBench's scene transitions: every item is used or refused with its reason, either answer as often true."""

import json

import numpy as np
import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.films.mvbench import TASK, VIDEOS, read_mvbench
from linmech.stimuli.items import question
from movies import HIGH, WIDE, cut_off, grey, item, movie, mvbench, sound
from read_videos import main

OFFICE = "From the office to the roof."
BROKEN = [
    (["a.mp4"], "is not {video, question, candidates, answer}"),
    ({"video": "a.mp4", "answer": OFFICE}, "is not {video, question, candidates, answer}"),
    (item("a.mp4", answer=OFFICE), "is none of its candidates"),
    (item("a.mp4", "road to the hill"), "is not 'From A to B.' with one 'to'"),
    (item("a.mp4", answer="Nothing changes.", candidates=["Nothing changes."]), "is not 'From A to B.'"),
    (item("a.mp4", "street", "street"), "names one scene twice"),
    (item("../a.mp4"), "is no name of a file"),
    (item("gone.mp4"), "video/scene_qa/video/gone.mp4 does not exist"),
    (item("cut.mp4"), "video/scene_qa/video/cut.mp4: cannot be read as a video"),
    (item("cut.mp4", "hall"), "video/scene_qa/video/cut.mp4: cannot be read as a video"),
    (item("sound.mp4"), "video/scene_qa/video/sound.mp4: has no video stream"),
    (item("few.mp4"), "video/scene_qa/video/few.mp4: has 5 frames, 8 are shown"),
]
GOOD = [item("a.mp4"), item("b.mp4", "Garage", "roof"), item("a.mp4", "hall", "lift"), item("b.mp4", "sea", "shore")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = mvbench(tmp_path_factory.mktemp("videos") / "mvbench", [*GOOD, *(entry for entry, _ in BROKEN)])
    videos = made / VIDEOS
    movie(videos / "a.mp4")
    movie(videos / "b.mp4", times=[0, 0.1, 0.2, 0.3, 0.4, 2.0, 2.1, 2.2, 2.9, 3.5])
    movie(videos / "few.mp4", frames=5)
    cut_off(videos / "cut.mp4")
    sound(videos / "sound.mp4")
    return made


@pytest.fixture(scope="module")
def data(folder, tmp_path_factory) -> Dataset:
    beside = tmp_path_factory.mktemp("results") / "mvbench"
    main(folder, beside)
    return Dataset(beside)


def test_every_item_is_used_or_refused_with_its_reason(data, folder):
    refused = pd.read_csv(data.folder / "refused.tsv", sep="\t")
    assert len(data.items()) == len(GOOD) and len(refused) == len(BROKEN) and set(refused["file"]) == {TASK}
    assert refused["item"].tolist() == list(range(len(GOOD), len(GOOD) + len(BROKEN)))
    for reason, (_, told) in zip(refused["reason"], BROKEN, strict=True):
        assert told in reason and str(folder) not in reason


def test_a_question_names_both_scenes_and_either_answer_is_as_often_true(data):
    items = data.items("scene-order")
    asked = {question(each).text: each.answer for each in items}
    assert asked == {
        "Does the scene 'the kitchen' occur before or after the scene 'the street'?": "before",
        "Does the scene 'the roof' occur before or after the scene 'the Garage'?": "after",
        "Does the scene 'the hall' occur before or after the scene 'the lift'?": "before",
        "Does the scene 'the shore' occur before or after the scene 'the sea'?": "after",
    }
    assert len({each.id for each in items}) == 4 and {each.visual for each in items} == {"a.mp4", "b.mp4"}
    assert all(each.things["subject"].box is None for each in items)


def test_a_visual_is_its_eight_frames_at_their_rate_and_reversed_it_runs_backwards(data):
    video = data.visual("a.mp4")
    assert video.frames.shape == (8, HIGH, WIDE, 3) and video.per_second == pytest.approx(7 / 3.1)
    np.testing.assert_allclose(
        video.frames.mean((1, 2, 3)), [grey(number) for number in json.loads(data.manifest.loc["a.mp4"].shown)], atol=2
    )
    backwards = data.visual("a.mp4", "reverse")
    assert (backwards.frames == video.frames[::-1]).all() and backwards.per_second == video.per_second
    assert data.manifest.loc["b.mp4"].per_second == pytest.approx(2)
    with pytest.raises(LinmechError, match="cannot compose them anew"):
        data.visual("a.mp4", "background:1")


def test_how_many_frames_are_shown_is_told(folder):
    manifest, _, refused = read_mvbench(folder, frames=5)
    assert (manifest["frames"] == 5).all() and manifest["file"][0] == f"{VIDEOS}/a.mp4"
    assert len(refused) == len(BROKEN) - 1 and not refused["reason"].str.contains("few.mp4").any()


def test_a_list_of_which_nothing_can_be_used_and_one_that_is_none_are_errors(tmp_path):
    with pytest.raises(LinmechError, match=f"{TASK}: not readable as JSON"):
        read_mvbench(tmp_path)
    with pytest.raises(LinmechError, match="none of 1 items can be used: the first says .*a.mp4 does not exist"):
        read_mvbench(mvbench(tmp_path / "b", [item("a.mp4")]))
    (tmp_path / "b" / TASK).write_text("{}")
    with pytest.raises(LinmechError, match="holds no list of items; use MVBench's file"):
        read_mvbench(tmp_path / "b")
