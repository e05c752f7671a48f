"""Laws of contact sheets: they show the images that there are, with their questions."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.figures import sheets
from linmech.stimuli.composer import Placement, to_json
from linmech.stimuli.datasets import save_dataset


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "TILE", 64)
    sprite = np.full((20, 20, 4), 255, np.uint8)
    sprites = tmp_path / "sprites.npz"
    np.savez(sprites, **{"cat/0": sprite, "mug/0": sprite})
    two = (Placement("cat", 20.0, 32.0, 16.0), Placement("mug", 44.0, 32.0, 16.0))
    images = [f"{number:02d}" for number in range(11)]
    manifest = pd.DataFrame({"image": images, "background": range(11), "size_px": 64, "file": ""})
    manifest["objects"] = to_json(two, [[12.0, 24.0, 28.0, 40.0], [36.0, 24.0, 52.0, 40.0]])
    asked = {
        "kind": "left-right",
        "subject": "cat",
        "reference": "mug",
        "third": "",
        "answer": "left",
        "other": "right",
    }
    questions = pd.DataFrame([asked | {"item": f"{image}#0", "image": image} for image in images])
    save_dataset(tmp_path / "pairs", manifest, questions)
    return tmp_path / "pairs", sprites


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


def test_captions_hold_question_and_answer_and_go_round_the_questions(dataset):
    questions = pd.read_parquet(dataset[0] / "questions.parquet").iloc[:2].assign(answer=["left", "right"])
    assert sheets.caption(questions, 0) == "Is the cat to the left or right of the mug? —\u00a0left"
    assert sheets.caption(questions, 3).endswith("—\u00a0right")


def test_a_dataset_without_images_is_an_error(dataset, tmp_path):
    folder, sprites = dataset
    pd.read_parquet(folder / "manifest.parquet").iloc[:0].to_parquet(folder / "manifest.parquet")
    with pytest.raises(LinmechError, match="manifest.parquet"):
        sheets.export_sheet(folder, sprites, tmp_path / "sheet.png")
