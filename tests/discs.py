"""Sprites of coloured discs, and the data sets that are composed of them."""

import functools

import numpy as np
import pytest

from linmech.stimuli.layouts import clips, colour_pairs, cuts, frames, grid, hard, in_between, near_far, pairs

NOUNS = ["apple", "cup", "hat", "tree", "wine glass", "key"]
VIEWS, SIDE = 2, 128
MODULES = {
    "grid": grid, "pairs": pairs, "colour-pairs": colour_pairs, "hard": hard, "near-far": near_far,
    "in-between": in_between, "frames": frames, "clips": clips, "cuts": cuts,
}  # fmt: skip
SETTINGS = {
    "grid": {"pairs": 6, "placements": 20, "sizes": [30, 22], "asks": ["left-right"]},
    "pairs": {"items": 40, "asks": ["left-right", "above-below"]},
    "colour-pairs": {"items": 40, "asks": ["left-right", "colour"]},
    "hard": {"items": 40, "asks": ["left-right", "above-below"]},
    "near-far": {"items": 40, "asks": ["near-far"]},
    "in-between": {"items": 40, "asks": ["in-between"]},
    "frames": {"pairs": 6, "arrangements": 20, "sizes": [56, 44], "asks": ["before-after"]},
    "clips": {"items": 40, "asks": ["before-after"], "lasting": [1, 3], "spread": 0.2},
    "cuts": {"items": 40, "asks": ["scene-order", "before-after"]},
}


def laid_out(layout: str, nouns=NOUNS, seed: int = 0, name: str = "", **settings) -> list:
    """The stimuli of a small data set, called as its layout is unless `name` says otherwise."""
    settings = SETTINGS[layout] | {"side": SIDE} | ({"sprites": discs()} if layout == "hard" else {}) | settings
    return list(MODULES[layout].lay_out(nouns, VIEWS, seed, name or layout, **settings))


@functools.cache
def discs() -> dict:
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


@pytest.fixture(scope="session")
def sprites() -> dict:
    return discs()
