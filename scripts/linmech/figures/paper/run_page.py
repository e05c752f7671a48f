"""A run told on a page: what its jobs took, the versions of what made it, and its configuration."""

import html
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from linmech.files import atomic

PACKAGES = (
    "snakemake", "torch", "torchvision", "transformers", "numpy", "h5py", "pandas", "scipy", "matplotlib", "pyarrow",
    "trimesh", "pyrender", "objaverse",
)  # fmt: skip
STYLE = "body{font:15px/1.5 sans-serif;max-width:60rem;margin:2rem auto}td,th{text-align:left;padding:0 1rem 0 0}"


def costs(logs: str | Path, model: str = "") -> pd.DataFrame:
    """What jobs took, from the benchmark files that Snakemake leaves in `logs`: a row per rule, the dearest first, then
    their sum: jobs, minutes (wall clock), longest (minutes of one job), memory (GiB, proportional set size).

    `model`: of jobs that belong to one model only this one's count ("" = all models').
    """
    logs, rows = Path(logs), []
    others = {path.stem for path in logs.glob("identify_model/*.tsv")} - {model} if model else set()
    for path in sorted(logs.rglob("*.tsv")):
        rule, *rest = path.relative_to(logs).with_suffix("").parts
        if rest and rest[-1] in others:
            continue
        last = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        rows.append({"rule": rule, "minutes": last["s"] / 60, "memory": last["max_pss"] / 1024})
    jobs = pd.DataFrame(rows, columns=["rule", "minutes", "memory"]).groupby("rule")
    found = jobs["minutes"].agg(["size", "sum", "max"]).set_axis(["jobs", "minutes", "longest"], axis=1)
    found = found.assign(memory=jobs["memory"].max()).sort_values("minutes", ascending=False)
    found.loc["all"] = found.agg({"jobs": "sum", "minutes": "sum", "longest": "max", "memory": "max"})
    return found.astype({"jobs": int}).round(2).reset_index()


def versions() -> dict[str, str]:
    """The versions of Python and of PACKAGES, where this is run."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not in this rule's environment"
    return found


def write_page(config: Mapping, logs: str | Path, page: str | Path) -> None:
    """Write the page, in HTML that asks for nothing else."""
    table = costs(logs).to_html(index=False, border=0, na_rep="–")
    made = "".join(f"<tr><td>{name}</td><td>{html.escape(known)}</td></tr>" for name, known in versions().items())
    told = html.escape(json.dumps(config, indent=1))
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>This run</title><style>{STYLE}</style>'
        f"<h1>This run</h1><h2>What its jobs took</h2><p>By rule, from the benchmark files of all jobs of this folder: "
        f"minutes by the wall clock, in all and of the longest job, and memory in GiB.</p>{table}"
        f"<h2>Versions</h2><table>{made}</table><h2>Configuration</h2><pre>{told}</pre></html>\n"
    )
    with atomic(page) as partial:
        Path(partial).write_text(text, encoding="utf-8")
