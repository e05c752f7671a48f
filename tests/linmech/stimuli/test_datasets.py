"""Laws of data sets on disk: rows become items, items questions, and every visual is made once and opened late."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from discs import SIDE, laid_out
from linmech.errors import LinmechError
from linmech.questions.asking import ask
from linmech.stimuli import datasets
from linmech.stimuli.composer import Placement, compose, from_json, to_json
from linmech.stimuli.compositions import Composition, visual_of
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, Thing, items_of, question, row_of
from linmech.stimuli.layouts.stimulus import Query, Stimulus
from linmech.stimuli.tables import save_dataset, tabulate_composed
from linmech.stimuli.visuals import Video
from stored import composed, pair, photographed


@pytest.fixture
def pairs(tmp_path, sprites) -> Dataset:
    return composed(tmp_path / "pairs", laid_out("pairs"), sprites, SIDE)


def test_a_dataset_reads_back_and_composes_its_images(pairs, sprites):
    row = pairs.manifest.loc["00003"]
    pixels = compose(from_json(row.objects), sprites, int(row.background), SIDE)
    assert (np.asarray(pairs.visual("00003")) == pixels).all()
    assert pairs.visual("") is None and pairs.name == "pairs"


def test_items_are_the_rows_of_the_table_and_kinds_can_be_picked(tmp_path, sprites):
    manifest, questions = tabulate_composed(laid_out("in-between"), sprites, SIDE)
    save_dataset(tmp_path, manifest, questions)
    items = Dataset(tmp_path).items()
    pd.testing.assert_frame_equal(pd.DataFrame([row_of(item) for item in items]), questions)
    for item, stimulus in zip(items, laid_out("in-between"), strict=True):
        for thing, placed in zip(item.things.values(), stimulus.placements, strict=True):
            assert (thing.noun, thing.x, thing.y, thing.size) == (placed.noun, placed.x, placed.y, placed.size)
            left, top, right, bottom = thing.box
            assert left <= thing.x <= right and top <= thing.y <= bottom and max(right - left, bottom - top) > 10
    assert Dataset(tmp_path).items("left-right") == [] and len(Dataset(tmp_path).items("in-between")) == 40


def test_a_row_survives_the_table_whatever_it_holds(tmp_path):
    shown = Thing("cat", 1.5, 2.5, 3.0, 0.25, 1, 2, (3, 4), (0.0, 1.0, 2.0, 3.0))
    item = Item("a", "i", "left-right", {"subject": shown, "reference": Thing("dog")}, "left", "right", 1, 64, 48)
    pd.DataFrame([row_of(item)]).to_parquet(tmp_path / "t.parquet")
    (back,) = items_of(pd.read_parquet(tmp_path / "t.parquet"))
    assert back.things["subject"] == shown and back.things["reference"].noun == "dog"
    assert np.isnan(back.things["reference"].x) and back.things["reference"].box is None
    assert (back.order, back.width, back.height, back.answer) == (1, 64, 48, "left")
    assert shown.frame == 3 and Thing("dog").frame == 0


def test_a_question_has_the_items_nouns_answers_and_order():
    things = {"subject": Thing("cat"), "reference": Thing("dog"), "third": Thing("hat")}
    between = Item("a", "i", "in-between", things, "yes", "no")
    assert question(between) == ask("in-between", "cat", "dog", "hat")
    side = Item("b", "i", "left-right", things, "left", "right", order=1)
    assert question(side) == ask("left-right", "cat", "dog", order=1) and question(side, 1).text.count("left or right")
    red = Item("c", "i", "colour", things, "red", "blue")
    assert question(red).options == ("blue", "red") == question(red, 1).options
    cell = Item("d", "i", "column", things, "three", "two")
    assert question(cell).options == ("two", "three")
    assert len(question(Item("e", "i", "column", things)).options) == 4


def test_a_visual_is_made_once_for_all_its_questions_and_changes(pairs, monkeypatch):
    made = []
    monkeypatch.setattr(datasets, "visual_of", lambda *given: made.append(given) or visual_of(*given))
    first = pairs.visual("00001")
    assert pairs.visual("00001") is first
    for change in ("mirror", "recolour:7", "blur:0,0,20,20"):
        pairs.visual("00001", change)
    assert len(made) == 1
    for change in ("mirror-objects", "background:7", "mirror-objects", "", "background:7"):
        pairs.visual("00001", change)
    assert len(made) == 3 and pairs.visual("00001") is first
    pairs.visual("00002")
    pairs.visual("00001")
    assert len(made) == 5


def test_tables_and_sprites_are_opened_late_and_a_copy_for_a_worker_opens_its_own(tmp_path, pairs, monkeypatch):
    absent = Dataset(tmp_path / "absent", tmp_path / "absent.npz")
    copied = pickle.loads(pickle.dumps(pairs.visual))
    assert (np.asarray(copied("00001")) == np.asarray(pairs.visual("00001"))).all()
    assert len(pickle.dumps(pairs)) < 500
    with pytest.raises(LinmechError, match="manifest.parquet.*delete it"):
        absent.visual("a")


def test_images_that_are_files_need_no_sprites(tmp_path):
    picture = Image.new("RGB", (40, 30), (9, 8, 7))
    asked = pair("1", ("cat", "dog"), [(10, 10), (30, 10)], Query("left-right", 0, 1, -1, "left", "right"))
    dataset = photographed(tmp_path / "photos", [(asked, picture)])
    assert dataset.visual("1").size == (40, 30) and dataset.sprites == ""
    (item,) = dataset.items()
    assert (item.width, item.height) == (40, 30) and item.things["subject"].box == (4.0, 4.0, 16.0, 16.0)
    with pytest.raises(
        LinmechError, match="photos: its visuals are files, 'mirror-objects' cannot compose them anew; use m"
    ):
        dataset.visual("1", "mirror-objects")
    (dataset.folder / "1.png").write_bytes(b"no picture")
    with pytest.raises(LinmechError, match="1.png: cannot be read"):
        Dataset(dataset.folder).visual("1")
    with pytest.raises(LinmechError, match="has no image '2'"):
        dataset.visual("2")


@pytest.fixture
def clip(tmp_path, sprites) -> Dataset:
    """A video of four frames: the apple in the first two only, the cup in all, the hat in the last."""
    placed = (
        Placement("apple", 30.0, 64.0, 30.0, frames=(0, 1)), Placement("cup", 64.0, 30.0, 30.0),
        Placement("hat", 100.0, 64.0, 30.0, frames=(3,)),
    )  # fmt: skip
    stimulus = Stimulus("clip", 5, placed, (Query("left-right", 0, 2, -1, "left", "right"),), frames=4)
    return composed(tmp_path / "clips", [stimulus], sprites, SIDE)


def test_a_video_shows_each_thing_in_its_own_frames_over_one_background(clip, sprites):
    video = clip.visual("clip")
    assert isinstance(video, Video) and video.frames.shape == (4, SIDE, SIDE, 3)
    apple, cup, hat = clip.placements("clip")
    for number, seen in enumerate([(apple, cup), (apple, cup), (cup,), (cup, hat)]):
        assert (video.frames[number] == compose(seen, sprites, 5, SIDE)).all()
    (item,) = clip.items()
    assert item.things["subject"].frames == (0, 1) and item.things["reference"].frame == 3
    assert from_json(to_json([apple], [[0, 0, 1, 1]])) == [apple]


def test_a_video_can_be_changed_like_an_image_and_reversed(clip):
    video = clip.visual("clip").frames
    assert (clip.visual("clip", "reverse").frames == video[::-1]).all()
    assert (clip.visual("clip", "mirror").frames == video[:, :, ::-1]).all()


def test_a_change_of_what_a_visual_is_composed_of_composes_it_anew(tmp_path, sprites):
    dataset = composed(tmp_path / "colours", laid_out("colour-pairs"), sprites, SIDE)
    one, other = dataset.placements("00002")
    swapped = replace(one, tint=other.tint), replace(other, tint=one.tint)
    row = dataset.manifest.loc["00002"]
    wanted = compose(swapped, sprites, int(row.background), SIDE)
    assert (np.asarray(dataset.visual("00002", "exchange-colours")) == wanted).all()
    assert (np.asarray(dataset.visual("00002")) != wanted).any()


def test_an_unknown_change_lists_those_of_both_kinds(pairs):
    with pytest.raises(LinmechError, match="unknown change 'mirrored'.*mirror, .*exchange-colours, mirror-objects"):
        pairs.visual("00001", "mirrored")


def test_the_look_of_an_image_is_that_of_its_row_and_is_the_same_every_time(tmp_path, sprites):
    stimuli = laid_out("hard", blur=[0.01, 0.02], contrast=[0.3, 0.5])
    dataset = composed(tmp_path / "hard", stimuli, sprites, SIDE)
    row = dataset.manifest.loc["00001"]
    plain = Composition(stimuli[1].placements, int(row.background), SIDE)
    shown = np.asarray(dataset.visual("00001"))
    assert (shown == np.asarray(visual_of(replace(plain, blur=row.blur, contrast=row.contrast), sprites))).all()
    assert shown.std() < 0.6 * np.asarray(visual_of(plain, sprites)).std()
    assert (np.asarray(Dataset(dataset.folder, dataset.sprites).visual("00001")) == shown).all()


def test_a_broken_table_is_named(tmp_path):
    (tmp_path / "manifest.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(LinmechError, match="manifest.parquet.*delete it"):
        Dataset(tmp_path).visual("a")
