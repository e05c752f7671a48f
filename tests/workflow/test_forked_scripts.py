"""Laws of scripts that run in forks (workflow/common/forks.smk): which do, how they end, and what is measured."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
SNAKEFILE = """
from pathlib import Path
include: "workflow/common/forks.smk"

rule all:
    input: expand("{name}.txt", name=["torch", "threads", "gpu", "render", "drawn"])

rule torch:
    output: "torch.txt"
    benchmark: "torch.tsv"
    conda: "envs/torch.yaml"
    script: "tell.py"

rule threads:
    output: "threads.txt"
    threads: 2
    conda: "envs/torch.yaml"
    script: "tell.py"

rule gpu:
    output: "gpu.txt"
    resources: gpu=1
    conda: "envs/torch.yaml"
    script: "tell.py"

rule render:
    output: "render.txt"
    conda: "envs/render.yaml"
    script: "tell.py"

rule drawn:
    input: "torch.txt"
    output: "drawn.txt"
    conda: "envs/plot.yaml"
    script: "tell.py"
"""
TELL = """
import os, sys, time
from pathlib import Path
held = bytearray(200 << 20)
held[:: 4096] = bytes(len(held[:: 4096]))
{then}
names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TMPDIR", "OWN")
told = [os.environ.get(name) for name in names] + [os.getcwd(), snakemake.rule, __name__, Path(__file__).name]
Path(snakemake.output[0]).write_text(repr(("torch" in sys.modules, told)))
time.sleep(1)
"""


@pytest.fixture
def run(tmp_path):
    """Run a small workflow, whose scripts say whether torch was there before they began; how it ended, what it said."""
    (common := tmp_path / "workflow" / "common").mkdir(parents=True)
    shutil.copy(ROOT / "workflow" / "common" / "forks.smk", common)
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    (tmp_path / "Snakefile").write_text(SNAKEFILE)

    def running(*targets, then="", first=""):
        (tmp_path / "Snakefile").write_text(first + SNAKEFILE)
        (tmp_path / "tell.py").write_text(TELL.format(then=then))
        environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts"), "OWN": "mine"}
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *targets]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return running


def told(folder, name):
    """Whether torch was there, and what the script was told."""
    there, (threads, _, *rest) = eval((folder / f"{name}.txt").read_text())
    return there, threads, rest


@pytest.mark.skipif(sys.platform != "linux", reason="scripts run in forks on Linux alone")
def test_scripts_that_need_torch_run_in_forks_and_are_told_and_measured_as_others_are(run, tmp_path):
    ran = run()
    assert ran.returncode == 0, ran.stderr
    found = {name: told(tmp_path, name) for name in ("torch", "threads", "gpu", "render", "drawn")}
    assert {name for name, (there, _, _) in found.items() if there} == {"torch", "drawn"}
    assert {name: threads for name, (_, threads, _) in found.items()} == dict.fromkeys(found, "1") | {"threads": "2"}
    for name, (_, _, rest) in found.items():
        assert rest[1:] == ["mine", str(tmp_path), name, "__main__", "tell.py"] and Path(rest[0]).is_dir()
    (measured,) = pd.read_csv(tmp_path / "torch.tsv", sep="\t", na_values="-").itertuples()
    assert measured.s >= 1 and measured.max_rss > 200


def test_a_script_that_fails_or_is_killed_in_a_fork_fails_its_job_and_leaves_no_output(run, tmp_path):
    for then, said in (("raise ValueError('what it says')", "what it says"), ("os.kill(os.getpid(), 9)", "SIGKILL")):
        ran = run("torch.txt", then=then)
        assert ran.returncode == 1 and said in ran.stderr and not (tmp_path / "torch.txt").exists()
        assert "socketserver" not in ran.stderr and "forks.smk" not in ran.stderr  # nothing of what runs it
        assert "Error in rule torch" in ran.stderr


def test_where_the_process_that_forks_cannot_be_had_scripts_have_processes_of_their_own(run, tmp_path):
    ran = run("torch.txt", first="import linmech.forks\nlinmech.forks.ALONE['PYTHONHOME'] = '/nowhere'\n")
    assert ran.returncode == 0, ran.stderr
    assert "torch has a process of its own" in ran.stderr and not told(tmp_path, "torch")[0]
