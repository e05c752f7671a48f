"""What the tests of all families show the models of tests/families.py: an image to each, a video to some."""

import numpy as np
from PIL import Image

import families
from linmech.questions.asking import ask
from linmech.stimuli.visuals import Video

TOLERANCE = 1e-4
QUESTION = ask("left-right", "teddy bear", "car")
SEEN = [(name, "image") for name in families.FAMILIES] + [(name, "video") for name in families.VIDEO]


def visual(kind: str, seed: int = 0, size: tuple[int, int] = (112, 112)):
    """A random image of `size` (height, width), or a random video of eight frames."""
    draw = np.random.default_rng(seed)
    if kind == "image":
        return Image.fromarray(draw.integers(0, 256, (*size, 3), dtype=np.uint8))
    return Video(draw.integers(0, 256, (8, 56, 56, 3), dtype=np.uint8))
