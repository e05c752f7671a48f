"""Tables of diagnosing, made by hand: a model that reads IDs at layer 1 and has a fault in a share of its items."""

import numpy as np
import pandas as pd

LAYERS = (0, 1, 2)
READ_AT = 1


def diagnosed(
    fault: str, share: float = 0.3, items: int = 100, read: bool = True, seed: int = 0, relabellings: int = 0
) -> pd.DataFrame:
    """What diagnosing would say of a model whose IDs are read at layer 1 and that has a fault in a share of items.

    Relabelled IDs say noise.
    """
    draw, rows = np.random.default_rng(seed), []
    for number in range(items):
        sick = draw.random() < share and fault != "none"
        sign = 1 if number % 2 else -1
        own = {"vision": -2.0, "binding": 0.1}.get(fault, 2.0) if sick else 2.0
        own += draw.normal(0, 0.3)
        told = own if not (sick and fault == "readout") else -2.0
        known = {
            "item": f"{number}", "image": f"{number}", "dataset": "pairs", "answer": "left" if sign > 0 else "right",
            "first": "left", "second": "right", "d_before": sign * (told if abs(told) > 1 else -0.5), "gap": 1.0,
            "undecided": False, "draws": 1, "relabelling": 0,
        }  # fmt: skip
        for layer in LAYERS:
            bound = {"what": "bound", "layer": layer, "arm": "", "margin": sign * own * (layer > 0)}
            rows.append(known | bound | {"true_margin": sign * 2.0, "d_after": known["d_before"], "delta_abs": 0.0})
            for run in range(1, relabellings + 1):
                noise = dict(zip(("margin", "true_margin"), draw.normal(size=2), strict=True))
                rows.append(rows[-run] | {"arm": "relabelled", "relabelling": run} | noise)
            for arm, there in (("true", 1), ("exchanged", -1)):
                after = known["d_before"]
                if layer == READ_AT and read:
                    after = sign * there * (-2.0 if sick and fault == "readout" else 2.0)
                after = {"what": "injected", "layer": layer, "arm": arm, "d_after": after, "delta_abs": 1.0}
                rows.append(known | after)
        for arm, size in (("inside", 1.0), ("outside", 0.2)):
            rows.append(known | {"what": "masked", "layer": -1, "arm": arm, "d_after": 0.0, "delta_abs": size})
    return pd.DataFrame(rows)
