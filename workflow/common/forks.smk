"""Scripts that import torch run in forks of one process that has imported it: 4 s less for each of them. No rules.

What needs more than one thread, a GPU, or another environment has a process of its own as ever, and so has everything on
another system than Linux, or where the process that forks cannot be had. Snakemake has no hook for how a script is
started, so the method that starts it is replaced; what its `benchmark:` measures is the fork.
"""

import sys
import tempfile
from functools import partial

from linmech.forks import Server, starting
from snakemake.benchmark import benchmarked
from snakemake.script import PythonScript

IMPORTED = (
    "experiments.steering",
    "experiments.displacing",
    "activations.caching",
    "figures.style",
    "statistics.bootstrap",
)
FORKS = Server(*(f"linmech.{module}" for module in IMPORTED))
THREADS = [f"{library}_NUM_THREADS" for library in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")]  # as Snakemake tells
TEMPORARY = ["TMPDIR", "TMP", "TEMPDIR", "TEMP"]  # processes of their own


def forkable(script):
    """Whether a script may run in a fork: it needs torch, and neither threads nor a GPU nor an environment of its own. One
    that draws may where the process is there already.
    """
    elsewhere = script.conda_env or script.container_img or script.env_modules
    if elsewhere or script.threads != 1 or script.resources.get("gpu") or sys.platform != "linux":
        return False
    needs = Path(workflow.get_rule(script.rulename).conda_env or "").stem
    return needs == "torch" or (needs == "plot" and FORKS.serves)


def told(script):
    """What Snakemake tells a script's process in its environment."""
    return dict.fromkeys(THREADS, "1") | dict.fromkeys(TEMPORARY, script.resources.get("tmpdir", tempfile.gettempdir()))


def measured(script):
    """What a script's process is watched by."""
    return partial(benchmarked, benchmark_record=script.bench_record)


if "_execute_cmd" not in vars(PythonScript):  # nor are tests' own forks replaced
    PythonScript._execute_cmd = starting(FORKS, PythonScript._execute_cmd, forkable, told, measured)
