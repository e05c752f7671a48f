"""Files with a byte that flipped on the disk."""

from collections.abc import Iterator
from pathlib import Path


def flipped(path: Path, step: int) -> Iterator[int]:
    """Write `path` with one bit changed, again and again, `step` bytes further each time; at last as it was."""
    data = path.read_bytes()
    for place in range(0, len(data), step):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        yield place
    path.write_bytes(data)
