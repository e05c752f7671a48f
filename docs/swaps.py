"""What share of the donor's effect swaps carry, by layer and selector: ratio of sums, 95 % bootstrap by image.

python docs/swaps.py MODEL=results/swapping/mirror/MODEL.parquet... > docs/results/swaps.csv
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from linmech.statistics.bootstrap import ratio_of_sums


def shares(path: str, model: str) -> pd.DataFrame:
    """A row per layer and selector."""
    table = pd.read_parquet(path)
    donors = table[table["run"] == "donor"].set_index("item")["delta"]
    rows = []
    for (layer, selector), part in table[table["run"] == "swapped"].groupby(["layer", "selector"]):
        whole = part["item"].map(donors)
        found = ratio_of_sums(part["delta"] * np.sign(whole), whole.abs(), part["image"])
        interval = {"share": found.estimate, "low": found.low, "high": found.high}
        rows.append({"model": model, "layer": layer, "selector": selector, "items": len(part)} | interval)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    named = dict(argument.split("=") for argument in sys.argv[1:])
    table = pd.concat([shares(path, model) for model, path in named.items()])
    table.to_csv(sys.stdout, index=False, float_format="%.4f", lineterminator="\n")
