"""A contact sheet: images of a dataset with their questions and answers, for people to look at."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from linmech.errors import LinmechError
from linmech.figures.letters import OWN, font_for
from linmech.files import atomic
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item, question

TILE, GAP = 320, 16
TEXT, LINE, LINES = 16, 20, 3
BOXES = ("#0072B2", "#E69F00", "#009E73")


def export_sheet(dataset: str | Path, sprites: str | Path, png: str | Path, columns: int = 6, rows: int = 4) -> None:
    """Write a `columns` x `rows` grid of images, spread evenly over the manifest, each above a question and its answer.

    An image with several questions shows them by turns, so that a sheet shows every kind. In images that are files
    (photographs, scenes) the boxes of the question's nouns are drawn. Fewer images make a smaller sheet.

    Raises LinmechError for a dataset without images or a sheet without tiles.
    """
    data = Dataset(Path(dataset), sprites)
    if data.manifest.empty:
        raise LinmechError(f"{dataset}/manifest.parquet: holds no images: make the dataset again")
    if min(columns, rows) < 1:
        raise LinmechError(f"a sheet of {columns} x {rows} images shows nothing: both must be at least 1")
    images, asked, tiles = evenly(list(data.manifest["image"]), columns * rows), asked_of(data), []
    for number, image in enumerate(images):
        picture, text = data.visual(image), ""
        if image in asked:
            item = asked[image][number % len(asked[image])]
            picture, text = boxed(picture, item) if data.manifest.loc[image].file else picture, caption(item)
        tiles.append(tile(picture, text))
    with atomic(png) as partial:
        arrange(tiles, columns).save(partial)


def evenly(keys: Sequence[str], count: int) -> list[str]:
    """At most `count` of `keys`, in order, from the first to the last, as evenly as whole numbers allow."""
    return [keys[int(place + 0.5)] for place in np.linspace(0, len(keys) - 1, min(count, len(keys)))]


def asked_of(data: Dataset) -> dict[str, list[Item]]:
    """The items of a data set by the visual that they are about."""
    asked: dict[str, list[Item]] = {}
    for item in data.items():
        asked.setdefault(item.visual, []).append(item)
    return asked


def caption(item: Item) -> str:
    """A question with its true answer."""
    return f"{question(item).text} —\u00a0{item.answer or 'no answer (hardly apart)'}"


def boxed(image: Image.Image, item: Item) -> Image.Image:
    """A copy of the image with a frame around each noun of the question, in the colours of BOXES by role."""
    framed = image.copy()
    width = max(2, max(image.size) // 120)
    for (_, thing), colour in zip(item.things.items(), BOXES, strict=False):
        if thing.box is not None:
            ImageDraw.Draw(framed).rectangle(thing.box, outline=colour, width=width)
    return framed


def tile(image: Image.Image, text: str, size: tuple[int, int] | None = None) -> Image.Image:
    """The image, fitted into a field of `size` px (width, height; default TILE), with its wrapped caption below."""
    wide, high = size or (TILE, TILE)
    file = font_for([text])[1]
    font = ImageFont.truetype(str(file), TEXT)
    canvas = Image.new("RGB", (wide, high + LINES * LINE + 8), "white")
    if image.size != (wide, high):
        broad = image.width * high >= image.height * wide
        fitted = (wide, image.height * wide // image.width) if broad else (image.width * high // image.height, high)
        image = image.resize([max(1, side) for side in fitted], Image.Resampling.LANCZOS)
    canvas.paste(image, ((wide - image.width) // 2, (high - image.height) // 2))
    broadest = "e" if file == OWN else max(text, key=font.getlength)
    width = max(1, int(wide / font.getlength(broadest)))
    for number, line in enumerate(textwrap.wrap(text, width, max_lines=LINES, placeholder=" …")):
        ImageDraw.Draw(canvas).text((0, high + 4 + number * LINE), line, fill="black", font=font)
    return canvas


def arrange(tiles: Sequence[Image.Image], columns: int) -> Image.Image:
    """Tiles row by row on a white sheet."""
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    wide, high = tiles[0].width + GAP, tiles[0].height + GAP
    sheet = Image.new("RGB", (columns * wide + GAP, rows * high + GAP), "white")
    for number, picture in enumerate(tiles):
        sheet.paste(picture, (GAP + number % columns * wide, GAP + number // columns * high))
    return sheet
