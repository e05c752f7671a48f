"""Laws of what is shipped for clusters: reruns as on one machine, retries in one place, groups of known rules."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "\n".join(path.read_text() for path in ROOT.glob("workflow/*.smk"))
SLURM = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())


def test_what_reruns_does_not_depend_on_where_it_runs():
    default = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    del default["resources"]  # one GPU
    assert default and {key: SLURM[key] for key in default} == default


def test_only_the_profile_retries_and_more_is_asked_for_each_time():
    assert SLURM["retries"] >= 1 and not re.search(r"^ +retries:", WORKFLOW, re.M)
    assert all("* attempt" in SLURM["default-resources"][key] for key in ("mem_mb", "runtime"))
    for key in ("mem_mb", "runtime"):
        said = re.findall(rf"^ +{key}=(.*),$", WORKFLOW, re.M)
        assert said and all("attempt" in one for one in said), said


def test_every_rule_of_a_figure_is_in_a_group_and_every_group_is_of_known_rules():
    rules = set(re.findall(r"^rule (\w+):$", WORKFLOW, re.M))
    groups = SLURM["groups"]
    assert {rule for rule in rules if rule.startswith("plot_")} < set(groups) <= rules
    assert set(groups.values()) == set(SLURM["group-components"])


def test_a_partition_without_gpus_and_one_with_some_are_told_of():
    partitions = yaml.safe_load((ROOT / SLURM["slurm-partition-config"]).read_text())["partitions"]
    assert {bool(limits.get("max_gpu")) for limits in partitions.values()} == {True, False}


def test_the_plug_in_has_a_lock_of_its_own_and_is_in_no_other():
    """Every call of Snakemake imports it where it is installed, a second each time."""
    held = (ROOT / "profiles/slurm/requirements.lock").read_text()
    assert re.search(r"^snakemake-executor-plugin-slurm==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}", held, re.M)
    assert "plugin-slurm" not in (ROOT / "requirements.lock").read_text()
    assert "--requirement profiles/slurm/requirements.lock" in (ROOT / "Makefile").read_text()


def test_the_image_is_made_of_the_lock_and_a_python_that_the_project_takes():
    told = (ROOT / "envs/linmech.def").read_text()
    assert "--require-hashes --requirement /opt/linmech/requirements.lock" in told
    assert re.search(r"^From: python:3\.1[12]-", told, re.M)
