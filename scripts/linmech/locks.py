"""One writer at a time: a lock beside what is written, which ends with its process, however that ends."""

import fcntl
import os
from datetime import datetime
from pathlib import Path

from linmech.errors import LinmechError

_held: dict[Path, int] = {}  # of this process: path of the lock, its descriptor


def hold(output: str | Path) -> None:
    """Be the only process that writes `output`, until `release` or this process's end, `kill -9` included.

    Raises LinmechError that names the process that is writing it. A process may hold a lock twice.
    """
    path = _lock_of(output)
    if path in _held:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise LinmechError(
                f"{output} is being written by {holder}: wait until it has ended, or end it, and run again"
            ) from None
        except OSError as error:
            print(f"{path}: this disk knows no locks ({error.strerror}); let one run write here", flush=True)
            os.close(descriptor)
            return
        if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
            break
        os.close(descriptor)  # its last holder removed it meanwhile
    os.truncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} since {datetime.now():%Y-%m-%d %H:%M:%S}\n".encode())
    _held[path] = descriptor


def release(output: str | Path) -> None:
    """Let others write `output`; nothing where this process does not hold it."""
    path = _lock_of(output)
    if path in _held:
        path.unlink(missing_ok=True)
        os.close(_held.pop(path))


def _lock_of(output: str | Path) -> Path:
    output = Path(output).absolute()
    return output.with_name(f".{output.name}.lock")
