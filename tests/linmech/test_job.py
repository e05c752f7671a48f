"""Laws of a job's end: what the machine does wrong is one line with its cure, what the program does a traceback."""

import errno
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from linmech.job import cure, run_job

FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EROFS, "cannot be written here"),
        (errno.EACCES, "cannot be written here"), (errno.EIO, "the disk fails"),
    ],
)  # fmt: skip
def test_a_disk_that_takes_nothing_is_one_line(code, said):
    line = cure(OSError(code, os.strerror(code), "results/x.h5"))
    assert said in line and "\n" not in line and "what was committed is kept" in line


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_known_however_it_is_told():
    with pytest.raises(OSError) as plain, FULL.open("w") as stream:
        stream.write("x" * 100000)
    assert "the disk is full" in cure(plain.value)
    told = OSError("Can't write data (file write failed: errno = 28, error message = 'No space left on device')")
    assert "the disk is full" in cure(told)


def test_used_up_memory_is_one_line_whatever_says_so():
    class OutOfMemoryError(RuntimeError):
        """As torch names it."""

    for error in (MemoryError(), OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 GiB")):
        assert "lower the model's batch" in cure(error) and "\n" not in cure(error)


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: uncorrectable ECC error encountered\nCUDA kernel errors might be asynchronously reported",
        "CUDA error: unspecified launch failure", "CUDA error: all CUDA-capable devices are busy or unavailable",
        "CUDA error: unknown error", "Unexpected error from cudaGetDeviceCount(): CUDA: GPU is lost",
    ],
)  # fmt: skip
def test_a_gpu_that_is_lost_is_one_line(said):
    line = cure(RuntimeError(said))
    assert line.startswith("the GPU fails (") and "\n" not in line and "what was committed is kept" in line


ASSERTED = RuntimeError("CUDA error: device-side assert triggered")


@pytest.mark.parametrize(
    "error", [ValueError("x"), OSError("no number"), FileNotFoundError(2, "gone"), KeyError("k"), ASSERTED]
)
def test_what_the_program_does_wrong_keeps_its_traceback(error, tmp_path):
    def job():
        raise error

    with pytest.raises(type(error)):
        run_job(job, tmp_path / "log")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library decides for itself")
def test_a_job_uses_again_what_it_frees(tmp_path):
    """Pages that the system must give a process which makes and frees 64 MB, again and again."""
    code = """
import resource, sys
import numpy as np
from linmech.job import run_job
def asked():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(1 << 23)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
plain = asked()
run_job(asked, sys.argv[1] + "/log")
print(plain, asked())
"""
    # huge pages would hide what is asked for
    env = os.environ | {"NUMPY_MADVISE_HUGEPAGE": "0"}
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=env)
    plain, kept = map(int, found.stdout.split())
    assert kept < plain / 5


def test_a_quota_of_the_process_stops_a_file_with_one_line_and_leaves_no_half_file(tmp_path):
    """A real disk's refusal (RLIMIT_FSIZE), through HDF5 and `atomic`."""
    code = """
import resource, signal, sys
import h5py, numpy as np
from linmech.files import atomic
from linmech.job import run_job
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def job():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    with atomic(sys.argv[1] + "/x.npy") as partial, partial.open("wb") as stream:
        np.save(stream, np.zeros(1_000_000))
run_job(job, sys.argv[1] + "/log")
"""
    found = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=100)
    assert found.returncode == 2 and "Traceback" not in found.stderr + found.stdout
    assert "error: the disk is full" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


STARTED = """
import gc
{first}
from linmech.job import run_job
print("imported", gc.isenabled(), gc.get_freeze_count() > 0)

class Circle:
    def __init__(self): self.own = self
    def __del__(self): print("freed")

def job():
    Circle()
    gc.collect()
    print("runs", gc.isenabled(), gc.get_freeze_count() > 0)

run_job(job, {log!r})
circle = Circle()
"""


@pytest.mark.parametrize(
    ("first", "said", "done"),
    [
        ("snakemake = None  # as Snakemake begins a script", ["imported False False"], ["freed", "runs True True"]),
        ("", ["imported True False", "freed"], ["freed", "runs True False"]),
    ],
)
def test_garbage_is_looked_for_while_a_job_runs_and_neither_among_its_imports_nor_at_its_end(
    first, said, done, tmp_path
):
    script = tmp_path / "script.py"
    script.write_text(STARTED.format(first=first, log=str(tmp_path / "log")))
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert (ran.stdout.splitlines(), ran.stderr.splitlines()) == (said, done)
