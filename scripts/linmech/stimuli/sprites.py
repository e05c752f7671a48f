"""The archive of sprites that images are composed of."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8


def load_sprites(path: str | Path) -> dict[tuple[str, int], UInt8[np.ndarray, "height width 4"]]:
    """The sprites of an archive by (noun, view): 8-bit sRGB with straight alpha, tightly cropped."""
    with np.load(path, allow_pickle=False) as archive:
        return {(key.rpartition("/")[0], int(key.rpartition("/")[2])): archive[key] for key in archive.files}
