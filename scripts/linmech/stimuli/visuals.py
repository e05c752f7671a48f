"""What a model is shown: an image, a video, or nothing."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL.Image import Image


@dataclass(frozen=True, eq=False)
class Video:
    """All frames that a model is to see, in order, and how many of them pass in a second.

    The rate is always told to the processor: without it Qwen2.5-VL puts all frames at one time.
    """

    frames: UInt8[np.ndarray, "frame height width rgb=3"]
    per_second: float = 1.0


Visual = Image | Video | None
