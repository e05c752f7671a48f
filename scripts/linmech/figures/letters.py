"""Fonts for names in any script: what DejaVu Sans lacks is looked for among the fonts of this machine.

Where none has it, a box is drawn, as ever, and one line says so.
"""

import functools
from collections.abc import Iterable
from pathlib import Path

import matplotlib
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font

OWN = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
OWN_NAME = "DejaVu Sans"
CURE = "install one that has them, e.g. fonts-noto-cjk or fonts-noto-core"


def lacking(texts: Iterable[str], font: str | Path = OWN) -> frozenset[str]:
    """The letters of some texts that a font does not have."""
    has = letters_of(str(font))
    return frozenset(letter for text in texts for letter in text if letter.isprintable() and ord(letter) not in has)


@functools.cache
def letters_of(font: str) -> frozenset[int]:
    """The code points of a font's letters; none where it cannot be read."""
    try:
        return frozenset(FT2Font(font).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()


def font_for(texts: Iterable[str]) -> tuple[str, Path]:
    """The name and file of the font that some texts are written in: DejaVu Sans, or the first by name of this machine's
    that has all its letters and those that it lacks. A line says where there is none.
    """
    texts = list(texts)
    if not (letters := lacking(texts)):
        return OWN_NAME, OWN
    found = _beyond(frozenset("".join(texts)), letters)
    return found or (OWN_NAME, OWN)


@functools.cache
def _beyond(letters: frozenset[str], strange: frozenset[str]) -> tuple[str, Path] | None:
    """The first font that has all of `letters`, or None, once it is said that nobody has the `strange` ones."""
    for font in sorted(fontManager.ttflist, key=lambda font: (font.name, font.style != "normal", font.fname)):
        boxes = font.name == OWN_NAME or font.name.startswith("Last Resort")  # whose every letter is a box
        if not boxes and not lacking(letters, font.fname):
            return font.name, Path(font.fname)
    print(f"warning: no font of this machine has {' '.join(sorted(strange))}, drawn as boxes; {CURE}", flush=True)
    return None
