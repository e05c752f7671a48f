"""A small copy of the project whose results are all there, to ask Snakemake what it would run after a change."""

import multiprocessing
import os
import re
import runpy
import shutil
import socket
import socketserver
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import snakemake.cli
import yaml
from snakemake.benchmark import benchmarked
from snakemake.executors import touch
from snakemake.script import PythonScript

from killing import own_locks

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config.yaml", "workflow", "scripts", "envs", "profiles")
SCENES = ("scenes", "untied", "depths")
FOLDERS = ("results/objects/meshes", *(f"results/stimuli/{name}/val2017" for name in SCENES))


@dataclass(frozen=True)
class Run:
    """How a run of Snakemake ended, and its output and errors together."""

    returncode: int
    stdout: str


class _Scripts(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Runs scripts in forks of a process that has imported torch and the like, and has no threads: Snakemake's own has
    some, and a fork of it may wait for ever for what one of them held.
    """

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        """Reads the name of a script, runs it, and answers with its exit code."""

        def handle(self) -> None:
            """In a fork."""
            sys.argv, code = [self.rfile.readline().decode().strip()], 1
            try:
                runpy.run_path(sys.argv[0], run_name="__main__")
                code = 0
            except SystemExit as ended:
                code = ended.code or 0
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush(), sys.stderr.flush()
            self.wfile.write(f"{code}\n".encode())

    def __init__(self, path: Path):
        super().__init__(str(path), self.RequestHandlerClass)


def _forked(where: Path, script: PythonScript, fname: str, py_exec: str) -> None:
    """In the place of `python fname`: ask the `_Scripts` at `where`."""
    with socket.socket(socket.AF_UNIX) as asked, benchmarked(os.getpid(), script.bench_record):
        asked.connect(str(where))
        asked.sendall(f"{fname}\n".encode())
        answer = asked.makefile().readline().split()
    if not answer or (code := int(answer[0])):
        raise subprocess.CalledProcessError(code if answer else 1, [py_exec, fname])


def _snakemake(folder: Path, said: Path, arguments: tuple[str, ...], forked: bool) -> None:
    """In the child: `snakemake *arguments` in `folder`, everything said going to the file `said`."""
    stream = said.open("w", buffering=1)
    os.dup2(stream.fileno(), 1)
    os.dup2(stream.fileno(), 2)
    sys.stdout = sys.stderr = stream
    own_locks()
    touch.Executor.SLEEPING_TIME = 0.001  # seconds after each job, else a tenth
    sys.argv = ["snakemake", *arguments]
    os.chdir(folder)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("jaxtyping")]
    for name in [name for name in sys.modules if name.split(".")[0] == "linmech"]:
        del sys.modules[name]
    if forked:
        where = said.with_suffix(".socket")
        where.unlink(missing_ok=True)  # of an earlier run in the same copy
        server = _Scripts(where)
        running = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
        running.start()
        PythonScript._execute_cmd = lambda script, _, fname, py_exec, **__: _forked(where, script, fname, py_exec)
    snakemake.cli.main(list(arguments))


@dataclass
class Project:
    """A copy of the project in `folder`, and what Snakemake says there."""

    folder: Path

    def snakemake(self, *arguments: str, forked: bool = False) -> Run:
        """Run Snakemake in the copy, in a fork of this process: its import alone takes seconds.

        `forked`: so are its scripts, which spares each of a hundred jobs the import of torch.
        """
        said = self.folder.with_name(f"{self.folder.name}.said")
        child = multiprocessing.get_context("fork").Process(
            target=_snakemake, args=(self.folder, said, arguments, forked)
        )
        child.start()
        try:
            child.join()
        finally:
            child.kill()  # where the test's time is up
        return Run(child.exitcode, said.read_text())

    def plan(self, *arguments: str) -> set[str]:
        """The files that a dry run would make."""
        ran = self.snakemake("--dry-run", *arguments)
        assert ran.returncode == 0, ran.stdout
        lines = re.findall(r"^    output: (.*)$", ran.stdout, re.M)
        assert lines or "Nothing to be done" in ran.stdout, ran.stdout
        return {file for line in lines for file in line.split(", ")}

    def config(self, change=lambda config: None) -> dict:
        """Change the configuration in place by `change(config)`, write and return it."""
        path = self.folder / "config.yaml"
        config = yaml.safe_load(path.read_text())
        change(config)
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        return config

    def append(self, file: str, text: str) -> None:
        """Add text to the end of a file."""
        with (self.folder / file).open("a") as stream:
            stream.write(text)

    def add_model(self, name: str) -> dict:
        """Make the folder of a model (no real weights) and return its stanza."""
        folder = self.folder / "resources" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}\n")
        (folder / "model.safetensors").write_text(f"weights of {name}\n")
        return {"source": f"resources/{name}", "layers": 4}


def copy_project(folder: Path) -> Project:
    """The project's tracked parts, with two small models a and b in place of the default ones."""
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / part, folder / part)
    project = Project(folder)
    models = {name: project.add_model(name) for name in "ab"}
    start = project.add_model("early")["source"]

    def tell(config: dict) -> None:
        config.update(models=models)
        config["finetuning"]["experiments"]["spatial-ids"].update(model="a", source=start)

    project.config(tell)
    return project


@pytest.fixture(scope="session")
def copy() -> Callable[[Path], Project]:
    """The function that copies the project."""
    return copy_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy in which every result exists and is recorded as made by the present code and config."""
    project = copy_project(tmp_path_factory.mktemp("workflow") / "project")
    for file in project.plan():
        path = project.folder / file
        if file in FOLDERS:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{file}\n")
    ran = project.snakemake("--touch", "--forceall", "--cores", "1")
    assert ran.returncode == 0, ran.stdout
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, to be changed."""
    return Project(Path(shutil.copytree(finished.folder, tmp_path / "project")))
