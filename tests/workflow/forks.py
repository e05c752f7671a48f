"""Processes without threads that have imported what takes seconds, and run Snakemake, or scripts, in forks.

A fork of a process with threads (a worker of pytest, Snakemake itself) may wait for ever for what one of them held.
`python forks.py SOCKET [MODULE...]` serves at SOCKET until the process that started it ends.
"""

import contextlib
import faulthandler
import importlib
import json
import os
import runpy
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

ALONE = {  # let what is imported start no threads: those of numpy, of torch, and of pyarrow's allocator
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip
TELL = 600  # seconds after which a fork says where each of its threads is, and goes on


class _Forks(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Answers each request with the process that runs it, and how it ended."""

    max_children = 64

    def __init__(self, path: str):
        super().__init__(path, _Handler)
        self.parent = os.getppid()

    def service_actions(self) -> None:
        """Also ends with the process that started it."""
        super().service_actions()
        if os.getppid() != self.parent:
            os._exit(0)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """In a fork: run what the request asks for, in its folder and with its environment."""
        request = json.loads(self.rfile.readline())
        self.wfile.write(f"{os.getpid()}\n".encode())
        sys.stdout = sys.stderr = Path(request["said"]).open("a", buffering=1)
        os.dup2(sys.stdout.fileno(), 1), os.dup2(sys.stdout.fileno(), 2)
        faulthandler.dump_traceback_later(TELL, file=sys.stderr)
        os.chdir(request["folder"])
        os.environ.clear(), os.environ.update(request["environment"])
        sys.argv = request["argv"]
        self.wfile.write(f"{_ran(request)}\n".encode())


def _ran(request: dict) -> int:
    try:
        if sys.argv[0] == "snakemake":
            _snakemake(request["said"], request["scripts"])
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
        return 0
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush(), sys.stderr.flush()


def _snakemake(said: str, scripts: str) -> None:
    import snakemake.cli
    from snakemake.benchmark import benchmarked
    from snakemake.executors import touch
    from snakemake.script import PythonScript

    def forked(script: PythonScript, _, fname: str, py_exec: str, **__) -> None:
        """In the place of `python fname`: ask the server of scripts."""
        with benchmarked(os.getpid(), script.bench_record):
            code = ask(scripts, Path.cwd(), [fname], said)
        if code:
            raise subprocess.CalledProcessError(code, [py_exec, fname])

    touch.Executor.SLEEPING_TIME = 0.001  # seconds after each job, else a tenth
    if scripts:
        PythonScript._execute_cmd = forked
    snakemake.cli.main(sys.argv[1:])


def ask(where: str | Path, folder: str | Path, argv: list[str], said: str | Path, scripts: str | Path = "") -> int:
    """Have the server at `where` run `argv` in a folder; the exit code, -9 where it was killed.

    `argv` is a script of Python with its arguments, or "snakemake" with its own; what it says is added to the file
    `said` (both paths absolute). `scripts`: the server that runs Snakemake's scripts ("": processes of their own).
    Killed where the caller is interrupted.
    """
    asked = dict(folder=str(folder), argv=argv, said=str(said), scripts=str(scripts))
    with socket.socket(socket.AF_UNIX) as to, to.makefile("rb") as answers:
        to.connect(str(where))
        to.sendall(json.dumps({**asked, "environment": dict(os.environ)}).encode() + b"\n")
        process = int(answers.readline())
        try:
            ended = answers.readline()
        except BaseException:
            os.kill(process, signal.SIGKILL)
            raise
    return int(ended) if ended else -signal.SIGKILL


@contextlib.contextmanager
def serving(*modules: str) -> Iterator[Path]:
    """A server that has imported the modules; where its socket is."""
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
        [sys.executable, __file__, where := Path(folder) / "socket", *modules], env=os.environ | ALONE
    ) as server:  # fmt: skip
        try:
            while not where.exists():
                if server.poll() is not None:
                    raise RuntimeError(f"the server of forks ended by itself, with {server.returncode}")
                time.sleep(0.02)
            yield where
        finally:
            server.kill()


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    for name in sys.argv[2:]:
        importlib.import_module(name)
    tasks = Path("/proc/self/task")  # of Linux
    if tasks.is_dir() and (names := [(task / "comm").read_text().strip() for task in tasks.iterdir()][1:]):
        sys.exit(f"importing {sys.argv[2:]} started threads ({names}), and a fork of them may hang")
    _Forks(sys.argv[1]).serve_forever(poll_interval=0.1)
