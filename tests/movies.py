"""Small video files, good and bad, made with PyAV, and a folder of them in MVBench's layout."""

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from linmech.stimuli.films.mvbench import TASK, VIDEOS

HIGH, WIDE = 36, 64


def grey(number: int) -> int:
    """The grey of all pixels of a frame of `movie`."""
    return 20 + 6 * number


def movie(path: Path, frames: int = 32, rate: int = 10, times: Sequence[float] = ()) -> Path:
    """A video whose frame n is all of `grey(n)`, shown at `times` in seconds, or so many in a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "10", "threads": "1", "g": "8"})
        stream.height, stream.width, stream.pix_fmt = HIGH, WIDE, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(times or [number / rate for number in range(frames)]):
            frame = av.VideoFrame.from_ndarray(np.full((HIGH, WIDE, 3), grey(number), np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(1000 * time), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def sound(path: Path) -> Path:
    """A file with sound and nothing to see."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def cut_off(path: Path) -> Path:
    """A video whose last third did not arrive."""
    whole = movie(path).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def item(video: str, first: str = "kitchen", second: str = "street", **other: object) -> dict:
    """An item of MVBench's list."""
    answer = f"From the {first} to the {second}."
    question = "What's the right option for how the scenes in the video change?"
    wrong = f"From the {second} to the {first}."
    return {"video": video, "question": question, "candidates": [wrong, answer], "answer": answer} | other


def mvbench(folder: Path, items: Iterable[object]) -> Path:
    """A folder in MVBench's layout with this list of items; its videos are made beside."""
    path = folder / TASK
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(items)))
    (folder / VIDEOS).mkdir(parents=True, exist_ok=True)
    return folder
