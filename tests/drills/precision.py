"""How far a model's beliefs move with the precision that it is read in: docs/results/precision.csv.

python tests/drills/precision.py RESULTS FOLDER... > docs/results/precision.csv, after `snakemake --cores 2`: per model,
data set and precision how many answers are right, how many differ from float32's, and by how much log odds do (nats).
"""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from linmech.experiments.clean import towards_truth
from linmech.models.vlm import load_model
from linmech.stimuli.datasets import Dataset

ITEMS = 400

if __name__ == "__main__":
    results, folders = Path(sys.argv[1]), sys.argv[2:]
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    print("model,dataset,dtype,items,right,turned,median,largest,median_belief")
    for folder in folders:
        whole: dict[str, np.ndarray] = {}
        for dtype in ("float32", "bfloat16", "float16"):
            vlm = load_model(folder, dtype=dtype)
            for name in ("pairs", "hard"):
                dataset = Dataset(results / "stimuli" / name, results / "sprites/sprites.npz")
                found = np.asarray(towards_truth(vlm, dataset, dataset.items()[:ITEMS]))
                clean = whole.setdefault(name, found)
                turned, moved = int(((found > 0) != (clean > 0)).sum()), np.abs(found - clean)
                right, belief = int((found > 0).sum()), np.median(np.abs(found))
                numbers = f"{right},{turned},{np.median(moved):.4f},{moved.max():.4f},{belief:.4f}"
                print(f"{Path(folder).name},{name},{dtype},{len(found)},{numbers}", flush=True)
