"""Kill a run with SIGKILL at random moments, resume it each time, and compare its tables with an undisturbed run's.

    python tests/drills/kill.py DISTURBED UNDISTURBED [--kills 10] [--seed 0] [--longest 60]

Both are copies of the project with an installed .venv. UNDISTURBED is run first unless its figure is there; then
DISTURBED is run from nothing, the whole process group killed `--kills` times after 3 to `--longest` seconds.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

FIGURES = ("results/figures/fig5.pdf", "results/figures/fig6.pdf")
COMMAND = (".venv/bin/snakemake", "--cores", "2", "--quiet", "all")


def run(folder: Path, limit: float | None = None) -> bool:
    """Run the workflow; after `limit` seconds kill all of it. True if it came to its end by itself."""
    (folder / ".snakemake").mkdir(exist_ok=True)
    subprocess.run([folder / COMMAND[0], "--unlock"], cwd=folder, capture_output=True)
    with (folder / "drill.log").open("ab") as log:
        path = {"PATH": f"{folder / '.venv/bin'}:{os.environ['PATH']}"}
        child = subprocess.Popen(
            [folder / COMMAND[0], *FIGURES, *COMMAND[1:]], cwd=folder, stdout=log, stderr=log, env=os.environ | path,
            start_new_session=True,
        )  # fmt: skip
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return False
    if code:
        sys.exit(f"{folder}: the run failed; see drill.log")
    return True


def difference(one: Path, two: Path) -> str:
    """How two tables differ; empty if their numbers are the same."""
    if one.suffix == ".parquet":
        return "" if pd.read_parquet(one).equals(pd.read_parquet(two)) else "other rows"
    if one.suffix == ".h5":
        with h5py.File(one) as a, h5py.File(two) as b:
            names: list[str] = []
            a.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
            return ", ".join(name for name in names if not np.array_equal(a[name][()], b[name][()]))
    return "" if one.read_bytes() == two.read_bytes() else "other bytes"


def main() -> None:
    """Run, kill, resume, compare; exit 1 if a table differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("disturbed", type=Path)
    parser.add_argument("undisturbed", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=60)
    given = parser.parse_args()
    disturbed, undisturbed = given.disturbed.resolve(), given.undisturbed.resolve()
    started = time.time()
    if not (undisturbed / FIGURES[-1]).is_file():
        run(undisturbed)
    print(f"undisturbed: {time.time() - started:.0f} s", flush=True)
    shutil.rmtree(disturbed / "results", ignore_errors=True)
    draw = random.Random(given.seed)
    for number in range(given.kills):
        seconds = draw.uniform(3, given.longest)
        ended = run(disturbed, seconds)
        print(f"kill {number + 1} after {seconds:.1f} s: {'it had ended' if ended else 'killed'}", flush=True)
    run(disturbed)
    tables = [path for end in ("parquet", "h5", "csv", "npz") for path in (undisturbed / "results").rglob(f"*.{end}")]
    differing = {}
    for table in sorted(tables):
        other = disturbed / table.relative_to(undisturbed)
        found = difference(table, other) if other.is_file() else "is missing"
        if found:
            differing[str(table.relative_to(undisturbed))] = found
    print(f"{len(tables)} tables compared, {len(differing)} differ {differing or ''}")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
