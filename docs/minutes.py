"""What each figure costs from nothing, from the benchmark files of runs: python docs/minutes.py FOLDER...

FOLDER: a copy of the project in which `snakemake` has made figures; what is not in the first is looked for in the next.
Prints a csv with a row per figure of the Makefile: jobs, and minutes, the sum over its jobs (wall clock, of each on one
core).
"""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]


def benchmarks(folder: Path, target: str) -> list[Path]:
    """The benchmark files of all jobs that `target` hangs on; none where the project has no such target."""
    command = ["snakemake", "--dry-run", "--forceall", target]
    plan = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return [folder / file for file in re.findall(r"^    benchmark: (.*)$", plan.stdout + plan.stderr, re.M)]


def cost(figure: str, folders: list[Path]) -> dict[str, object]:
    """A row of the table. Raises SystemExit where no folder holds all that a figure needs."""
    for folder in folders:
        files = benchmarks(folder, f"results/figures/{figure}.pdf")
        if files and all(file.is_file() for file in files):
            seconds = sum(pd.read_csv(file, sep="\t")["s"].iloc[-1] for file in files)
            return {"figure": figure, "jobs": len(files), "minutes": round(seconds / 60, 1)}
    raise SystemExit(f"{figure}: no folder holds the benchmark files of all its jobs; make it in one of them")


def main(folders: list[Path]) -> None:
    """Print the table."""
    figures = re.search(r"^FIGURES := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    print(pd.DataFrame([cost(figure, folders) for figure in figures]).to_csv(index=False), end="")


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
