"""How long Snakemake plans many models on all experiments: `snakemake -n` in a copy of the project, no result there.

    python tests/benchmarks/planning.py FOLDER [--models 100] [--layers 32] [--profile]

FOLDER is made and kept; the models, beside the default ones, are Hub ids that are never looked up.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config.yaml", "workflow", "scripts", "envs", "profiles", "resources")


def main() -> None:
    """Write the configuration, plan, and say what was planned in how many seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--profile", action="store_true", help="leave planning.prof in FOLDER (cProfile)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, given.folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, given.folder / part)
    stanza = {"layers": given.layers, "device": "cuda", "memory_mb": 20000, "sees": ["images", "videos"]}
    made = {f"model-{number}": {"source": f"lab/model-{number}", **stanza} for number in range(given.models)}
    (given.folder / "many.yaml").write_text(yaml.safe_dump({"models": made}))
    watched = ["-m", "cProfile", "-o", "planning.prof"] if given.profile else []
    command = [
        sys.executable,
        *watched,
        "-m",
        "snakemake",
        "--dry-run",
        "--quiet",
        "rules",
        "--configfile",
        "many.yaml",
    ]
    started = time.perf_counter()
    ran = subprocess.run(command, cwd=given.folder, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if ran.returncode:
        sys.exit(ran.stdout + ran.stderr)
    (jobs,) = {line.split()[-1] for line in (ran.stdout + ran.stderr).splitlines() if line.startswith("total ")}
    print(f"{given.models} models of {given.layers} layers: {jobs} jobs planned in {seconds:.1f} s")


if __name__ == "__main__":
    main()
