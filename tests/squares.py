"""Sprites of coloured squares."""

import numpy as np

NOUNS = ["apple", "cup", "hat", "tree", "wine glass", "key", "piggy bank", "car"]


def squares() -> dict:
    """Two views of a square of one colour for every noun."""
    draw = np.random.default_rng(0)
    sprites = {noun: np.full((12, 12, 4), 255, np.uint8) for noun in NOUNS}
    for square in sprites.values():
        square[..., :3] = draw.integers(0, 255, 3)
    return {(noun, view): square for noun, square in sprites.items() for view in range(2)}
