"""Files that appear only when they are complete, hashes of files, and paths as people write them."""

import contextlib
import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

NUMBERS = Path("/proc/self/ns/pid")  # of Linux: containers of one name may number their processes each for themselves
HOST = re.sub(r"[^A-Za-z0-9]+", "-", platform.node())[:40] + (f"-{NUMBERS.stat().st_ino}" if NUMBERS.exists() else "")
PARTIAL = re.compile(rf"\..*\.partial-{HOST}-(?P<pid>\d+)(\.[^.]*)?$")
_swept: set[Path] = set()  # folders, by this process


@contextlib.contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` (same suffix); rename it to `path` when the block ends well.

    The temporary path may become a file or a directory. On an error it is removed and `path` is untouched. What killed
    processes of this machine left in the folder is removed when this one first writes there.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent.absolute())
    partial = path.with_name(f".{path.stem}.partial-{HOST}-{os.getpid()}{path.suffix}")
    try:
        yield partial
        if path.is_dir() and partial.is_dir():
            shutil.rmtree(path)
        partial.replace(path)
    finally:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what processes of this machine that are no more were writing in `folder`; once in a process's life."""
    if folder in _swept:
        return
    _swept.add(folder)
    for left in [entry for entry in folder.iterdir() if PARTIAL.match(entry.name)]:
        if not _lives(int(PARTIAL.match(left.name)["pid"])):
            with contextlib.suppress(OSError):  # another process sweeps here too, or it is another user's: let it lie
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's
        pass
    return True


def home(path: str | Path) -> Path:
    """`path` with ~ and ~name written out; as it is where nobody of that name has a home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def sha256(path: str | Path) -> str:
    """Hex SHA-256 of a file's bytes, read in blocks."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
