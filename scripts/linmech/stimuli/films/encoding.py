"""A video as an MP4 file, for people: what a model is shown, at the rate that it is told (PyAV, H.264)."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from linmech.files import atomic
from linmech.stimuli.visuals import Video

QUALITY, UNDATED = {"crf": "16", "threads": "1"}, {"fflags": "+bitexact"}  # no date


def write_video(video: Video, path: str | Path) -> None:
    """Write all frames of a video to an MP4 file; an odd width or height gets one pixel more, the last one again."""
    frames = video.frames
    frames = np.pad(frames, [(0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)], mode="edge")
    with atomic(path) as partial, av.open(str(partial), "w", options=UNDATED) as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(video.per_second).limit_denominator(1000), options=QUALITY
        )
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
