"""Video files as models see them: which frames are shown, at what rate, and their pixels (PyAV)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

from linmech.errors import LinmechError
from linmech.stimuli.visuals import Video


@dataclass(frozen=True)
class Sampling:
    """Which frames of a file are shown, counted in order of display, how many of them pass in a second, their size in
    pixels.
    """

    frames: tuple[int, ...]
    per_second: float
    width: int
    height: int


def sample(path: str | Path, count: int = 8) -> Sampling:
    """The `count` frames on show at moments spread evenly from when the first frame appears to when the last one does.

    Where all frames last equally long these are frames spread evenly; where not (variable frame rate), one that stays
    may be shown twice. The file is decoded whole. Raises LinmechError for one that cannot be, without a video stream or
    times, whose frames change their size, or with fewer than `count` frames.
    """
    times, sizes = [], set()
    for frame in _decoded(path):
        times.append(frame.time)
        sizes.add(_turned(frame).shape[:2])
    if len(times) < count:
        raise LinmechError(f"{path}: has {len(times)} frames, {count} are shown: use a longer video")
    if None in times or not times[-1] > times[0]:
        raise LinmechError(f"{path}: does not tell when its frames are shown: write it again, e.g. as MP4")
    if len(sizes) > 1:
        raise LinmechError(f"{path}: its frames change their size: write it again in one size")
    # ASSUME: the reference code spreads frame numbers evenly, which is the same where all last equally long.
    moments = np.linspace(times[0], times[-1], count)
    numbers = np.searchsorted(times, moments + 1e-6, side="right") - 1
    ((height, width),) = sizes
    return Sampling(tuple(numbers.tolist()), float((count - 1) / (times[-1] - times[0])), width, height)


def read_video(path: str | Path, frames: Sequence[int], per_second: float) -> Video:
    """The frames of a file, as `sample` chose them. Raises LinmechError where it cannot be read, or is now shorter."""
    found = {}
    for number, frame in enumerate(_decoded(path)):
        if number in frames:
            found[number] = _turned(frame)
        if number >= max(frames):
            break
    if set(found) != set(frames):
        raise LinmechError(f"{path}: has no frame {max(frames)} any more: make the data set again")
    return Video(np.stack([found[number] for number in frames]), per_second)


def _decoded(path: str | Path) -> Iterator[av.VideoFrame]:
    """All frames in order of display."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise LinmechError(f"{path}: has no video stream: use another file")
            container.streams.video[0].thread_type = "AUTO"
            yield from container.decode(video=0)
    except (av.FFmpegError, OSError) as error:
        raise LinmechError(f"{path}: cannot be read as a video ({error.strerror}): use a whole file") from error


def _turned(frame: av.VideoFrame) -> UInt8[np.ndarray, "height width rgb=3"]:
    """The pixels, upright: a telephone writes down how it was held."""
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90)))
