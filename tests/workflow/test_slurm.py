"""The workflow on a real Slurm of two nodes, by the profile that is shipped: `pytest -m slurm tests/workflow`."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pandas as pd
import pytest

from shrunk import save_model, shrink

TARGET = "results/figures/fig6.pdf"
CLUSTER = Path(__file__).with_name("slurm_cluster.sh")
HUNGRY = "steer_model:mem_mb=450 * 6 ** (attempt - 1)"  # importing torch needs more, the second attempt has it
PROFILE = ("--workflow-profile", "profiles/slurm", "--jobs", "8", "--latency-wait", "15")

PLUGIN = importlib.util.find_spec("snakemake_executor_plugin_slurm")
pytestmark = [
    pytest.mark.slurm,
    pytest.mark.timeout(3600),  # it took 23 minutes, and 6
    pytest.mark.skipif(not shutil.which("slurmctld"), reason="Slurm is not installed"),
    pytest.mark.skipif(not PLUGIN, reason="the plug-in is not installed: make slurm"),
]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The environment in which its commands find a Slurm that was started here."""
    folder = tmp_path_factory.mktemp("slurm")
    try:
        subprocess.run([CLUSTER, "up", folder], check=True)
        yield os.environ | {
            "SLURM_CONF": str(folder / "etc/slurm.conf"),
            "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "OMP_NUM_THREADS": "1",
        }
    finally:
        subprocess.run([CLUSTER, "down", folder], check=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory, copy):
    """The small project after a run on this machine."""
    project = copy(tmp_path_factory.mktemp("alone") / "project")
    ready(project)
    done = project.snakemake("--cores", "1", TARGET)
    assert done.returncode == 0, done.stdout
    return project


def ready(project, **reading: int) -> None:
    """Make the project small; its model holds a GPU, and its reading `grid` has these settings too."""
    save_model(project.folder / "resources/tiny")
    project.config(shrink)
    project.config(lambda config: config["models"]["tiny"].update(device="auto"))
    project.config(lambda config: config["activations"]["readings"]["grid"].update(reading))


def cancelled(running: subprocess.Popen, rule: str, env: dict[str, str]) -> str:
    """Cancel the first job of a rule that is seen to run; its number."""
    while running.poll() is None:
        jobs = subprocess.run(["squeue", "-h", "-t", "RUNNING", "-o", "%i %k"], env=env, capture_output=True, text=True)
        if found := re.search(rf"^(\d+) \S*{rule}", jobs.stdout, re.M):
            time.sleep(6)  # until the job itself has begun
            subprocess.run(["scancel", found[1]], env=env, check=True)
            return found[1]
        time.sleep(0.5)
    return ""


def test_the_run_equals_one_machines_though_a_job_is_cancelled_and_one_runs_out_of_memory(
    alone, slurm, copy, tmp_path_factory
):
    project = copy(tmp_path_factory.mktemp("cluster") / "project")
    ready(project, shards=2)
    command = [sys.executable, "-m", "snakemake", *PROFILE, "--set-resources", HUNGRY, "--", TARGET]
    with (project.folder / "said.log").open("w") as said:
        running = subprocess.Popen(command, cwd=project.folder, env=slurm, stdout=said, stderr=said)
        try:
            stopped = cancelled(running, "displace_model", slurm)
            code = running.wait(3000)
        finally:
            running.kill()
            running.wait()
    told = (project.folder / "said.log").read_text()
    assert code == 0, told[-3000:]
    jobs = ended(slurm)
    for job in jobs:
        print(*job.values(), sep="\t")
    assert [job["JobState"] for job in jobs if job["JobId"] == stopped] == ["CANCELLED"]
    tries = [(job["MinMemoryNode"], job["JobState"]) for job in jobs if "steer_model" in job["Comment"]]
    assert tries == [("450M", "FAILED"), ("2700M", "COMPLETED")]
    assert [job["JobState"] for job in jobs].count("COMPLETED") == len(jobs) - 2
    logs = "".join(path.read_text() for path in (project.folder / "logs/slurm").rglob("*.log"))
    assert "exceeded memory limit" in logs
    on_gpu = [job for job in jobs if job["TresPerJob"]]
    assert {job["Partition"] for job in on_gpu} == {"gpu"} and {job["NodeList"] for job in on_gpu} == {"n1", "n2"}
    assert {job["Partition"] for job in jobs if job not in on_gpu} == {"cpu"}
    assert sum("cache_activations_grid" in job["Comment"] for job in on_gpu) == 2, "a shard each"
    assert all(job["JobName"].startswith("linmech") for job in jobs)
    assert {path.name for path in (project.folder / "results/shards").rglob("*.h5")} == set()
    same_tables(alone.folder, project.folder)
    again = project.snakemake(*PROFILE, "--dry-run", TARGET)
    assert "Nothing to be done" in again.stdout, again.stdout


def ended(env: dict[str, str]) -> list[dict[str, str]]:
    """What Slurm says of each job, in order of their numbers; "" for what it does not say."""
    asked = [
        "JobId",
        "JobState",
        "Partition",
        "NodeList",
        "MinMemoryNode",
        "TresPerJob",
        "RunTime",
        "JobName",
        "Comment",
    ]
    said = subprocess.run(["scontrol", "-o", "show", "job"], env=env, capture_output=True, text=True, check=True)
    known = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in said.stdout.splitlines()]
    return sorted(({key: job.get(key, "") for key in asked} for job in known), key=lambda job: int(job["JobId"]))


def same_tables(one: Path, other: Path) -> None:
    """Every table, cache and set of IDs of one run is there in the other, with the same numbers."""
    tables = [path.relative_to(one) for end in ("parquet", "csv", "h5") for path in one.glob(f"results/**/*.{end}")]
    assert len(tables) > 15
    for table in tables:
        if table.suffix == ".csv":
            assert (one / table).read_bytes() == (other / table).read_bytes(), table
        elif table.suffix == ".parquet":
            assert pd.read_parquet(one / table).equals(pd.read_parquet(other / table)), table
        else:
            with h5py.File(one / table) as a, h5py.File(other / table) as b:
                names: list[str] = []
                a.visit(names.append)
                for name in names:
                    if isinstance(a[name], h5py.Dataset):
                        assert (a[name][()] == b[name][()]).all(), (table, name)
