"""Laws of video files: which frames are shown and when, whatever the file, and why one cannot be used."""

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.stimuli.films.decoding import read_video, sample
from linmech.stimuli.films.encoding import write_video
from linmech.stimuli.visuals import Video
from movies import HIGH, WIDE, cut_off, grey, movie, sound


def test_frames_that_last_equally_long_are_spread_evenly_and_their_pixels_are_those_of_the_file(tmp_path):
    found = sample(movie(tmp_path / "a.mp4"))
    assert found.frames == tuple(np.linspace(0, 31, 8).astype(int)), "the reference code's own numbers"
    assert found.per_second == pytest.approx(7 / 3.1) and (found.width, found.height) == (WIDE, HIGH)
    video = read_video(tmp_path / "a.mp4", found.frames, found.per_second)
    assert video.frames.shape == (8, HIGH, WIDE, 3) and video.per_second == found.per_second
    wanted = [grey(number) for number in found.frames]
    np.testing.assert_allclose(video.frames.mean((1, 2, 3)), wanted, atol=2)


def test_of_a_variable_frame_rate_each_frame_is_the_one_on_show_at_its_moment(tmp_path):
    times = [0, 0.1, 0.2, 0.3, 0.4, 2.0, 2.1, 2.2, 2.9, 3.5]
    found = sample(movie(tmp_path / "a.mp4", times=times))
    shown = [max(n for n, time in enumerate(times) if time <= moment + 1e-6) for moment in np.linspace(0, 3.5, 8)]
    assert list(found.frames) == shown == [0, 4, 4, 4, 5, 7, 8, 9] and found.per_second == pytest.approx(2)
    levels = read_video(tmp_path / "a.mp4", found.frames, found.per_second).frames.mean((1, 2, 3))
    np.testing.assert_allclose(levels, [grey(number) for number in shown], atol=2)


def few(path):
    return movie(path, frames=7)


def text(path):
    path.write_text("no video at all")
    return path


def empty(path):
    path.write_bytes(b"")
    return path


BAD = [
    (cut_off, "cannot be read as a video .*: use a whole file"),
    (text, "cannot be read as a video"),
    (empty, "cannot be read as a video"),
    (sound, "has no video stream"),
    (few, "has 7 frames, 8 are shown: use a longer video"),
]


@pytest.mark.parametrize(("made", "reason"), BAD, ids=[made.__name__ for made, _ in BAD])
def test_a_file_that_cannot_be_used_says_why(tmp_path, made, reason):
    with pytest.raises(LinmechError, match=f"a.mp4: {reason}"):
        sample(made(tmp_path / "a.mp4"))


def test_eight_frames_are_enough_and_a_file_that_became_shorter_is_named(tmp_path):
    assert sample(movie(tmp_path / "a.mp4", frames=8)).frames == tuple(range(8))
    with pytest.raises(LinmechError, match="a.mp4: has no frame 9 any more"):
        read_video(tmp_path / "a.mp4", (0, 9), 1.0)


def test_a_video_of_a_telephone_that_was_held_upright_stands_upright(tmp_path):
    """Its track says: to be shown a quarter turn clockwise, so that what lies at the left comes to stand at the top."""
    path, lying = tmp_path / "a.mp4", np.zeros((8, HIGH, WIDE, 3), np.uint8)
    lying[:, :, : WIDE // 2] = 200
    write_video(Video(lying), path)
    one, minus = 1 << 16, -1 << 16
    old, new = ([one, 0, 0, 0, one, 0, 0, 0, 1 << 30], [0, one, 0, minus, 0, 0, 0, 0, 1 << 30])
    data = path.read_bytes()
    header = data.index(b"tkhd")
    matrices = (np.array(matrix, ">i4").tobytes() for matrix in (old, new))
    path.write_bytes(data[:header] + data[header:].replace(*matrices, 1))
    found = sample(path)
    assert (found.width, found.height) == (HIGH, WIDE)
    shown = read_video(path, found.frames, 1.0).frames
    assert shown.shape == (8, WIDE, HIGH, 3) and shown[:, :25].mean() > 190 and shown[:, 40:].mean() < 10


@pytest.mark.parametrize("size", [(36, 64), (35, 63)])
def test_an_mp4_holds_all_frames_at_their_rate(tmp_path, size):
    y, x = np.mgrid[: size[0], : size[1]]
    frames = np.stack([np.stack([4 * y + 9 * n, 3 * x, 0 * x + 30 * n], -1) for n in range(8)]).clip(0, 255)
    video = Video(frames.astype(np.uint8), 2.5)
    write_video(video, tmp_path / "a.mp4")
    found = sample(tmp_path / "a.mp4")
    assert found.frames == tuple(range(8)) and found.per_second == pytest.approx(2.5)
    again = read_video(tmp_path / "a.mp4", found.frames, 2.5).frames[:, : size[0], : size[1]].astype(int)
    assert np.abs(again - video.frames).mean() < 3
