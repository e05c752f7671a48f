"""Laws of letters: what DejaVu Sans has is written in it, what it lacks in a font that has it, and else is told."""

import textwrap
from pathlib import Path

import matplotlib
import pytest
from matplotlib.font_manager import fontManager
from PIL import Image, ImageFont

from linmech.figures import letters
from linmech.figures import style as plotting
from linmech.figures.sheets.images import TEXT, tile

BUNDLED = Path(matplotlib.get_data_path())


@pytest.fixture
def bundled(monkeypatch):
    """Only the fonts that come with matplotlib."""
    own = [font for font in fontManager.ttflist if Path(font.fname).is_relative_to(BUNDLED)]
    monkeypatch.setattr(fontManager, "ttflist", own)
    letters._beyond.cache_clear()
    yield own
    letters._beyond.cache_clear()


@pytest.fixture
def strange(bundled):
    """A letter that another bundled font of plain letters has and DejaVu Sans has not."""
    own = letters.letters_of(str(letters.OWN))
    for font in sorted(bundled, key=lambda font: font.name):
        if font.name == letters.OWN_NAME or font.name.startswith("Last Resort"):
            continue
        has = letters.letters_of(font.fname)
        if {ord("a"), ord(" ")} <= has and (found := [code for code in sorted(has - own) if chr(code).isprintable()]):
            return chr(found[0])
    pytest.fail("matplotlib's fonts have no more letters than DejaVu Sans")


def test_latin_greek_and_cyrillic_nouns_are_written_in_the_font_of_all_figures(capsys):
    assert letters.font_for(["teddy bear", "café", "γάτα", "кошка"]) == (letters.OWN_NAME, letters.OWN)
    assert capsys.readouterr().out == ""


def test_a_letter_that_the_font_lacks_is_written_in_one_that_has_it(strange):
    name, file = letters.font_for([f"a {strange}"])
    assert name != letters.OWN_NAME and not letters.lacking([f"a {strange}"], file)
    with plotting.style():
        figure = plotting.new_figure(2, 1)
        axis = figure.subplots()
        axis.set_title(f"a {strange}")
        axis.set_xlabel("plain")
        plotting.settle(figure)
    assert axis._left_title.get_fontfamily() == [letters.OWN_NAME, name]
    assert axis.xaxis.label.get_fontfamily() == [letters.OWN_NAME]


def test_letters_that_no_font_has_are_told_once(bundled, capsys):
    for _ in range(2):
        assert letters.font_for(["猫"]) == (letters.OWN_NAME, letters.OWN)
    told = capsys.readouterr().out
    assert told.count("warning: no font of this machine has 猫") == 1 and "fonts-noto-cjk" in told


def test_a_caption_in_letters_that_are_wider_stays_within_its_tile(strange):
    file, text = letters.font_for([f"a {strange}"])[1], f"a {strange}" + 60 * strange
    shown = tile(Image.new("RGB", (100, 100), "white"), text, (100, 100))
    line = textwrap.wrap(text, max(1, int(100 / max(map(ImageFont.truetype(str(file), TEXT).getlength, text)))))[0]
    assert shown.width == 100 and ImageFont.truetype(str(file), TEXT).getlength(line) <= 100
