"""Run one job of the workflow: its output goes to its log too, a LinmechError becomes one line and an exit code."""

import atexit
import ctypes
import errno
import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from linmech import kept
from linmech.errors import EXIT_BAD_INPUT, LinmechError

KEPT = 1 << 30  # bytes of freed memory that a job keeps for what it allocates next
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
SHOWN = 300  # letters of an error that is not ours
LOST = (  # what CUDA says of a GPU that fails, is gone, or is another's; what a program does wrong is not among them
    "gpu is lost|ecc error|hardware|unknown error|busy or unavailable|no cuda-capable device|driver shutting down|"
    "device unavailable|nvlink|unspecified launch failure|launch timed out"
)


def import_first(folder: Path) -> None:
    """Let the processes that this one starts import what is in `folder`, whatever else of that name is installed."""
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([others] if others else [])])


def keep_freed_memory() -> bool:
    """Let this process use again what it frees; False where the C library has no such setting.

    glibc hands tensors of some MB back to the system when they are freed, and zeroes new pages for the next ones of
    the same size: a fifth of a sweep's time on a CPU.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all([mallopt(option, KEPT) for option in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD)])


def keep_imports() -> None:
    """Let the collector of garbage work from now on, but never look at what was imported, nor at anything at the end of
    the process: torch and transformers are a million objects.
    """
    gc.freeze()
    gc.enable()
    atexit.register(gc.freeze)


def cure(error: Exception) -> str:
    """One line for what a machine, not a program, does wrong: disks full or read-only, too little memory, a GPU that is
    lost; else "".
    """
    told = " ".join(str(error).split())[:SHOWN]
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return f"the memory is used up ({told}); lower the model's batch and activations.workers, and run again"
    if isinstance(error, RuntimeError) and re.search(rf"CUDA.*({LOST})", told, re.IGNORECASE):
        return f"the GPU fails ({told}); run again, on another one if it stays so: what was committed is kept"
    if not isinstance(error, OSError):
        return ""
    if re.search(r"\d+ requested and \d+ written", told):  # numpy's, without a number
        return f"the disk is full ({told}); free some space and run again: what was committed is kept"
    for code in (error.errno, *map(int, re.findall(r"[Ee]rrno\s*=?\s*(\d+)", told))):  # HDF5's stands in its text
        if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return f"the disk is full ({told}); free some space and run again: what was committed is kept"
        if code in (errno.EROFS, errno.EACCES, errno.EPERM):
            return f"results cannot be written here ({told}); allow it and run again: what was committed is kept"
        if code in (errno.EIO, errno.ESTALE):
            return f"the disk fails ({told}); look at it and run again: what was committed is kept"
    return ""


def run_job(job: Callable[[], object], log: str | Path, asked: object = None) -> None:
    """Call `job()` with stdout and stderr (the descriptors) copied to `log`; exit with 2 on a LinmechError, and on
    a full disk or memory (`cure`), with one line.

    `asked`, the `snakemake` of a script whose inputs are all that it reads: what a long job left is given back if
    nothing has changed (`kept`).
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    keep_freed_memory()
    if not gc.isenabled():  # as the package leaves it in a script's process
        keep_imports()
    tee = subprocess.Popen(["tee", str(log)], stdin=subprocess.PIPE, stdout=os.dup(2))
    saved = os.dup(1), os.dup(2)
    os.dup2(tee.stdin.fileno(), 1)
    os.dup2(tee.stdin.fileno(), 2)
    status = 0
    try:
        if asked is None:
            job()
        else:
            kept.call(job, asked)
    except LinmechError as error:
        print(f"error: {error}", file=sys.stderr)
        status = EXIT_BAD_INPUT
    except Exception as error:
        if not (line := cure(error)):
            raise
        print(f"error: {line}", file=sys.stderr)
        status = EXIT_BAD_INPUT
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
        tee.stdin.close()
        tee.wait()
    if status:
        sys.exit(status)
