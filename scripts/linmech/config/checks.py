"""Checks of the configuration that join two keys or look at the disk."""

from collections.abc import Iterator, Mapping

from linmech.config.checks_checkpoints import folder_problems
from linmech.config.checks_datasets import dataset_problems
from linmech.config.checks_finetuning import finetuning_problems
from linmech.config.checks_probes import probe_problems
from linmech.config.derived import (
    COMPOSED,
    RECOMPOSED,
    cells_of,
    continuous_of,
    is_folder,
    keeps,
    kinds_of,
    made_here,
    shown_as,
    steered_kinds,
    tells,
)
from linmech.files import home
from linmech.questions.kinds import has_relation, roles_of, wordings
from linmech.suggestions import suggest

TELLING = 19  # runs by chance, of which none may go as far, for p = 0.05


def problems(config: Mapping) -> Iterator[str]:
    """Each problem of a configuration that fits the schema, as `key ... cure`; folders that it names are looked at."""
    yield from _of_objects(config["objects"])
    nouns = config["objects"].get("nouns", [])
    for name, stanza in config["stimuli"].items():
        yield from dataset_problems(f"stimuli.{name}", stanza, nouns)
    for name, stanza in config["models"].items():
        yield from _of_model(f"models.{name}", stanza, config.get("organisms", {}))
    for name in config["figures"].get("emergence", []):
        if name not in config["models"]:
            yield f"figures.emergence: {name!r} is no model; {suggest(name, config['models'])}"
    yield from _of_readings(config)
    yield from _of_parts(config)
    for stage in ("steering", "displacing", "swapping", "diagnosing"):
        for name, experiment in config[stage]["experiments"].items():
            yield from _of_experiment(f"{stage}.experiments.{name}", experiment, config)
    if "comparing" in config:
        yield from _of_comparing(config)
    for name, experiment in config["displacing"]["experiments"].items():
        yield from _of_exchange(f"displacing.experiments.{name}", experiment)
    yield from _of_adversarial(config["displacing"])
    for stage in ("displacing", "diagnosing"):
        for name, experiment in config[stage]["experiments"].items():
            yield from _of_relabelling(f"{stage}.experiments.{name}", experiment)
    for name, experiment in config.get("finetuning", {}).get("experiments", {}).items():
        yield from finetuning_problems(f"finetuning.experiments.{name}", experiment, config)
    for name, stanza in config.get("probes", {}).items():
        yield from probe_problems(f"probes.{name}", stanza)
    for name, experiment in config["swapping"]["experiments"].items():
        yield from _of_change(f"swapping.experiments.{name}", experiment, config["stimuli"])


def _of_objects(objects: Mapping) -> Iterator[str]:
    folder, nouns = objects.get("folder", ""), objects.get("nouns", [])
    if objects["source"] == "folder" and not folder:
        yield "objects.folder is missing, while objects.source is folder; name your folder, or use source: builtin"
    elif objects["source"] == "folder" and not home(folder).is_dir():
        yield f"objects.folder: {folder} is not a folder; correct the path, or use source: builtin"
    if objects["source"] == "objaverse" and not nouns:
        yield "objects.nouns is empty, while objects.source is objaverse; list the nouns to download"
    if 0 < len(nouns) < 4:
        yield f"objects.nouns has {len(nouns)} nouns, held-out objects need 4 or more; add some, or give [] for all"


def _of_model(key: str, stanza: Mapping, organisms: Mapping) -> Iterator[str]:
    source, layers = stanza["source"], stanza["layers"]
    if (least := stanza.get("pixels", (1, 1)))[0] > least[1]:
        yield f"{key}.pixels is {least}; write the smaller number first"
    for layer in stanza.get("steering_layers", []):
        if layer > layers:
            yield f"{key}.steering_layers: {layer} is above the last layer; use 0 to {key}.layers = {layers}"
    for block in stanza.get("fault", {}).get("blocks", []):
        if block > layers:
            yield f"{key}.fault.blocks: {block} is above the last block; use 1 to {key}.layers = {layers}"
    if not is_folder(source):
        return
    if "revision" in stanza:
        yield f"{key}.revision applies to Hub ids, and {source} is a folder; remove it"
    if not made_here(source, organisms):
        yield from folder_problems(key, source, home(source), layers)


def _of_readings(config: Mapping) -> Iterator[str]:
    readings, stimuli = config["activations"]["readings"], config["stimuli"]
    for name, reading in readings.items():
        if reading["dataset"] not in stimuli:
            key = f"activations.readings.{name}.dataset"
            yield f"{key} is {reading['dataset']!r}; {suggest(reading['dataset'], stimuli)}"
            continue
        there = stimuli[reading["dataset"]].get("asks", ())
        asked = reading.get("asks", there)
        for kind in [kind for kind in asked if there and kind not in there]:
            yield f"activations.readings.{name}.asks: {reading['dataset']} asks no {kind}; {suggest(kind, there)}"
        for kind in [kind for kind in asked if reading.get("wording", 0) >= wordings(kind)]:
            have = f"a {kind} question has {wordings(kind)}, counted from 0"
            yield f"activations.readings.{name}.wording is {reading['wording']}; {have}"
        for role in reading["roles"]:
            if asked and not all(_names(kind, role) for kind in asked):
                kind = next(kind for kind in asked if not _names(kind, role))
                yield f"activations.readings.{name}.roles: a {kind} question names no {role}; read another word"
    for name, kind in config["ids"]["kinds"].items():
        for key, named in (("reading", [kind["reading"]]), ("words", kind.get("words", []))):
            for reading in named:
                if reading not in readings:
                    yield f"ids.kinds.{name}.{key}: {reading!r} is no reading; {suggest(reading, readings)}"
        read = stimuli.get(readings.get(kind["reading"], {}).get("dataset"), {})
        if read and not all(tells(coordinate, read) for coordinate in kind["coordinates"]):
            told = ", ".join([*cells_of(read), *(f"{name}:3" for name in continuous_of(read))]) or "no cells"
            cure = "use a reading of a grid, of frames or of scenes"
            yield f"ids.kinds.{name}.reading: {kind['reading']} has {told} to tell apart; {cure}"
    for name in readings:
        told = [config["ids"]["kinds"][kind]["coordinates"] for kind in kinds_of(name, config)]
        if any(each != told[0] for each in told):
            yield f"activations.readings.{name} serves IDs of several coordinates; give each kind a reading of its own"


def _of_parts(config: Mapping) -> Iterator[str]:
    readings = config["activations"]["readings"]
    for name, parts in config["ids"]["parts"].items():
        key = f"ids.parts.{name}"
        for reading in [reading for reading in parts["readings"] if reading not in readings]:
            yield f"{key}.readings: {reading!r} is no reading; {suggest(reading, readings)}"
            return
        datasets = {readings[reading]["dataset"] for reading in parts["readings"]}
        if len(datasets) > 1 or config["stimuli"].get(min(datasets), {}).get("layout", "grid") != "grid":
            yield f"{key}.readings are of {', '.join(sorted(datasets))}; choose readings of one data set of layout grid"
    parts = config["ids"]["parts"]
    sizes = [f"{size:g}" for size in config["stimuli"].get(_dataset(config, "sizes"), {}).get("sizes", ())]
    for name, known in (("wordings", parts["wordings"]["readings"]), ("sizes", sizes)):
        if parts[name]["axes"] not in known:
            yield f"ids.parts.{name}.axes is {parts[name]['axes']!r}; {suggest(parts[name]['axes'], known)}"


def _dataset(config: Mapping, parts: str) -> str:
    return config["activations"]["readings"][config["ids"]["parts"][parts]["readings"][0]]["dataset"]


def _of_experiment(key: str, experiment: Mapping, config: Mapping) -> Iterator[str]:
    kinds, stimuli = config["ids"]["kinds"], config["stimuli"]
    asked = {name: steered_kinds(stanza) for name, stanza in stimuli.items()}
    having = [name for name in asked if experiment["kind"] in asked[name]]
    for dataset in experiment["datasets"]:
        if dataset not in stimuli:
            yield f"{key}.datasets: {dataset!r} is no data set; {suggest(dataset, stimuli)}"
        elif dataset not in having:
            cure = f"choose from {', '.join(having)}" if having else "add the kind to the asks of a data set"
            yield f"{key}.datasets: {dataset} asks no {experiment['kind']} question; {cure}"
        elif experiment["items"] > (have := stimuli[dataset].get("items", experiment["items"])):
            yield f"{key}.items is {experiment['items']}; lower it, or raise stimuli.{dataset}.items = {have}"
    used = experiment.get("ids", "spatial")
    if "change" in experiment:
        return
    if used not in kinds:
        yield f"{key}.ids is {used!r}; {suggest(used, kinds)}"
        return
    coordinate, known = experiment.get("coordinate", "column"), kinds[used]["coordinates"]
    if coordinate not in (*known, "neighbours"):
        yield f"{key}.coordinate is {coordinate!r}; {suggest(coordinate, [*known, 'neighbours'])}"
    if coordinate == "neighbours" and experiment["kind"] != "in-between":
        yield f"{key}.coordinate: only in-between questions have two neighbours; choose from {', '.join(known)}"
    for token in experiment.get("tokens", ["subject"]):
        if not _names(experiment["kind"], token):
            yield f"{key}.tokens: a {experiment['kind']} question has no {token}; move another word"
    for name, model in config["models"].items():
        for layer in experiment["layers"] if isinstance(experiment.get("layers"), list) else []:
            if layer > model["layers"]:
                yield f"{key}.layers: {layer} is above the last layer of models.{name}, {model['layers']}; lower it"
    last = _cells(kinds[used], coordinate, config) - 1
    for target in experiment.get("targets", []):
        if not -last <= target + 1 <= last + 1:
            yield f"{key}.targets: {target} is beyond the last cell, {last}; use 0 to {last}, or -1 for the last"


def _of_comparing(config: Mapping) -> Iterator[str]:
    yield from _of_experiment("comparing", config["comparing"], config)
    for name, model in config["models"].items():
        if keeps(model, config["ids"]["kinds"]["spatial"]["reading"], config) == "sums":
            yield f"models.{name}.keep is sums, and comparing fits probes to rows; set keep: rows, or comparing: null"
    if not any("fault" in model for model in config["models"].values()):
        yield "comparing needs a model with a fault; add one as faults.yaml does, or write comparing: null"


def _of_exchange(key: str, experiment: Mapping) -> Iterator[str]:
    how = [name for name in ("displacements", "exchange") if name in experiment]
    if len(how) != 1:
        yield f"{key} has {' and '.join(how) or 'no displacements and no exchange'}; give one of the two"
    if "exchange" not in how:
        return
    if roles_of(experiment["kind"]) != ("subject", "reference"):
        yield f"{key}.exchange: a {experiment['kind']} question is not about two nouns; ask e.g. left-right"
    if "tokens" in experiment:
        yield f"{key}.tokens: an exchange moves subject and reference; remove it"


def _of_relabelling(key: str, experiment: Mapping) -> Iterator[str]:
    steps = experiment.get("exchange", experiment.get("displacements", []))
    if 0 < experiment.get("relabellings", 0) < TELLING:
        yield f"{key}.relabellings is {experiment['relabellings']}; p = 0.05 takes {TELLING} runs: raise or remove it"
    for step in experiment.get("relabelled_at", []):
        if step not in steps:
            yield f"{key}.relabelled_at: nothing is moved by {step:g}; use some of {', '.join(f'{s:g}' for s in steps)}"


def _of_adversarial(displacing: Mapping) -> Iterator[str]:
    key, experiment = "displacing.experiments.adversarial", displacing["experiments"]["adversarial"]
    doses = set(experiment.get("exchange", []))
    if 1 not in doses or doses != {-dose for dose in doses}:
        yield f"{key}.exchange: Figure 2 moves nouns against any belief; give 1, and each dose with both signs"
    if not experiment.get("draws", displacing["draws"]):
        yield f"{key}.draws is 0, and Figure 2 compares with random controls; give 1 or more"


def _of_change(key: str, experiment: Mapping, stimuli: Mapping) -> Iterator[str]:
    for dataset in experiment["datasets"]:
        if experiment["change"] == "reverse" and shown_as(stimuli[dataset]) != "videos":
            yield f"{key}.change: {dataset} has no frames to reverse; change a data set of videos, or write e.g. mirror"
    if experiment["change"].partition(":")[0] not in RECOMPOSED:
        return
    for dataset in experiment["datasets"]:
        if stimuli[dataset]["layout"] not in COMPOSED:
            yield f"{key}.change: {dataset} is not composed of sprites; change another data set, or write e.g. mirror"


def _names(kind: str, role: str) -> bool:
    """Whether a kind of question has a word of a role."""
    return role == "last" or role in roles_of(kind) or (role == "relation" and has_relation(kind))


def _cells(kind: Mapping, coordinate: str, config: Mapping) -> int:
    """How many cells IDs have along a coordinate (neighbours: along any)."""
    reading = config["activations"]["readings"][kind["reading"]]
    cells = cells_of(config["stimuli"][reading["dataset"]])
    return cells.get(coordinate, min(cells.values(), default=0))
