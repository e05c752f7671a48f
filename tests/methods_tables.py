"""Tables of compare_methods, made by hand: a model of four blocks that binds at layer 2, with a fault in some items."""

import numpy as np
import pandas as pd

from linmech.models.faults import Fault

LAYERS = (0, 1, 2, 3, 4)
FAULTS = {f"{kind}-fault": {"kind": kind, "seed": 1} for kind in ("vision", "binding", "readout")}


def compared(model: str, items: int = 120, seed: int = 0) -> pd.DataFrame:
    """What every method would read of the model, with noise: signals from layer 2 on, the lens's from 3 on."""
    fault = Fault.of(FAULTS[model]) if model in FAULTS else None
    draw, rows = np.random.default_rng(seed), []
    for number in range(items):
        item = f"{number:03d}#0"
        kind = fault.kind if fault and fault.afflicts(item) else "none"
        place = {"vision": -1.0, "binding": 0.0}.get(kind, 1.0)
        said = -place if kind == "readout" else place
        mended = -1.0 if kind == "readout" else 1.0
        known = {"item": item, "image": f"{number:03d}", "dataset": "pairs", "undecided": number == 0}

        def add(method, what, layer, value, known=known, rows=rows):
            rows.append(known | {"method": method, "what": what, "layer": layer, "value": value + draw.normal(0, 0.05)})

        for layer in LAYERS:
            bound, told = layer >= 2, layer >= 3
            add("ids", "bound", layer, 2 * place * bound)
            add("ids", "mended", layer, 5 * (mended if layer == 2 else said))
            add("ids", "turned", layer, 5 * (-mended if layer == 2 else said))
            add("probe", "place", layer, place * bound)
            add("patching", "nouns", layer, 10 * said * (layer == 2))
            add("lens", "belief", layer, 3 * said * told)
            if layer:
                add("attention", "own", layer, 0.3 * place * (layer == 2))
                add("attention", "picture", layer, 0.0 if kind == "binding" else 0.8)
        add("answer", "belief", -1, 5 * said)
        for number, method in enumerate(("ids", "probe", "patching", "attention", "lens", "answer"), start=1):
            rows += [known | {"method": method, "what": what, "layer": -1, "value": number * size}
                     for what, size in (("passes", 1.0), ("seconds", 0.01))]  # fmt: skip
    return pd.DataFrame(rows)
