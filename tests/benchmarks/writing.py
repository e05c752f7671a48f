"""How fast a cache is written, against the disk: as many bytes in one file, then synthetic rows through `Store`.

    python tests/benchmarks/writing.py FOLDER [--gb 2] [--layers 33] [--hidden 4096]

Prints MB/s of both: of the commits (what a model's job waits for while it runs), and of all until the layer files are
there and on the disk; and the CPU's time for it, which a busy machine does not lengthen. The disk's is the faster of
its two. FOLDER is made and removed.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from linmech.activations.layer_files import Origin
from linmech.activations.store import Store

BLOCK = 64 * 2**20


def sequential(path: Path, size: int) -> float:
    """Seconds to write `size` bytes in one file, until they are on the disk."""
    block = np.random.default_rng(0).bytes(BLOCK)
    started = time.perf_counter()
    with path.open("wb") as stream:
        for _ in range(size // BLOCK):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    spent = time.perf_counter() - started
    path.unlink()  # the rows find the page cache as this file did
    return spent


def cached(folder: Path, size: int, layers: int, hidden: int, chunk: int) -> tuple[list[tuple], int]:
    """(seconds, those of the CPU) until all rows are committed, until the layer files are there; the rows' bytes."""
    commits = max(1, size // (chunk * layers * hidden * 4))
    index = pd.DataFrame({"item": [f"{n}" for n in range(commits * chunk)], "role": "subject"})
    rows = np.random.default_rng(0).standard_normal((layers, chunk, hidden), dtype=np.float32)
    started = time.perf_counter(), time.process_time()
    store = Store(folder, range(layers), index, Origin("synthetic", "", "", "subject"), hidden=hidden, chunk=chunk)
    for first in range(0, len(index), chunk):
        part = index[first : first + chunk]
        store.append(part["item"].tolist(), part["role"].tolist(), rows)
    committed = time.perf_counter() - started[0], time.process_time() - started[1]
    store.finish()
    whole = time.perf_counter() - started[0], time.process_time() - started[1]
    return [committed, whole], commits * rows.nbytes


def main() -> None:
    """Write both, one after the other, and print their speeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gb", type=float, default=2)
    parser.add_argument("--layers", type=int, default=33)
    parser.add_argument("--hidden", type=int, default=4096)
    parser.add_argument("--chunk", type=int, default=256)
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    try:
        size = int(given.gb * 1e9)
        before = size // BLOCK * BLOCK / sequential(given.folder / "raw", size)
        spent, size = cached(given.folder / "rows", size, given.layers, given.hidden, given.chunk)
        shutil.rmtree(given.folder / "rows")
        raw = max(before, size // BLOCK * BLOCK / sequential(given.folder / "raw", size))
    finally:
        shutil.rmtree(given.folder)
    print(f"{size / 1e9:.2f} GB; the disk, one file: {raw / 1e6:.0f} MB/s")
    for what, (seconds, cpu) in zip(("commits", "layer files"), spent, strict=True):
        speed, busy = size / seconds, size / cpu / 1e6
        print(f"{what}: {speed / 1e6:.0f} MB/s, {100 * speed / raw:.0f} % of it; {busy:.0f} MB a second of CPU")


if __name__ == "__main__":
    main()
