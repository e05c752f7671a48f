"""How Snakemake meets a user: unknown names, wrong configurations, GPUs, and the form of the rules."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from expected import of_model
from linmech.code_behind import code_behind

ROOT = Path(__file__).resolve().parents[2]
RULES = re.findall(r"^rule (\w+):$", "\n".join(path.read_text() for path in ROOT.glob("workflow/*.smk")), re.M)
GENERATED = ["cache_activations", "cache_sums"]
DISTRIBUTIONS = {"PIL": "pillow", "OpenGL": "pyopengl", "huggingface_hub": "huggingface-hub", "yaml": "pyyaml"}


def test_the_plain_command_says_no_more_of_a_wrong_config(project):
    project.append("config.yaml", "modells: {}\n")
    ran = subprocess.run([sys.executable, "-m", "snakemake", "-n"], cwd=project.folder, capture_output=True, text=True)
    assert ran.returncode != 0 and "Traceback" not in ran.stderr
    assert ran.stderr.splitlines()[-1].startswith("error: config key modells is unknown; did you mean 'models'?")


def test_an_unknown_model_is_no_rule_to_produce(project):
    ran = project.snakemake("--dry-run", "results/steering/left-right/c.parquet")
    assert ran.returncode != 0
    assert "No rule to produce results/steering/left-right/c.parquet" in ran.stdout


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("modells: {}\n", "error: config key modells is unknown; did you mean 'models'?"),
        ("seed: 1\n", "key 'seed' is given twice"),
        ("seed 1\n", "error: config.yaml, line "),
    ],
)
def test_a_wrong_config_ends_in_one_line_and_runs_nothing(project, text, line):
    project.append("config.yaml", text)
    ran = project.snakemake("--dry-run")
    said = [said for said in ran.stdout.splitlines() if not said.startswith("Using workflow specific profile")]
    assert ran.returncode != 0
    assert len(said) == 1 and line in said[0]


def test_a_value_given_on_the_command_line_is_checked_too(project):
    ran = project.snakemake("--dry-run", "--config", "sead=1")
    assert ran.returncode != 0 and "error: config key sead is unknown; did you mean 'seed'?" in ran.stdout


def test_the_models_of_the_paper_are_planned_without_a_network(project):
    paper = ROOT / "paper.yaml"
    ran = project.snakemake("results/figures/fig6.pdf", "--dry-run", "--configfile", str(paper))
    planned = set(re.findall(r"^    log: logs/cache_(\w+)/grid/([\w-]+)\.log$", ran.stdout, re.M))
    assert ran.returncode == 0, ran.stdout
    models = {name: stanza for name, stanza in yaml.safe_load(paper.read_text())["models"].items() if stanza}
    wanted = {("sums" if stanza.get("keep") == "sums" else "activations", name) for name, stanza in models.items()}
    own = {("activations", "a"), ("activations", "b")}  # this copy's, in the place of the built-in model
    assert len(wanted) == 12 and planned - own == wanted, "of the paper's models, and of no other"


def test_photographs_are_downloaded_or_read_from_a_folder_and_asked_in_the_place_of_pairs(project, tmp_path):
    figures = [f"results/figures/{name}" for name in ("fig4.pdf", "fig6.pdf", "figa8.pdf", "sheet_coco.png")]
    own = yaml.safe_load((ROOT / "photographs.yaml").read_text())
    overlay = "--dry-run", "--configfile", str(ROOT / "photographs.yaml")
    ran = project.snakemake(*figures, *overlay)
    assert ran.returncode == 0 and "rule download_photographs" in ran.stdout, ran.stdout
    del own["stimuli"]["coco"]["download"]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(own))
    overlay = "--dry-run", "--configfile", str(tmp_path / "own.yaml")
    ran = project.snakemake(*figures, *overlay)
    assert ran.returncode != 0 and "stimuli.coco.folder: resources/coco is not a folder" in ran.stdout
    folder = project.folder / "resources/coco"
    folder.mkdir(parents=True)
    ran = project.snakemake(*figures, *overlay)
    assert ran.returncode == 0 and "rule read_photographs" in ran.stdout, ran.stdout
    assert "download_photographs" not in ran.stdout
    coco = re.findall(r"rule (\w+):\n    input: [^\n]*results/stimuli/coco/questions.parquet", ran.stdout)
    assert set(coco) == {"swap_model", "steer_model", "displace_model", "diagnose_model", "export_sheet"}
    folder.rmdir()


@pytest.mark.parametrize(("stanza", "held"), [({"device": "cuda"}, 1), ({"device": "auto", "gpus": 2}, 2), ({}, 0)])
def test_models_on_the_gpu_take_turns_and_models_on_the_cpu_do_not(project, stanza, held):
    project.config(lambda config: config["models"]["a"].update(stanza))
    tables = (f"results/steering/layers/{model}.parquet" for model in "ab")
    ran = project.snakemake("--dry-run", "--forceall", "--resources", "gpu=2", "--", *tables)
    jobs = [job for job in re.split(r"\n(?=rule )", ran.stdout) if re.match(r"rule (steer_model|cache_)", job)]
    gpus = {re.search(r"logs/(.*)\.log", job)[1]: int(re.search(r"gpu=(\d)", job)[1]) for job in jobs}
    stages = [f"cache_activations/{reading}" for reading in ("grid", "words", "seen-words")] + ["steer_model/layers"]
    assert gpus == {f"{stage}/{model}": held * (model == "a") for stage in stages for model in "ab"}
    profile = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text())
    assert profile["resources"]["gpu"] == 1


def test_lint_finds_nothing(project):
    ran = project.snakemake("--lint")
    assert ran.returncode == 0 and "in a good condition" in ran.stdout, ran.stdout


def test_summary_lists_every_figure_as_there(project):
    ran = project.snakemake("--summary")
    rows = {row.split("\t")[0]: row.split("\t")[-2:] for row in ran.stdout.splitlines() if "\t" in row}
    for figure in ("fig5.pdf", "fig6.pdf", "fig6.csv"):
        assert rows[f"results/figures/{figure}"] == ["ok", "no update"]


@pytest.mark.parametrize("rule", sorted([*RULES, *GENERATED]))
def test_rule_script_and_log_share_a_name(rule):
    text = "\n".join(path.read_text() for path in ROOT.glob("workflow/*.smk"))
    assert (ROOT / "scripts" / f"{rule}.py").is_file()
    if rule in GENERATED:  # one rule for both, named by its stage
        assert f'"{rule}"' in text and '"../scripts/{params.stage}.py"' in text and 'code_behind(f"{stage}.py")' in text
    else:
        assert f'"../scripts/{rule}.py"' in text and re.search(rf'code_behind\(\s*"{rule}.py"', text)
        assert re.search(rf'"logs/{rule}[./]', text)


def test_a_job_runs_the_library_of_its_own_checkout_whatever_else_is_installed(project):
    project.append("scripts/linmech/job.py", "\nraise SystemExit('this is the copy')\n")
    ran = project.snakemake("--cores", "1", "results/objects/index.tsv")
    assert ran.returncode != 0 and "this is the copy" in ran.stdout


def test_every_script_has_a_rule():
    assert {path.stem for path in ROOT.glob("scripts/*.py")} == {*RULES, *GENERATED}


@pytest.mark.parametrize("rule", sorted([*RULES, *GENERATED]))
def test_an_environment_holds_what_its_rules_import(rule):
    text = "\n".join(path.read_text() for path in ROOT.glob("workflow/*.smk"))
    block = next(
        block
        for block in re.split(r"\n(?=\s*rule)", text)
        if f"../scripts/{'{params.stage}' if rule in GENERATED else rule}.py" in block
    )
    pins = (ROOT / "envs" / re.search(r"envs/(\w+\.yaml)", block)[1]).read_text()
    missing = {name for name in foreign(rule) if f" {DISTRIBUTIONS.get(name, name)}==" not in pins}
    assert missing == set()


def foreign(rule: str) -> set[str]:
    """The packages from outside that a script imports, itself or through the files of scripts/ that it imports."""
    found = set()
    for path in code_behind(ROOT / "scripts", f"{rule}.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"linmech"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("envs/*.yaml")), ids=lambda path: path.stem)
def test_the_pins_of_an_environment_equal_the_lock(path):
    lock = dict(re.findall(r"^([\w.-]+)==([\w.+-]+)", (ROOT / "requirements.lock").read_text(), re.M))
    pins = dict(pin.split("==") for pin in yaml.safe_load(path.read_text())["dependencies"][-1]["pip"])
    assert pins and {name: lock.get(name) for name in pins} == pins


def test_the_lock_holds_what_the_project_asks_for():
    lock = (ROOT / "requirements.lock").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for dependency in sum(project["optional-dependencies"].values(), project["dependencies"]):
        assert re.search(rf"^{re.escape(dependency)} ", lock, re.M), dependency


def test_a_number_type_that_is_to_be_chosen_hangs_on_the_device_and_no_other_does(project):
    project.config(lambda config: config["models"]["a"].update(device="cuda"))
    assert project.plan() == set()
    project.config(lambda config: config["models"]["a"].update(dtype="auto"))
    ran = project.snakemake("--dry-run", "results/models/a.json")
    assert "'dtype': 'auto'" in ran.stdout and "'device': 'cuda'" in ran.stdout
    assert of_model("a") <= project.plan()
