"""A process that has imported what takes seconds, and runs scripts in forks of itself.

A fork of a process with threads (Snakemake, a worker of pytest) may wait for ever for what one of them held, so a
process without threads does it: `python -m linmech.forks SOCKET PARENT [MODULE...]` imports the modules, serves at
SOCKET, in a folder that nobody else can enter, and ends with the process PARENT. A fork has the modules from it and
nothing else: folder, environment and arguments are told, and no fork sees another.
"""

import atexit
import contextlib
import faulthandler
import gc
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
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

ALONE = {  # let what is imported start no threads: those of numpy, of torch, and of pyarrow's allocator
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip
POLL = 0.1  # seconds between two looks at whether the parent is there
Program = Callable[[list[str]], None]  # what runs `argv` in a fork


class _Forks(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Answers each request with the process that runs it, and how it ended."""

    max_children = 1024

    def __init__(self, path: str, parent: int, program: Program):
        super().__init__(path, _Handler)
        self.parent, self.program = parent, program

    def service_actions(self) -> None:
        """Also ends with the process that started it."""
        super().service_actions()
        if os.getppid() != self.parent:
            socket_file = Path(self.server_address)
            with contextlib.suppress(OSError):
                socket_file.unlink()
                socket_file.parent.rmdir()
            os._exit(0)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """In a fork: run what the request asks for, in its folder and with its environment."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        request = json.loads(self.rfile.readline())
        self.wfile.write(f"{os.getpid()}\n".encode())
        self.rfile.readline()  # who asks watches from now on
        if request["said"]:
            said = os.open(request["said"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.dup2(said, 1), os.dup2(said, 2)
        if request["tell"]:
            faulthandler.dump_traceback_later(request["tell"], file=sys.stderr)
        os.chdir(request["folder"])
        os.environ.clear(), os.environ.update(request["environment"])
        sys.argv = request["argv"]
        self.wfile.write(f"{_ran(self.server.program)}\n".encode())


def _ran(program: Program) -> int:
    """Run the program as an interpreter would, to the end; its exit code."""
    try:
        program(sys.argv)
        return 0
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:
        frames = error.__traceback__
        while frames and frames.tb_frame.f_code.co_filename in (__file__, "<frozen runpy>"):
            frames = frames.tb_next
        traceback.print_exception(type(error), error, frames)
        return 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush(), sys.stderr.flush()


def script(argv: list[str]) -> None:
    """`python argv...`"""
    runpy.run_path(argv[0], run_name="__main__")


def serve(path: str, parent: int, modules: Sequence[str], program: Program = script) -> None:
    """Import the modules and run `program(argv)` in a fork for whoever asks at the socket `path`, as long as `parent`
    lives. Exits where an import starts a thread.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: forks end by it, and then who asked for them
    gc.disable()
    for name in modules:
        importlib.import_module(name)
    gc.freeze()
    tasks = Path("/proc/self/task")  # of Linux
    if tasks.is_dir() and (names := [(task / "comm").read_text().strip() for task in tasks.iterdir()][1:]):
        sys.exit(f"importing {modules} started threads ({names}), and a fork of them may hang")
    _Forks(path, parent, program).serve_forever(poll_interval=POLL)


def ask(
    where: str | Path, argv: Sequence[str], folder: str | Path, environment: Mapping[str, str] = os.environ,
    watched: Callable[[int], AbstractContextManager] = contextlib.nullcontext, said: str | Path = "", tell: float = 0,
) -> int:  # fmt: skip
    """Have the server at `where` run `argv` in a folder; the exit code, -9 where it was killed.

    `watched(process)` is entered while it runs. What it says is added to the file `said` ("": to what the server says);
    after `tell` seconds it says where its threads are. Killed where the caller is interrupted. Raises ConnectionError
    where the server is not there, before anything has run.
    """
    asked = dict(folder=str(folder), argv=list(argv), said=str(said), tell=tell, environment=dict(environment))
    with socket.socket(socket.AF_UNIX) as to, to.makefile("rb") as answers:
        to.connect(str(where))
        to.sendall(json.dumps(asked).encode() + b"\n")
        if not (process := int(answers.readline() or 0)):
            raise ConnectionResetError("the process that forks has ended")
        try:
            with watched(process):
                to.sendall(b"\n")
                ended = answers.readline()
        except BaseException:
            os.kill(process, signal.SIGKILL)
            raise
    return int(ended) if ended else -signal.SIGKILL


class Server:
    """A server with these modules, which is started when it is first asked for and ends with this process."""

    def __init__(self, *modules: str, program: Sequence[str] = ("-P", "-m", __name__)):
        self.modules, self.program = modules, program
        self._lock, self._process, self._folder, self._served = threading.Lock(), None, None, False

    @property
    def where(self) -> Path:
        """Where it can be asked. Raises ConnectionError where it has ended, by itself or by `close`, or its socket is
        gone (temporary folders are swept).
        """
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="linmech-")
                command = [sys.executable, *self.program, str(self._socket), str(os.getpid()), *self.modules]
                self._process = subprocess.Popen(command, env=os.environ | ALONE)
        while (ended := self._process.poll()) is None and not self._socket.exists():
            if self._served:
                raise ConnectionRefusedError(f"{self._socket} is gone")
            time.sleep(POLL / 5)
        if ended is not None:
            raise ConnectionRefusedError(f"the process that forks has ended, with {ended}")
        self._served = True
        return self._socket

    @property
    def serves(self) -> bool:
        """Whether it has been started and can be asked now."""
        return self._process is not None and self._process.poll() is None and self._socket.exists()

    @property
    def _socket(self) -> Path:
        return Path(self._folder.name, "socket")

    def close(self) -> None:
        """End it now, and not what it runs."""
        with self._lock:
            if self._process:
                self._process.kill()
                self._process.wait()
                self._folder.cleanup()


def starting(
    server: Server, own_process: Callable[..., object], forkable: Callable[[Any], bool],
    told: Callable[[Any], Mapping[str, str]], watched: Callable[[Any], Callable[[int], AbstractContextManager]],
) -> Callable[..., object]:  # fmt: skip
    """How Snakemake is to start a script: in a fork if it is `forkable`, with what it is `told` in its environment, and
    else, or where the server cannot be had, as `own_process` does. Not in a `.smk` file: there Snakemake would name
    this function's line, and not the rule's, where a script fails.
    """

    def started(script: Any, command: str, fname: str = "", is_python_script: bool = False, **given: Any) -> object:
        if is_python_script and forkable(script):
            try:
                code = ask(server.where, [fname], Path.cwd(), os.environ | told(script), watched(script))
            except ConnectionError as error:
                print(f"{error}: {script.rulename} has a process of its own", file=sys.stderr)
            else:
                if code:
                    raise subprocess.CalledProcessError(code, [sys.executable, fname])
                return None
        return own_process(script, command, fname=fname, is_python_script=is_python_script, **given)

    return started


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
