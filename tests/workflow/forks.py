"""Snakemake in forks of a process that has imported it; its scripts too, in forks of another one.

`python forks.py SOCKET PARENT [MODULE...]` serves as `linmech.forks` does.
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from linmech.forks import ask, script, serve

SCRIPTS, SAID = "SERVER_OF_SCRIPTS", "SAID_BY_SCRIPTS"


def program(argv: list[str]) -> None:
    """Run Snakemake; at once after each job, and not a tenth of a second later, where it only touches files."""
    if argv[0] != "snakemake":
        return script(argv)
    import snakemake.cli
    from snakemake.executors import touch

    touch.Executor.SLEEPING_TIME = 0.001
    if os.environ.get(SCRIPTS):
        _all_scripts(os.environ[SCRIPTS], os.environ[SAID])
    snakemake.cli.main(argv[1:])


def _all_scripts(where: str, said: str) -> None:
    from snakemake.benchmark import benchmarked
    from snakemake.script import PythonScript

    def forked(self: PythonScript, _, fname: str, py_exec: str, **__) -> None:
        """In the place of `python fname`: ask the server of scripts."""
        measured = partial(benchmarked, benchmark_record=self.bench_record)
        code = ask(where, [fname], Path.cwd(), watched=measured, said=said)
        if code:
            raise subprocess.CalledProcessError(code, [py_exec, fname])

    PythonScript._execute_cmd = forked


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3:], program)
