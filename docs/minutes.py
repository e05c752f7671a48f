"""What each figure costs from nothing, from the benchmark files of a run: python docs/minutes.py FOLDER.

FOLDER is a copy of the project in which `snakemake` has made all figures. Prints a csv with a row per figure of the
Makefile: jobs, and minutes, the sum over its jobs (wall clock, of each on one core).
"""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd


def benchmarks(folder: Path, target: str) -> list[Path]:
    """The benchmark files of all jobs that `target` hangs on."""
    plan = subprocess.run(
        ["snakemake", "--dry-run", "--forceall", target], cwd=folder, capture_output=True, text=True, check=True
    )
    return [folder / file for file in re.findall(r"^    benchmark: (.*)$", plan.stdout + plan.stderr, re.M)]


def main(folder: Path) -> None:
    """Print the table."""
    figures = re.search(r"^FIGURES := (.*)$", (folder / "Makefile").read_text(), re.M)[1].split()
    rows = []
    for figure in figures:
        files = benchmarks(folder, f"results/figures/{figure}.pdf")
        seconds = sum(pd.read_csv(file, sep="\t")["s"].iloc[-1] for file in files)
        rows.append({"figure": figure, "jobs": len(files), "minutes": round(seconds / 60, 1)})
    print(pd.DataFrame(rows).to_csv(index=False), end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
