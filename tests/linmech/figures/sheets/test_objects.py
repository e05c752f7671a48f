"""Laws of the sheet of objects: every noun once, by name, from its front, as it was rendered."""

import numpy as np
import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.figures.sheets.images import GAP, LINE, LINES
from linmech.figures.sheets.objects import SIDE, export_objects

RED, GREEN, BLUE = ((255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255))
HIGH = SIDE + LINES * LINE + 8 + GAP


def sprite(colour, shape=(40, 20)):
    return np.full((*shape, 4), colour, np.uint8)


def test_every_object_is_shown_by_name_from_its_front_view_and_tall_ones_stand(tmp_path):
    sprites = {"b/0": sprite(RED), "b/1": sprite(GREEN), "b/2": sprite(RED), "a b/0": sprite(BLUE, (10, 300))}
    np.savez(tmp_path / "sprites.npz", **sprites)
    export_objects(tmp_path / "sprites.npz", tmp_path / "sheet.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB"))
    assert sheet.shape[:2] == (HIGH + GAP, 2 * (SIDE + GAP) + GAP)
    first, second = (sheet[:, GAP + n * (SIDE + GAP) :][:, :SIDE] for n in range(2))
    blue, green = ((first == BLUE[:3]).all(2), (second == GREEN[:3]).all(2))
    assert blue.any() and green.any() and not (sheet == RED[:3]).all(2).any()
    assert np.ptp(np.nonzero(blue)[1]) > 5 * np.ptp(np.nonzero(blue)[0])
    assert np.ptp(np.nonzero(green)[0]) > 1.5 * np.ptp(np.nonzero(green)[1])


def test_no_sprites_are_one_line(tmp_path):
    np.savez(tmp_path / "sprites.npz")
    with pytest.raises(LinmechError, match="holds no sprites: delete it and run render_sprites"):
        export_objects(tmp_path / "sprites.npz", tmp_path / "sheet.png")
