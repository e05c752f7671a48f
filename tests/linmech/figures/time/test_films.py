"""Laws of what people see of videos: every frame in its order, and an MP4 of each video that is shown."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from discs import SIDE, laid_out
from linmech.errors import LinmechError
from linmech.figures.sheets import images as sheets
from linmech.figures.time import films
from linmech.stimuli.films.decoding import read_video, sample
from linmech.stimuli.visuals import Video
from stored import composed


@pytest.fixture
def dataset(tmp_path, monkeypatch, sprites):
    for module in (sheets, films):
        monkeypatch.setattr(module, "TILE", 64)
    return composed(tmp_path / "cuts", laid_out("cuts", items=6), sprites, SIDE)


def test_a_sheet_shows_strips_and_the_folder_holds_the_same_videos(dataset, tmp_path):
    films.export_films(dataset.folder, dataset.sprites, tmp_path / "a.png", tmp_path / "films", 6, 1)
    names = sheets.evenly(list(dataset.manifest["image"]), 4)
    assert sorted(path.name for path in (tmp_path / "films").iterdir()) == [f"{name}.mp4" for name in names]
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.width == 2 * (3 * 64 + 2 * sheets.GAP) + 3 * sheets.GAP
    for name in names:
        path, video = tmp_path / "films" / f"{name}.mp4", dataset.visual(name)
        found = sample(path)
        assert found.frames == tuple(range(8)) and found.per_second == pytest.approx(video.per_second)
        again = read_video(path, found.frames, 1.0).frames.astype(int)
        assert np.abs(again - video.frames).mean((1, 2, 3)).max() < 4


def test_a_strip_is_all_frames_in_their_order():
    frames = np.stack([np.full((9, 16, 3), 30 * number, np.uint8) for number in range(8)])
    shown = np.asarray(films.strip(Video(frames), 300))
    levels = [int(level) for level in shown[shown.shape[0] // 2, :, 0] if level != 255]
    assert shown.shape == (20, 300, 3) and sorted(set(levels)) == list(dict.fromkeys(levels)) == list(range(0, 240, 30))


def test_a_data_set_without_videos_is_an_error(dataset, tmp_path):
    table = pd.read_parquet(dataset.folder / "manifest.parquet").assign(frames=1)
    table.to_parquet(dataset.folder / "manifest.parquet")
    with pytest.raises(LinmechError, match="manifest.parquet: holds no videos"):
        films.export_films(dataset.folder, dataset.sprites, tmp_path / "a.png", tmp_path / "films")
