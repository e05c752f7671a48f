"""Laws of files that appear only when they are complete."""

import subprocess
import sys
from pathlib import Path

import pytest

from linmech import files
from linmech.files import HOST, atomic

WRITES = (
    "import os, sys, time; from linmech.files import atomic\n"
    "with atomic(sys.argv[1]) as partial:\n"
    "    partial.mkdir() if '.' not in sys.argv[1].rpartition('/')[2] else partial.write_text('half')\n"
    "    print(partial.name, flush=True); time.sleep(600)"
)


@pytest.fixture(autouse=True)
def as_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_swept", set())


def _writer(path: Path) -> tuple[subprocess.Popen, Path]:
    """A process in the midst of writing `path`, and its partial file."""
    process = subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE, text=True)
    return process, path.with_name(process.stdout.readline().strip())


@pytest.mark.parametrize("name", ["table.parquet", "weights"])
def test_what_a_killed_process_left_goes_with_the_next_writing(tmp_path: Path, name: str) -> None:
    killed, left = _writer(tmp_path / name)
    living, growing = _writer(tmp_path / f"other-{name}")
    try:
        killed.kill(), killed.wait()
        elsewhere = tmp_path / f".table.partial-another-{HOST}-{killed.pid}.parquet"
        elsewhere.write_text("half")
        assert left.exists() and growing.exists()
        with atomic(tmp_path / "new.txt") as partial:
            partial.write_text("whole")
    finally:
        living.kill(), living.wait()
    assert not left.exists()
    assert growing.exists(), "its process lived"
    assert elsewhere.exists(), "another machine's process may live"
    assert (tmp_path / "new.txt").read_text() == "whole"


def test_what_cannot_be_removed_stops_no_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed, left = _writer(tmp_path / "weights")
    killed.kill(), killed.wait()

    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(files.shutil, "rmtree", refuse)
        with atomic(tmp_path / "new.txt") as partial:
            partial.write_text("whole")
    assert left.exists() and (tmp_path / "new.txt").read_text() == "whole"


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_text("before")
    with pytest.raises(ValueError, match="stopped"), atomic(tmp_path / "table.tsv") as partial:
        partial.write_text("half")
        raise ValueError("stopped")
    assert [path.name for path in tmp_path.iterdir()] == ["table.tsv"]
    assert (tmp_path / "table.tsv").read_text() == "before"
