"""HDF5 files under a checksum of their own: HDF5 checks no texts, and was seen not to come back from damaged ones.

HDF5 does not look at what stands behind its data, so the sum stands there; a file without one is taken as it is.
"""

import functools
import zlib
from pathlib import Path

MARK, DIGITS, BLOCK = b"linmech-crc32:", 8, 1 << 22


def seal(path: str | Path) -> None:
    """Put the checksum behind a file that is closed."""
    total = _sum(Path(path), Path(path).stat().st_size)
    with Path(path).open("ab") as stream:
        stream.write(mark(total))


def mark(total: int) -> bytes:
    """What stands behind a file whose bytes have that CRC-32."""
    return MARK + f"{total:0{DIGITS}x}".encode()


def check(path: str | Path) -> None:
    """ValueError where a sealed file is not what was written. It is read once, as long as it stays the same.

    OSError where it cannot be read.
    """
    known = Path(path).stat()
    if not _is_whole(str(path), known.st_size, known.st_mtime_ns, known.st_ino):
        raise ValueError("its checksum differs")


@functools.lru_cache(maxsize=4096)
def _is_whole(path: str, size: int, *_: int) -> bool:
    length = size - len(MARK) - DIGITS
    if length < 0:
        return True
    with Path(path).open("rb") as stream:
        stream.seek(length)
        behind = stream.read()
    return not behind.startswith(MARK) or behind == mark(_sum(Path(path), length))


def is_sealed(path: str | Path) -> bool:
    """Whether a checksum stands behind the file, right or wrong."""
    with Path(path).open("rb") as stream:
        stream.seek(max(0, Path(path).stat().st_size - len(MARK) - DIGITS))
        return stream.read(len(MARK)) == MARK


def _sum(path: Path, length: int) -> int:
    """CRC-32 of the first `length` bytes."""
    total = 0
    with path.open("rb") as stream:
        while length:
            block = stream.read(min(BLOCK, length))
            if not block:
                break
            total, length = zlib.crc32(block, total), length - len(block)
    return total
