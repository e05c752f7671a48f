"""All objects of a run by name, as they are rendered: does one lie on its side, is one grey, is it another thing?"""

from pathlib import Path

import numpy as np
from PIL import Image

from linmech.errors import LinmechError
from linmech.figures.sheets.images import arrange, tile
from linmech.files import atomic
from linmech.stimuli.sprites import load_sprites

SIDE = 150  # of an object in px
BACKGROUND = (214, 214, 214)
WIDER = 1.4  # than high, by so many tiles


def export_objects(sprites: str | Path, png: str | Path) -> None:
    """Write a sheet of the objects in an archive of sprites, by name, each from the view nearest its front.

    Raises LinmechError where the archive is damaged or empty.
    """
    views: dict[str, list[int]] = {}
    shown = load_sprites(sprites)
    for noun, view in shown:
        views.setdefault(noun, []).append(view)
    if not views:
        raise LinmechError(f"{sprites}: holds no sprites: delete it and run render_sprites again")
    tiles = [
        tile(_standing(shown[noun, sorted(views[noun])[len(views[noun]) // 2]]), noun, (SIDE, SIDE))
        for noun in sorted(views)
    ]
    with atomic(png) as partial:
        arrange(tiles, max(1, round((WIDER * len(tiles)) ** 0.5))).save(partial)


def _standing(sprite: np.ndarray) -> Image.Image:
    """A sprite in the middle of a grey square, its long side nearly that of the square."""
    picture = Image.fromarray(sprite)
    picture.thumbnail((SIDE - 10, SIDE - 10), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (SIDE, SIDE), BACKGROUND)
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2), picture)
    return square
