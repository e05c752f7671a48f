"""What the paper's whole run costs, by arithmetic from config.yaml and paper.yaml, not measured: python docs/costs.py

Prints a table in Markdown, a row per model: hours on one GPU by stage, the cache on disk, memory; then the hours of all
on one GPU and on eight. A pass of n tokens through a model of P weights is 2 P n operations, done at SHARE of the GPU's
peak; attention between tokens and what the CPU does are left out. A step of finetuning costs three passes per image.
"""

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from snakemake.utils import update_config

from linmech.config.derived import keeps, layers_of, sees, without_null

ROOT = Path(__file__).resolve().parents[1]
PEAK, SHARE = 989e12, 0.4  # an H200's bfloat16 operations a second (its data sheet), and what is hoped for
TEXT, BATCH = 40, 16  # tokens of a question with its template; images of a finetuning step
NOISES = 5  # random controls that are drawn beside a vector and the one along the other axis
FEW = 5  # draws of a steering control that is not noise
HIDDEN = {
    "llava-7b": 4096, "llava-13b": 5120, "llama-11b": 4096, "qwen2-2b": 1536, "qwen-3b": 2048, "qwen-7b": 3584,
    "internvl-1b": 896, "internvl-2b": 1536, "internvl-8b": 3584, "internvl-14b": 5120, "gemma-4b": 2560,
    "gemma-12b": 3840,
}  # fmt: skip
# Visual tokens of an 896 px image (docs/checkpoints.md), and of 8 frames of 448 px; Llama's blocks read its four tiles.
SEEN = {"llava": 576, "llama": 4 * 1601, "qwen": 1024, "qwen2": 1024, "internvl": 1280, "gemma": 256}


def configuration() -> dict:
    """The paper's configuration, as the workflow reads it."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, yaml.safe_load((ROOT / "paper.yaml").read_text()))
    return without_null(config)


def prompts(dataset: Mapping, asks: list[str] | None = None) -> int:
    """How many questions a data set holds, of the kinds in `asks`."""
    kinds = len(asks or dataset["asks"] if "asks" in dataset else ["before-after"])
    if dataset["layout"] == "words":
        return 2 * kinds * dataset["pairs"]
    if dataset["layout"] in ("grid", "frames"):
        places = dataset.get("placements") or dataset.get("arrangements")
        return kinds * (dataset.get("images") or dataset["pairs"] * places * len(dataset["sizes"]))
    return kinds * dataset["items"]


def edits(stage: str, stanza: Mapping, draws: int) -> int:
    """How many edited runs a question of an experiment has at each layer."""
    if stage == "swapping":
        return len(stanza["selectors"])
    if stage == "diagnosing":
        return 3  # the true IDs of both nouns, their controls
    if stage == "steering":
        arms = 2 + draws + FEW * (NOISES - 1)
        return arms * len(stanza.get("targets", range(4))) * len(stanza.get("strengths", [1]))
    steps = len(stanza.get("displacements") or stanza["exchange"])
    return (2 + NOISES * stanza.get("draws", draws)) * steps + stanza.get("relabellings", 0) * len(
        stanza.get("relabelled_at", range(steps))
    )


def jobs(name: str, config: Mapping) -> Iterator[tuple[str, float]]:
    """(stage, hours on one GPU) of every job of a model; the clean prompts of both orders are among an experiment's."""
    model = config["models"][name]
    hour = PEAK * SHARE * 3600 / (2 * weights(model))  # tokens of one
    seen = SEEN[name.partition("-")[0]]
    for reading in config["activations"]["readings"].values():
        dataset = config["stimuli"][reading["dataset"]]
        if sees(model, [dataset]):
            tokens = TEXT + (0 if dataset["layout"] == "words" else seen)
            yield "caching", prompts(dataset, reading.get("asks")) * tokens / hour
    for stage in ("steering", "displacing", "swapping", "diagnosing"):
        for stanza in config[stage]["experiments"].values():
            if not sees(model, [config["stimuli"][dataset] for dataset in stanza["datasets"]]):
                continue
            every = stage in ("swapping", "diagnosing")
            layers = range(model["layers"] + 1) if every else layers_of(model, stanza)
            run = edits(stage, stanza, config[stage].get("draws", 0)) * sum(
                1 - layer / model["layers"] for layer in layers
            )
            clean = {"swapping": 2, "diagnosing": 1 + 2 * config["diagnosing"]["masks"]}.get(stage, 1)
            items = stanza["items"] * len(stanza["datasets"])
            yield stage, 2 * items * (clean * (seen + TEXT) + run * TEXT) / hour
    for stanza in config.get("finetuning", {}).get("experiments", {}).values():
        if stanza["model"] == name:
            for _ in range(len(stanza["arms"]) * stanza["runs"]):
                yield "finetuning", 3 * stanza["steps"] * BATCH * (seen + TEXT) / hour


def weights(model: Mapping) -> float:
    """How many weights a model has: `memory_mb` of paper.yaml is theirs in bfloat16, and a third more."""
    return model["memory_mb"] * 0.75e6 / 2


def cache(name: str, config: Mapping) -> float:
    """GB of a model's layer files."""
    model, held = config["models"][name], 0.0
    for reading, stanza in config["activations"]["readings"].items():
        dataset = config["stimuli"][stanza["dataset"]]
        if not sees(model, [dataset]) or keeps(model, reading, config) == "sums":
            continue
        words = 2 if "relation" in stanza["roles"] else len(stanza["roles"])
        width = 4 if config["activations"]["dtype"] == "float32" else 2
        held += prompts(dataset, stanza.get("asks")) * words * (model["layers"] + 1) * HIDDEN[name] * width / 1e9
    return held


def side_by_side(hours: list[float], gpus: int) -> float:
    """When the last job ends, the longest one first, each on the GPU that is free first."""
    free = [0.0] * gpus
    for job in sorted(hours, reverse=True):
        heapq.heapreplace(free, free[0] + job)
    return max(free)


def table() -> str:
    """All rows, in Markdown."""
    config, stages = configuration(), ("caching", "steering", "displacing", "swapping", "diagnosing", "finetuning")
    head = (
        "model",
        *(f"{stage}, h" for stage in stages),
        "all, h",
        "weights, GB",
        "cache, GB",
        "GPU, GB",
        "main memory, GB",
    )
    rows, every, sums = [], [], dict.fromkeys(stages, 0.0)
    disk = [0.0, 0.0]
    for name, model in config["models"].items():
        spent = dict.fromkeys(stages, 0.0)
        for stage, hours in jobs(name, config):
            spent[stage] += hours
            every.append(hours)
        sums = {stage: sums[stage] + spent[stage] for stage in stages}
        held = 2e-9 * weights(model), cache(name, config)
        disk = [whole + part for whole, part in zip(disk, held, strict=True)]
        memory = model["memory_mb"] / 1000
        rows.append((name, *spent.values(), sum(spent.values()), *held, memory, memory))
    rows.append(("all, one GPU", *sums.values(), side_by_side(every, 1), *disk, "", ""))
    rows.append(("all, eight GPUs", *[""] * len(stages), side_by_side(every, 8), *disk, "", ""))
    cells = [[f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *cells])


if __name__ == "__main__":
    print(table())
