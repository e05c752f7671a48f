"""Run one job of the workflow: its output goes to its log too, a LinmechError becomes one line and an exit code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from linmech.errors import EXIT_BAD_INPUT, LinmechError


def import_first(folder: Path) -> None:
    """Let the processes that this one starts import what is in `folder`, whatever else of that name is installed."""
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([others] if others else [])])


def run_job(job: Callable[[], object], log: str | Path) -> None:
    """Call `job()` with stdout and stderr (the descriptors) copied to `log`; exit with 2 on a LinmechError."""
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    tee = subprocess.Popen(["tee", str(log)], stdin=subprocess.PIPE, stdout=os.dup(2))
    saved = os.dup(1), os.dup(2)
    os.dup2(tee.stdin.fileno(), 1)
    os.dup2(tee.stdin.fileno(), 2)
    status = 0
    try:
        job()
    except LinmechError as error:
        print(f"error: {error}", file=sys.stderr)
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
