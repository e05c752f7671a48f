"""Laws of what is kept: it is given back where nothing has changed, and only then; damaged, it is made anew."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.iocontainers import InputFiles, OutputFiles, Params

from linmech import kept
from linmech.job import run_job


class Job:
    """A rule of one script: it joins its inputs and its parameter into a file and a folder, and counts its runs."""

    def __init__(self, folder: Path, said):
        self.said, self.runs = said, 0
        (folder / "code.txt").write_text("code")
        (folder / "sprites.npz").write_bytes(b"sprites")

    def run(self, rule: str = "cache", **params: object) -> str:
        """As Snakemake runs a job: its old outputs are removed first. What it said."""
        asked = SimpleNamespace(
            rule=rule, input=InputFiles(fromdict={"sprites": "sprites.npz", "code": "code.txt"}),
            output=OutputFiles(fromdict={"table": f"results/{rule}.txt", "images": f"results/{rule}-images"}),
            params=Params(fromdict={"layers": [1, 2]} | params),
        )  # fmt: skip
        for path in map(Path, asked.output):
            for file in list(path.rglob("*")) if path.is_dir() else [path]:
                file.unlink(missing_ok=True)

        def job():
            self.runs += 1
            Path("results").mkdir(exist_ok=True)
            text = Path("sprites.npz").read_text() + Path("code.txt").read_text() + repr(dict(asked.params.items()))
            Path(asked.output[0]).write_text(text)
            Path(asked.output[1]).mkdir(exist_ok=True)
            (Path(asked.output[1]) / "0.png").write_text(text)

        run_job(job, "log", asked=asked)
        return self.said.readouterr().out


@pytest.fixture
def job(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept, "WORTH", 0.0)
    return Job(tmp_path, capsys)


def contents() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path("results").rglob("cache*") if path.is_file()}


def test_what_was_made_of_the_same_is_given_back_as_it_was_and_is_the_newer(job):
    job.run()
    made = contents()
    os.utime("results/cache.txt", (1, 1))
    Path("sprites.npz").write_bytes(b"sprites")  # rendered again, and come out the same
    assert "what cache left on 20" in job.run() and job.runs == 1
    assert (
        contents() == made and Path("results/cache-images/0.png").read_text() == Path("results/cache.txt").read_text()
    )
    assert Path("results/cache.txt").stat().st_mtime >= Path("sprites.npz").stat().st_mtime - 1


@pytest.mark.parametrize("change", ["input", "code", "param", "new param", "rule", "version"])
def test_whatever_it_hangs_on_changes_it_is_made_anew_and_the_old_one_is_forgotten(job, change, monkeypatch):
    job.run()
    if change in ("input", "code"):
        Path({"input": "sprites.npz", "code": "code.txt"}[change]).write_text("other")
    if change == "version":
        monkeypatch.setattr(kept, "version", lambda name: f"{name} 99")
    how = {"param": {"layers": [1]}, "new param": {"strength": 2}, "rule": {"rule": "steer"}}.get(change, {})
    assert "given back" not in job.run(**how) and job.runs == 2
    assert "given back" in job.run(**how) and job.runs == 2
    assert len(list(Path("results/.kept").iterdir())) == 1 + (change == "rule")


def test_a_mesh_that_is_broken_and_mended_costs_nothing(job):
    job.run()
    Path("sprites.npz").unlink()  # by a job that failed, whose outputs Snakemake removes
    Path("sprites.npz").write_bytes(b"sprites")
    assert "given back" in job.run() and job.runs == 1


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "mark"])
def test_what_is_damaged_is_made_anew(job, damage):
    job.run()
    made = contents()
    (entry,) = Path("results/.kept").iterdir()
    table = next(path for path in sorted(entry.rglob("*")) if path.is_file() and path.name == "0")
    if damage == "flip":  # of one file on the disk: the result and what is kept of it
        data = bytearray(table.read_bytes())
        data[0] ^= 1
        table.write_bytes(data)
    elif damage == "cut":
        table.write_bytes(b"")
    elif damage == "gone":
        table.unlink()
    else:
        (entry / kept.MARK).write_text("{}")
    assert "given back" not in job.run() and job.runs == 2 and contents() == made


def test_short_and_huge_jobs_are_not_kept_nor_those_on_disks_without_links(job, monkeypatch):
    monkeypatch.setattr(kept, "WORTH", 60.0)
    job.run()
    monkeypatch.setattr(kept, "WORTH", 0.0)
    monkeypatch.setattr(kept, "MOST", 3)
    job.run()
    monkeypatch.setattr(kept, "MOST", 1 << 20)
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    job.run()
    assert job.runs == 3 and not list(Path("results").glob(".kept/*"))


def test_an_input_that_changes_while_a_job_runs_is_not_taken_for_what_it_read(job, monkeypatch):
    read = Path.read_text

    def edited(path, *arguments, **named):
        text = read(path, *arguments, **named)
        if path.name == "code.txt":
            path.write_text("edited meanwhile")
        return text

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", edited)
        job.run()
    assert "given back" not in job.run() and job.runs == 2


def test_what_is_asked_about_photographs_is_never_kept(job):
    Path("refused.tsv").write_text("item\treason\n")  # lies beside the tables of a data set of files
    job.run()
    assert "given back" not in job.run() and job.runs == 2 and not Path("results/.kept").exists()


def test_only_what_reads_nothing_but_its_inputs_is_kept():
    """A job that reads a folder or a server, which are no inputs of its rule, is run whenever it is asked for."""
    scripts = Path(kept.__file__).resolve().parents[1]
    given = {path.stem for path in scripts.glob("*.py") if "asked=snakemake" in path.read_text()}
    models = {"steer_model", "swap_model", "displace_model", "diagnose_model", "finetune_model"}
    assert given == models | {"cache_activations", "cache_sums", "compare_methods"}
    outside = {path.stem for path in scripts.glob("*.py") if re.match("read_|download_|identify|collect", path.stem)}
    assert len(outside) == 6 and not given & outside


def test_a_job_that_asks_for_nothing_runs_as_ever(tmp_path, capsys):
    run_job(lambda: print("ran"), tmp_path / "log")
    assert capsys.readouterr().out == "ran\n"
