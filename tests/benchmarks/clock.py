"""What the benchmarks share: their arguments, how a call is timed, and how the result is told."""

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from shapes import SHAPES


def arguments(text: str, *, sample: int, **more: dict) -> argparse.Namespace:
    """The command line; `more` are further options, name -> keywords of `add_argument`. Sets torch's threads."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="mid")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--sample", type=int, default=sample, help="how many of the runs the baselines make")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    for name, keywords in more.items():
        parser.add_argument(f"--{name}", **keywords)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    return given


def timed(run: Callable[[], Any], repeats: int, device: str) -> tuple[list[float], Any]:
    """Seconds of each of `repeats` runs after one to warm up (none for a single run), and the last result."""
    found, seconds = None, []
    for _ in range(repeats + (repeats > 1)):
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        started = time.perf_counter()
        found = run()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return seconds[-repeats:], found


def report(given: argparse.Namespace, what: str, rows: dict[str, list[float]], errors: dict[str, float] | None = None):
    """Print one line per way of doing it, the first one being ours, and all seconds as JSON."""
    versions = f"torch {torch.__version__}, {platform.machine()}, {given.threads} threads"
    print(f"{given.shape}, {given.dtype} on {given.device} ({versions}): {what}")
    ours = statistics.median(next(iter(rows.values())))
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        error = f"   max |d log p| to ours {errors[name]:.1e}" if errors and name in errors else ""
        print(f"{name:<17} {middle:9.3f} s {middle / ours:7.1f} x{error}")
    if given.device.startswith("cuda"):
        print(f"peak GPU memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    print(f"peak main memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB, all ways together")
    print(json.dumps({"what": what, "seconds": rows}))
