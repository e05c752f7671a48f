"""The library without the repository: a wheel builds, holds every room, and works where the checkout is not seen."""

import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKS = """
import sys
from pathlib import Path
import linmech
assert Path(linmech.__file__).is_relative_to(sys.prefix), linmech.__file__
from PIL import Image
from linmech.engine.beliefs import beliefs
from linmech.models.encoding import encode
from linmech.models.vlm import load_model
from linmech.questions.asking import ask
vlm = load_model(sys.argv[1])
(score,) = beliefs(vlm, encode(vlm, [Image.new("RGB", (128, 128))], [ask("left-right", "apple", "cup")]))
print("belief", score.d)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from what git would hand on."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "scripts" / "linmech", folder / "scripts" / "linmech")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", "dist", "."]
    ran = subprocess.run(build, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (made,) = (folder / "dist").glob("*.whl")
    return made


def test_the_wheel_holds_every_room_and_asks_for_what_the_library_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        meta = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    rooms = {path.relative_to(ROOT / "scripts").as_posix() for path in (ROOT / "scripts/linmech").rglob("*.py")}
    assert rooms == {name for name in names if name.endswith(".py")}
    page = {f"linmech/explorer/page/{path.name}" for path in (ROOT / "scripts/linmech/explorer/page").iterdir()}
    assert page and page <= names
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert all(f"Requires-Dist: {name}\n" in meta for name in needed)
    assert "Requires-Dist: snakemake==" in meta and 'extra == "workflow"' in meta


def test_the_wheel_works_in_an_environment_of_its_own(wheel, tmp_path):
    """The packages from outside are lent by this environment; linmech itself is seen nowhere but in the new one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    python = tmp_path / "env/bin/python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True)
    (packages,) = (tmp_path / "env/lib").glob("*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    command = [python, "-I", "-c", WORKS, ROOT / "resources/organisms/llava"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("belief "), ran.stderr
