"""Videos for people: a sheet of film strips with their questions and answers, and an MP4 of each."""

from pathlib import Path

from PIL import Image

from linmech.errors import LinmechError
from linmech.figures.sheets.images import GAP, TILE, arrange, asked_of, caption, evenly, tile
from linmech.files import atomic
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.films.encoding import write_video
from linmech.stimuli.visuals import Video

SPAN = 3  # columns of a sheet of images that a strip is as wide as


def export_films(
    dataset: str | Path, sprites: str | Path, png: str | Path, folder: str | Path, columns: int = 6, rows: int = 4
) -> None:
    """Write a sheet of film strips, all frames of a video in a row above a question and its answer, and the same videos
    into `folder`, as {id}.mp4.

    The sheet is as wide and about as high as `images.export_sheet` makes one of so many columns and rows; its videos
    are spread evenly over the manifest. Raises LinmechError for a data set without videos.
    """
    data = Dataset(Path(dataset), sprites)
    if not (data.manifest["frames"] > 1).any():
        raise LinmechError(f"{dataset}/manifest.parquet: holds no videos: make the dataset again")
    abreast, asked, tiles = max(1, columns // SPAN), asked_of(data), []
    wide = SPAN * TILE + (SPAN - 1) * GAP
    videos = evenly([str(row.image) for row in data.manifest.itertuples() if row.frames > 1], abreast * 2 * rows)
    with atomic(folder) as films:
        films.mkdir()
        for number, name in enumerate(videos):
            video = data.visual(name)
            write_video(video, films / f"{name.removesuffix('.mp4').replace('/', '_')}.mp4")
            picture = strip(video, wide)
            text = caption(asked[name][number % len(asked[name])]) if name in asked else ""
            tiles.append(tile(picture, text, picture.size))
        high = max(each.height for each in tiles)
        with atomic(png) as partial:
            arrange([_padded(each, high) for each in tiles], abreast).save(partial)


def strip(video: Video, wide: int) -> Image.Image:
    """All frames of a video in a row of `wide` pixels, a thin line between them."""
    count, cut = len(video.frames), max(1, wide // 300)
    width = (wide - (count - 1) * cut) // count
    height = max(1, round(width * video.frames.shape[1] / video.frames.shape[2]))
    row = Image.new("RGB", (wide, height), "white")
    for number, frame in enumerate(video.frames):
        shown = Image.fromarray(frame).resize((width, height), Image.Resampling.LANCZOS)
        row.paste(shown, (number * (width + cut), 0))
    return row


def _padded(picture: Image.Image, high: int) -> Image.Image:
    """A tile at the top of one of this height: videos differ in shape."""
    canvas = Image.new("RGB", (picture.width, high), "white")
    canvas.paste(picture, (0, 0))
    return canvas
