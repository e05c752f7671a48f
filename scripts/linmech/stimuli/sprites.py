"""The archive of sprites that images are composed of."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from linmech.errors import LinmechError


def load_sprites(path: str | Path) -> dict[tuple[str, int], UInt8[np.ndarray, "height width 4"]]:
    """The sprites of an archive by (noun, view): 8-bit sRGB with straight alpha, tightly cropped.

    Raises LinmechError where the archive is missing or damaged: it holds a checksum of each sprite.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {(key.rpartition("/")[0], int(key.rpartition("/")[2])): archive[key] for key in archive.files}
    except (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise LinmechError(
            f"{path}: sprites cannot be read ({error}): delete it and run render_sprites again"
        ) from error
