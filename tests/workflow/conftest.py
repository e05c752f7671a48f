"""A small copy of the project whose results are all there, to ask Snakemake what it would run after a change."""

import os
import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import forks
import pytest
import yaml

from linmech.forks import Server, ask

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "config.yaml", "workflow", "scripts", "envs", "profiles")
SCENES = ("scenes", "untied", "depths")
SERVERS = ExitStack()
TELL = 600  # seconds after which a run says where each of its threads is, and goes on
SNAKEMAKE = (  # all that a run of it imports, before it reads the project
    "snakemake.cli", "snakemake.report.html_reporter", "pandas", "smart_open", "nbformat", "jsonschema",
)  # fmt: skip
FOLDERS = ("results/objects/meshes", *(f"results/stimuli/{name}/val2017" for name in SCENES))


@dataclass(frozen=True)
class Run:
    """How a run of Snakemake ended, and its output and errors together."""

    returncode: int
    stdout: str


@cache
def _server(*modules: str, program: tuple[str, ...] = (str(Path(forks.__file__)),)) -> Path:
    server = Server(*modules, program=program)
    SERVERS.callback(server.close)
    return server.where


def pytest_sessionfinish() -> None:
    """The servers end with the tests."""
    SERVERS.close()


@dataclass
class Project:
    """A copy of the project in `folder`, and what Snakemake says there."""

    folder: Path

    def snakemake(self, *arguments: str, forked: bool = False) -> Run:
        """Run Snakemake in the copy, in a fork of a process that has imported it: that alone takes seconds.

        `forked`: its scripts too, which spares each of a hundred jobs the import of torch.
        """
        said = self.folder.with_name(f"{self.folder.name}.said")
        said.write_text("")
        scripts = str(_server("torch", "transformers", "pandas", "scipy.stats")) if forked else ""
        environment = os.environ | {forks.SCRIPTS: scripts, forks.SAID: str(said)}
        try:
            ended = ask(_server(*SNAKEMAKE), ["snakemake", *arguments], self.folder, environment, said=said, tell=TELL)
        except BaseException:  # the test's time is up
            print(said.read_text())
            raise
        return Run(ended, said.read_text())

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
        (folder / "chat_template.jinja").write_text("{{ messages }}\n")
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
