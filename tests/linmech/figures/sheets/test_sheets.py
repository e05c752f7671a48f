"""Laws of contact sheets: they show the images that there are, with their questions."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.figures.sheets import images as sheets
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, Thing
from linmech.stimuli.layouts.stimulus import Query
from stored import composed, pair


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "TILE", 64)
    sprite = np.full((20, 20, 4), 255, np.uint8)
    asked = Query("left-right", 0, 1, -1, "left", "right"), Query("left-right", 1, 0, -1, "right", "left")
    made = [pair(f"{number:02d}", ("cat", "mug"), [(20, 32), (44, 32)], *asked) for number in range(11)]
    data = composed(tmp_path / "pairs", made, {("cat", 0): sprite, ("mug", 0): sprite}, 64)
    return data.folder, data.sprites


def test_a_sheet_shows_as_many_images_as_asked_for_and_no_more_than_there_are(dataset, tmp_path):
    folder, sprites = dataset
    wide = sheets.TILE + sheets.GAP
    for columns, rows, shape in ((3, 2, (3, 2)), (4, 9, (4, 3)), (20, 1, (11, 1))):
        sheets.export_sheet(folder, sprites, tmp_path / "sheet.png", columns, rows)
        with Image.open(tmp_path / "sheet.png") as sheet:
            assert (sheet.width - sheets.GAP) // wide == shape[0]
            assert round(sheet.height / (wide + sheets.LINES * sheets.LINE)) == shape[1]


def test_a_sheet_is_the_same_bytes_again(dataset, tmp_path):
    once, again = tmp_path / "once.png", tmp_path / "again.png"
    for path in (once, again):
        sheets.export_sheet(*dataset, path, 3, 2)
    assert once.read_bytes() == again.read_bytes()


def test_a_sheet_runs_from_the_first_image_to_the_last():
    assert sheets.evenly(list("abcdefghi"), 3) == ["a", "e", "i"]
    assert sheets.evenly(["a"], 9) == ["a"]


def test_captions_hold_question_and_answer(dataset):
    items = Dataset(dataset[0]).items()[:2]
    assert sheets.caption(items[0]) == "Is the cat to the left or right of the mug? —\u00a0left"
    assert sheets.caption(items[1]).endswith("—\u00a0right")


def test_boxes_of_the_nouns_are_drawn_and_nothing_else_changes(dataset):
    thing = Thing("cat", 20, 20, box=(10.0, 10.0, 30.0, 40.0))
    item = Item("i", "v", "left-right", {"subject": thing, "reference": Thing("mug")}, "left", "right")
    image = Image.new("RGB", (64, 64), "white")
    framed = np.asarray(sheets.boxed(image, item))
    changed = (framed != 255).any(2)
    assert changed[10, 10:31].all() and changed[10:41, 10].all() and changed[40, 10:31].all()
    assert not changed[12:38, 12:28].any() and not changed[:10].any() and not changed[:, 31:].any()
    assert (np.asarray(image) == 255).all()


def test_a_dataset_without_images_is_an_error(dataset, tmp_path):
    folder, sprites = dataset
    pd.read_parquet(folder / "manifest.parquet").iloc[:0].to_parquet(folder / "manifest.parquet")
    with pytest.raises(LinmechError, match="manifest.parquet"):
        sheets.export_sheet(folder, sprites, tmp_path / "sheet.png")
