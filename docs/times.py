"""What the default run costs, by rule, from the benchmark files that Snakemake leaves: python docs/times.py logs MODEL.

Of jobs that belong to one model only those of MODEL are counted, those that serve all models as they are. Prints csv:
rule, jobs, minutes (wall clock, one core each), longest (minutes of one job), memory (GiB, proportional set size).
"""

import sys
from pathlib import Path

import pandas as pd


def costs(logs: Path, model: str) -> pd.DataFrame:
    """A row per rule, the dearest first, and their sum."""
    rows, others = [], {path.stem for path in logs.glob("identify_model/*.tsv")} - {model}
    for path in sorted(logs.rglob("*.tsv")):
        rule, *rest = path.relative_to(logs).with_suffix("").parts
        if rest and rest[-1] in others:
            continue
        last = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        rows.append({"rule": rule, "minutes": last["s"] / 60, "memory": last["max_pss"] / 1024})
    jobs = pd.DataFrame(rows).groupby("rule")
    found = jobs["minutes"].agg(["size", "sum", "max"]).set_axis(["jobs", "minutes", "longest"], axis=1)
    found = found.assign(memory=jobs["memory"].max()).sort_values("minutes", ascending=False)
    whole = found.agg({"jobs": "sum", "minutes": "sum", "longest": "max", "memory": "max"})
    found.loc["all"] = whole
    return found.astype({"jobs": int}).round(2).reset_index()


if __name__ == "__main__":
    print(costs(Path(sys.argv[1]), sys.argv[2]).to_csv(index=False), end="")
