"""The default run made small: an untrained model of two blocks, few objects, small images, few items."""

from pathlib import Path

from linmech.organisms.families.llava import build_llava
from linmech.stimuli.composer import COLOURS

NOUNS = ["apple", "bottle", "chair", "clock", "cup"]
LAYERS, SIDE = 2, 64


def save_model(folder: Path) -> None:
    """Leave the model, untrained."""
    model, processor = build_llava(
        NOUNS, list(COLOURS), seed=0, side=SIDE, hidden=32, decoder_layers=LAYERS, vision_layers=1
    )
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def shrink(config: dict) -> None:
    """Few objects, small images, few items, one untrained model of two blocks."""
    config["objects"] = {"source": "builtin", "nouns": NOUNS}
    config["sprites"].update(size=24, views=1)
    for stanza in config["stimuli"].values():
        stanza.update({"items": 8} if "items" in stanza else {})
        stanza.update({"side": SIDE} if stanza["layout"] != "words" else {})
    for name in ("grid", "sizes", "wordings", "fine"):
        config["stimuli"][name].update(pairs=10, placements=24, sizes=[11, 14] if name == "sizes" else [14], cells=4)
    config["stimuli"]["depths"]["items"] = 80
    config["ids"]["kinds"]["depth"]["coordinates"] = ["y:2", "depth:2"]
    for name in ("frames", "space-time"):
        config["stimuli"][name].update(pairs=10, sizes=[14])
    config["ids"]["parts"]["sizes"]["axes"] = "14"
    config["ids"]["images_needed"].update(counts=[100, 160], draws=2)
    config["models"] = {"tiny": {"source": "resources/tiny", "layers": LAYERS}}
    config["steering"].update(draws=2, min_mass=0.0001)
    for name, experiment in config["steering"]["experiments"].items():
        experiment.update(items=1 if name == "layers" else 4, strengths=[1, 5] if name == "strengths" else [5])
    config["displacing"]["min_mass"] = 0.0001
    for name, experiment in config["displacing"]["experiments"].items():
        how = {"exchange": [-1, 1]} if "exchange" in experiment else {"displacements": [-2, -1, 1, 2]}
        experiment.update(how, items=8 if "-by-" in name else 4)
    for experiment in config["swapping"]["experiments"].values():
        experiment["items"] = 2
    config["diagnosing"].update(masks=2, min_mass=0.0001)
    for experiment in config["diagnosing"]["experiments"].values():
        experiment["items"] = 6
    config["stimuli"]["lessons"].update(pairs=2, sizes=[14])
    finetuned = config["finetuning"]["experiments"]["spatial-ids"]
    finetuned.update(model="tiny", arms=["plain", "ids"], runs=1, trains="vision-mlps(1)", layer=1, steps=2, every=1)
    del finetuned["source"]
    config["figures"].update(sheet={"columns": 2, "rows": 1})
