"""Tables of swapping whose shares are known."""

from pathlib import Path

import numpy as np
import pandas as pd

from linmech.experiments.swapping import COLUMNS

LAYERS = range(5)
CARRIED = {  # the share that each selector carries, by layer; image and text cross at layer 2 + 1 / 6
    "image": (1.0, 1.0, 0.6, 0.0, 0.0),
    "text": (0.0, 0.0, 0.4, 1.0, 1.0),
    "nouns": (0.0, 0.1, 0.5, 0.8, 0.0),
    "relation": (0.0, 0.0, 0.1, 0.0, 0.0),
    "last": (0.0, 0.0, 0.0, 0.2, 1.0),
    "random_text(nouns)": (0.0, 0.0, 0.0, 0.1, 0.0),
    "neighbours": (0.0, 0.1, 0.6, 0.9, 0.1),
    "random_text(neighbours)": (0.0, 0.0, 0.0, 0.2, 0.0),
}
CHANGES = {name: f"{name}:1" for name in ("background", "recolour", "other-nouns")} | {"neighbours": "mirror"}
CHANGES |= {"colour": "exchange-colours", "colour-places": "exchange-colours"}


def swap_table(
    folder: Path, experiment: str, model: str = "tiny", *, items: int = 12, effect: float = -2.0,
    selectors: tuple = tuple(CARRIED),
) -> Path:  # fmt: skip
    """Every item's belief is 3 to 4 nats for its true answer; the donor changes it by `effect` times as much."""
    rows = []
    for number in range(items):
        right, strength = number % 2 == 0, 3 + number / items
        first, second = ("red", "blue") if experiment == "colour" else ("left", "right")
        before = strength * (1 if right else -1)
        known = {
            "item": f"{number}#0", "image": f"{number}", "dataset": "pairs", "experiment": experiment,
            "kind": "colour" if experiment == "colour" else "left-right", "answer": first if right else second,
            "first": first, "second": second, "change": CHANGES.get(experiment, experiment), "d_before": before,
            "mass_before": 0.9, "undecided": number == 0, "draws": 1, "mass_after": 0.9, "delta_sd": np.nan,
        }  # fmt: skip
        sites = [("donor", -1, "", 1.0)]
        sites += [("swapped", layer, name, CARRIED[name][layer]) for layer in LAYERS for name in selectors]
        for run, layer, selector, share in sites:
            delta = share * effect * before
            after = {"d_after": before + delta, "turned": float((before + delta) * before < 0)}
            changed = {"delta": delta, "delta_abs": abs(delta)}
            rows.append(known | {"run": run, "layer": layer, "selector": selector} | after | changed)
    path = folder / "swapping" / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows)[COLUMNS].to_parquet(path)
    return path
