"""Checks of the configuration that join two keys or look at the disk, and the defaults that follow from other keys."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from linmech.config.derived import is_folder

ASKS = {
    "layers": ("pairs", "scenes"),
    "strengths": ("pairs", "scenes"),
    "left-right": ("pairs", "scenes"),
    "near-far": ("near-far",),
    "in-between": ("in-between",),
}


def problems(config: Mapping) -> Iterator[str]:
    """Each problem of a configuration that fits the schema, as `key ... cure`; folders that it names are looked at."""
    yield from _of_objects(config["objects"])
    yield from _of_stimuli(config["stimuli"], config["objects"].get("nouns", []))
    for name, stanza in config["models"].items():
        yield from _of_model(f"models.{name}", stanza)
    yield from _of_steering(config["steering"], config["stimuli"])


def _of_objects(objects: Mapping) -> Iterator[str]:
    folder, nouns = objects.get("folder", ""), objects.get("nouns", [])
    if objects["source"] == "folder" and not folder:
        yield "objects.folder is missing, while objects.source is folder; name your folder, or use source: builtin"
    elif objects["source"] == "folder" and not Path(folder).expanduser().is_dir():
        yield f"objects.folder: {folder} is not a folder; correct the path, or use source: builtin"
    if objects["source"] == "objaverse" and not nouns:
        yield "objects.nouns is empty, while objects.source is objaverse; list the nouns to download"
    if 0 < len(nouns) < 4:
        yield f"objects.nouns has {len(nouns)} nouns, held-out objects need 4 or more; add some, or give [] for all"


def _of_stimuli(stimuli: Mapping, nouns: list) -> Iterator[str]:
    cell, sizes, grid = stimuli["cell"], stimuli["sizes"], stimuli["grid"]
    if max(sizes) > cell:
        yield f"stimuli.sizes: {max(sizes)} px does not fit a cell; use sizes up to stimuli.cell = {cell}"
    most = len(nouns) * (len(nouns) - 1)
    if nouns and grid["pairs"] > most:
        yield f"stimuli.grid.pairs is {grid['pairs']}; {len(nouns)} nouns give {most}: lower it or add to objects.nouns"


def _of_model(key: str, stanza: Mapping) -> Iterator[str]:
    source, layers = stanza["source"], stanza["layers"]
    for layer in stanza.get("steering_layers", []):
        if layer > layers:
            yield f"{key}.steering_layers: {layer} is above the last layer; use 0 to {key}.layers = {layers}"
    if not is_folder(source):
        return
    if "revision" in stanza:
        yield f"{key}.revision applies to Hub ids, and {source} is a folder; remove it"
    folder = Path(source).expanduser()
    if not folder.is_dir():
        yield f"{key}.source: folder {source} does not exist; correct the path, or give a Hub id (owner/name)"
    elif not (folder / "config.json").is_file():
        yield f"{key}.source: folder {source} has no config.json; name the folder of a model in safetensors"


def _of_steering(steering: Mapping, stimuli: Mapping) -> Iterator[str]:
    for name, experiment in steering["experiments"].items():
        key = f"steering.experiments.{name}"
        for dataset in experiment["datasets"]:
            have = stimuli[dataset]["items"]
            if dataset not in ASKS[name]:
                yield f"{key}.datasets: {dataset} has no such questions; choose from {', '.join(ASKS[name])}"
            if experiment["items"] > have:
                yield f"{key}.items is {experiment['items']}; lower it, or raise stimuli.{dataset}.items = {have}"
