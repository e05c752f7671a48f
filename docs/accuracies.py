"""How often models answer right on the data sets of a finished run, by kind of question: docs/results/accuracies.csv.

python docs/accuracies.py results DATASET... MODEL=FOLDER... > docs/results/accuracies.csv
"""

import sys
from pathlib import Path

import pandas as pd
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from linmech.experiments.clean import towards_truth  # noqa: E402
from linmech.models.vlm import load_model  # noqa: E402
from linmech.statistics.summaries import summarise  # noqa: E402
from linmech.stimuli.datasets import Dataset  # noqa: E402


def asked(vlm, dataset: Dataset) -> pd.DataFrame:
    """A row per item: whether its true answer is the likelier one, over both orders of the options."""
    items = dataset.items()
    rows = [{"kind": item.kind, "image": item.visual, "item": item.id} for item in items]
    return pd.DataFrame(rows).assign(right=(towards_truth(vlm, dataset, items) > 0).astype(float))


def main(results: Path, datasets: list[str], models: dict[str, str]) -> None:
    """Print the table."""
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    parts = []
    for name, folder in models.items():
        vlm = load_model(folder)
        for dataset in datasets:
            table = asked(vlm, Dataset(results / "stimuli" / dataset, results / "sprites/sprites.npz"))
            found = summarise(table, ["kind"], "right").drop(columns="p")
            parts.append(found.assign(model=name, dataset=dataset))
    table = pd.concat(parts)[["model", "dataset", "kind", "items", "images", "estimate", "low", "high"]]
    table.to_csv(sys.stdout, index=False, float_format="%.4f", lineterminator="\n")


if __name__ == "__main__":
    folder, *rest = sys.argv[1:]
    main(Path(folder), [one for one in rest if "=" not in one], dict(one.split("=") for one in rest if "=" in one))
