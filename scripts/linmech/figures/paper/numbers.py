"""The numbers that the paper prints of its results, and where ours stand: rows of the figures' tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MODELS = {
    "llava-7b": "LLaVA1.5-7B", "llava-13b": "LLaVA1.5-13B", "llama-11b": "LLaMA3.2VL-11B", "qwen2-2b": "Qwen2-2B",
    "qwen-3b": "Qwen2.5VL-3B", "qwen-7b": "Qwen2.5VL-7B",
}  # fmt: skip  # by the names of paper.yaml's stanzas, as the paper calls them
READ_AND_ADDED = ("relation-to-relation", "relation-to-nouns", "nouns-to-nouns", "nouns-to-relation")
TABLE_1 = {
    "qwen-3b": (18.77, 51.19, 81.23, 48.46), "qwen-7b": (6.12, 38.78, 72.35, 47.96),
    "llava-7b": (29.83, 30.51, 46.26, 26.19), "llava-13b": (8.16, 19.39, 48.30, 15.25),
}  # fmt: skip  # percent, in the order of READ_AND_ADDED
TABLE_2 = {"llava-7b": (0.458, 0.854), "llama-11b": (0.610, 0.869), "qwen-7b": (0.605, 0.903)}  # of rank 2, of rank 3
STEPS = (0, 800, 1600, 2400, 3200)
FINETUNED = {
    "LM loss, control": ("3.30", "0.05", "<0.01", "<0.01", "<0.01"),
    "accuracy on COCO-Spatial, control": ("0.77", "0.83", "0.84", "0.85", "0.85"),
    "LM loss, with spatial ID loss": ("2.71", "0.04", "<0.01", "<0.01", "<0.01"),
    "spatial ID loss": ("0.75", "0.58", "0.41", "0.36", "0.33"),
    "accuracy on COCO-Spatial, with spatial ID loss": ("0.77", "0.83", "0.84", "0.88", "0.91"),
}  # by STEPS
OURS_FINETUNED = {
    "LM loss, control": {"panel": "B", "arm": "plain"},
    "accuracy on COCO-Spatial, control": {"panel": "A", "arm": "plain", "dataset": "all"},
    "LM loss, with spatial ID loss": {"panel": "B", "arm": "ids"},
    "spatial ID loss": {"panel": "C", "arm": "ids"},
    "accuracy on COCO-Spatial, with spatial ID loss": {"panel": "A", "arm": "ids", "dataset": "all"},
}  # rows of figa10.csv


@dataclass(frozen=True)
class Number:
    """What the paper prints, of which model ("" = of all of them together), and where.

    Ours is `column` of the rows of results/figures/{table}.csv where each key of `rows` has its value, times `scale`;
    less that of the rows where keys have the values of `less`. `over`: "model" = one number of each model; "tabled" =
    of each of which the table has it (a finetuning that was validated at other steps has not); "median" or "mean" = of
    all models. No table: `note` says why.
    """

    where: str
    what: str
    unit: str
    paper: str
    model: str = ""
    table: str = ""
    rows: Mapping[str, object] = field(default_factory=dict)
    less: Mapping[str, object] = field(default_factory=dict)
    over: str = "model"
    scale: float = 1.0
    note: str = ""


def printed() -> Iterator[Number]:
    """All of them, in the paper's order."""
    at = {"panel": "A", "against": True, "size": 1.0}
    yield Number(
        "2.1, Fig 4B", "change of belief by recoloured image, of the difference between the two runs", "times", "-2020",
        note="not taken: a share of a difference near zero has no finite variance; Figure 4 has the change in nats",
    )  # fmt: skip
    swapped = {"unit": "%", "table": "fig2", "scale": 100.0}
    yield Number(
        "3.2, Fig 2", "beliefs swapped by spatial IDs, median of models", paper="64.6", rows=at | {"arm": "axis"},
        over="median", **swapped,
    )  # fmt: skip
    yield Number(
        "3.2, Fig 2", "beliefs swapped by noise, median of models", paper="29.5", rows=at | {"arm": "noise"},
        over="median", **swapped,
    )  # fmt: skip
    yield Number(
        "3.2, Fig 2", "beliefs swapped by spatial IDs less those by noise, mean of models", paper="43.6",
        rows={"panel": "B", "what": "ours", "arm": "noise"}, over="mean", **swapped,
    )  # fmt: skip
    for step, *values in zip(STEPS, *FINETUNED.values(), strict=True):
        for what, value in zip(FINETUNED, values, strict=True):
            yield Number(
                "4.3", f"finetuning, {what}, step {step}", "", value, "qwen2-2b", "figa10",
                OURS_FINETUNED[what] | {"experiment": "spatial-ids", "share": step / STEPS[-1]}, over="tabled",
                note="ours: at the same share of the steps, on the data sets that validate",
            )  # fmt: skip
    injected = {"unit": "points", "table": "figa8", "scale": 100.0}
    yield Number(
        "A.8, Fig A8", "accuracy with the true IDs at layer 1, less as it is", paper="13.4", model="llava-7b",
        rows={"arm": "true", "layer": 1}, less={"arm": "none"}, **injected,
    )  # fmt: skip
    yield Number(
        "A.8, Fig A8", "accuracy with the true IDs at half of the depth, less as it is", paper="about 1",
        model="llama-11b", rows={"arm": "true", "layer": "half"}, less={"arm": "none"}, **injected,
    )  # fmt: skip
    for model, values in TABLE_1.items():
        for experiment, value in zip(READ_AND_ADDED, values, strict=True):
            yield Number(
                "C.1, Table 1", f"beliefs swapped, IDs {experiment.replace('-', ' ')}", "%", f"{value:.2f}", model,
                "tablec1", {"experiment": experiment, "arm": "ids"}, scale=100.0,
            )  # fmt: skip
    for model, values in TABLE_2.items():
        for rank, value in zip((2, 3), values, strict=True):
            what = f"R² of spatial IDs on the tower's positions, rank {rank}"
            rows = {"design": "own", "rank": rank, "what": "in_sample", "shown": True}
            yield Number("E.2, Table 2", what, "", f"{value:.3f}", model, "figa21", rows)
