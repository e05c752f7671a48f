"""Sprites of coloured discs, and the data sets that are composed of them."""

import numpy as np
import pytest

from linmech.stimuli.layouts.grid import grid
from linmech.stimuli.layouts.in_between import in_between
from linmech.stimuli.layouts.near_far import near_far
from linmech.stimuli.layouts.pairs import pairs

NOUNS = ["apple", "cup", "hat", "tree", "wine glass", "key"]
VIEWS = 2
COMPOSED = {
    "grid": lambda nouns: grid(nouns, VIEWS, 0, pairs=6, placements=20, sizes=[30, 22], cell=32),
    "pairs": lambda nouns: pairs(nouns, VIEWS, 0, items=40, side=128),
    "near-far": lambda nouns: near_far(nouns, VIEWS, 0, items=40, side=128),
    "in-between": lambda nouns: in_between(nouns, VIEWS, 0, items=40, side=128),
}


@pytest.fixture(scope="session")
def sprites() -> dict:
    """Coloured discs of different aspect."""
    made = {}
    for number, noun in enumerate(NOUNS):
        for view in range(VIEWS):
            height, width = 40, 20 + 4 * number
            y, x = np.mgrid[:height, :width]
            inside = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2 < 1
            pixels = np.zeros((height, width, 4), np.uint8)
            pixels[inside] = (40 * number, 100 + 50 * view, 200 - 30 * number, 255)
            made[noun, view] = pixels
    return made
