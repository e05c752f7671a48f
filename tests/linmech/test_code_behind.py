"""Laws of the code behind a script: every file that an edit of which can change what it does, and no other."""

import subprocess
import sys
from pathlib import Path

import pytest

from linmech import code_behind as module
from linmech.code_behind import code_behind, code_file, hashes_behind
from linmech.errors import LinmechError

DEEP = """
class A:
    async def f(self):
        try:
            for each in self:
                with each:
                    match each:
                        case 1:
                            import house.lower
        except ValueError:
            while True:
                pass
            else:
                from house import unused
        finally:
            if self:
                pass
            elif each:
                from house.upper.attic import box
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "job.py": "import os\nfrom house.upper import room\n",
        "other.py": "from house.upper.attic.box import thing\n",
        "house/__init__.py": "",
        "house/lower.py": "from house import cellar\n",
        "house/cellar.py": "x = 1\n",
        "house/unused.py": "",
        "house/upper/__init__.py": "import house.lower\n",
        "house/upper/room.py": "def f():\n    from numpy import array\n",
        "deep.py": DEEP,
        "house/upper/attic/__init__.py": "",
        "house/upper/attic/box.py": "thing = 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def names(root: Path, *files: str) -> set[str]:
    return {str(path.relative_to(root)) for path in code_behind(root, *files)}


def test_modules_and_names_in_them_are_found_with_every_parents_init(root):
    lower = {"house/__init__.py", "house/lower.py", "house/cellar.py", "house/upper/__init__.py"}
    assert names(root, "job.py") == {"job.py", "house/upper/room.py"} | lower
    attic = {"house/upper/attic/__init__.py", "house/upper/attic/box.py"}
    assert names(root, "other.py") == {"other.py"} | attic | lower


def test_imports_are_found_wherever_a_statement_may_stand(root):
    assert names(root, "deep.py") >= {"house/lower.py", "house/unused.py", "house/upper/attic/box.py"}


def test_several_files_give_the_union_in_one_order(root):
    both = code_behind(root, "other.py", "job.py")
    assert both == code_behind(root, "job.py", "other.py") == tuple(sorted(both))
    assert names(root, "job.py", "other.py") == names(root, "job.py") | names(root, "other.py")


def test_a_file_that_is_not_there_is_an_error(root):
    with pytest.raises(FileNotFoundError):
        code_behind(root, "absent.py")


def test_the_list_of_the_code_is_written_where_that_changes_and_else_left_alone(root, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("code")

    def listed() -> tuple[str, int]:
        for cached in (code_behind, code_file, module._imported, module._files_of, module._hash):
            cached.cache_clear()  # as in a new process
        path = code_file(root, folder, "other.py", "house/cellar.py")
        return path.read_text(), path.stat().st_mtime_ns

    text, time = listed()
    assert {line.split("  ")[1] for line in text.splitlines()} == names(root, "other.py", "house/cellar.py")
    assert [path.name for path in folder.iterdir()] == ["other+house.cellar.txt"]
    (root / "house/unused.py").write_text("x = 2\n")
    (root / "job.py").touch()
    assert listed() == (text, time)
    (root / "house/cellar.py").write_text("x = 2\n")
    edited, later = listed()
    assert edited != text and later > time
    (root / "house/cellar.py").write_text("x = 1\n")
    assert listed()[0] == text
    with pytest.raises(LinmechError, match="job.txt cannot be written"):
        code_file(root, folder / "other+house.cellar.txt", "job.py")


def test_an_imported_module_is_what_python_would_import(root):
    """The linmech modules that a fresh process holds after importing a script's module are those found by reading."""
    scripts = Path(__file__).parents[2] / "scripts"
    held = "(module.__file__ for name, module in sys.modules.items() if 'linmech' in name)"
    said = f"import sys, linmech.experiments.steering; print(*{held})"
    ran = subprocess.run([sys.executable, "-c", said], cwd=scripts, capture_output=True, text=True, check=True)
    held = {Path(file).resolve() for file in ran.stdout.split()}
    read = {path.resolve() for path in code_behind(scripts, "linmech/experiments/steering.py")}
    assert held <= read
    assert all("import" in path.read_text() for path in read - held), "only lazy imports may be read and not run"


def test_hashes_are_of_the_rooms_and_the_seeds_and_follow_their_bytes(root):
    for name in ("linmech/files.py", "linmech/seeds.py", "linmech/room/one.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("import linmech.files, linmech.seeds\n" if name.endswith("one.py") else "")
    before = hashes_behind(root, "linmech/room/one.py")
    assert [line[:-64] for line in before] == ["linmech/room/one.py", "linmech/seeds.py"]
    (root / "linmech/files.py").write_text("x = 1\n")
    assert hashes_behind(root, "linmech/room/one.py") == before
    (root / "linmech/seeds.py").write_text("x = 1\n")
    assert [line for line in hashes_behind(root, "linmech/room/one.py") if line not in before][0].startswith(
        "linmech/seeds.py"
    )
