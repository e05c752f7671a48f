"""Names that several stages share, wildcards and their constraints, and small helpers. No rules."""

import json
import os

from linmech.code_behind import code_behind as behind
from linmech.config.derived import is_folder, steering_layers

SCRIPTS = Path(os.path.relpath(workflow.basedir), "scripts")
MODELS = config["models"]
EXPERIMENTS = config["steering"]["experiments"]
COMPOSED = ["grid", "pairs", "near-far", "in-between"]
DATASETS = [*COMPOSED, "scenes"]
FORMATS = ["pdf", "png", "csv"]
DECLARED = ("source", "layers", "revision", "dtype", "frame_newlines")
PARTS_OF_A_MODEL = {".json", ".jinja", ".model", ".safetensors", ".txt"}


wildcard_constraints:
    dataset="|".join(DATASETS),
    model="|".join(MODELS),
    experiment="|".join(EXPERIMENTS),
    layer=r"\d+",
    organism="|".join(config.get("organisms", {})) or "none",


def code_behind(*files):
    """Scripts and the files of scripts/ that they import, directly or not: an edit reruns what imports it."""
    return [str(path) for path in behind(SCRIPTS, *files)]


def leaf(value):
    """A structured leaf of the config as a param: text that does not depend on the order of its keys."""
    return json.dumps(value, sort_keys=True)


def layers_of(model):
    """All layers of a model: 0, the input embedding, to the output of its last block."""
    return range(MODELS[model]["layers"] + 1)


def model_files(model):
    """The files of a model that lies in a folder, so that a changed weight file is seen; none for a Hub id."""
    source = MODELS[model]["source"]
    if not is_folder(source):
        return []
    return sorted(str(path) for path in Path(source).expanduser().iterdir() if path.suffix in PARTS_OF_A_MODEL)


def declared(model):
    """A model as its stanza declares it: all that decides its numbers (device and batch are resources)."""
    stanza = MODELS[model]
    return leaf({"name": model} | {key: stanza[key] for key in DECLARED if key in stanza})


def on_gpu(model):
    """How many GPUs a job of this model holds."""
    return MODELS[model].get("gpus", 1) if MODELS[model].get("device", "cpu") != "cpu" else 0


def tables(table, datasets):
    """The `table` (manifest or questions) of some data sets."""
    return [f"results/stimuli/{dataset}/{table}.parquet" for dataset in datasets]


def images(datasets):
    """The folders of images of the data sets that have one; only that it is there matters, the manifest tells changes."""
    return [ancient("results/stimuli/scenes/val2017") for dataset in datasets if dataset == "scenes"]


def layout_settings(dataset):
    """The leaves of the config that lay out a composed data set."""
    settings = config["stimuli"][dataset]
    return {**settings, "sizes": config["stimuli"]["sizes"]} if dataset == "grid" else settings


def ids_of(model, layers):
    """The files of spatial IDs of a model at some layers."""
    return [f"results/ids/spatial/{model}/layer_{layer}.h5" for layer in layers]


def steered_layers(experiment, model):
    """Where an experiment steers a model: at every layer (Fig 6A), or at its steering layers."""
    return list(layers_of(model)) if experiment == "layers" else steering_layers(MODELS[model])


def strengths_of(experiment):
    """The strengths of an experiment: all of them (Fig 6E), or the one that the other panels show."""
    steering = config["steering"]
    return steering["strengths"] if experiment == "strengths" else [steering["strength"]]


def own_meshes(objects):
    """The files of the user's own folder of meshes; none for another source."""
    if objects["source"] != "folder":
        return []
    return sorted(str(path) for path in Path(objects["folder"]).expanduser().rglob("*") if path.is_file())


def objaverse_settings(objects):
    """What decides which meshes are downloaded; nothing for another source."""
    if objects["source"] != "objaverse":
        return {}
    return {"folder": "resources/objects/objaverse", "seed": config["seed"], **objects.get("objaverse", {})}


def object_files(objects):
    """What collect_objects leaves: an index, and the folder of meshes that only built-in objects need."""
    meshes = {"meshes": directory("results/objects/meshes")} if objects["source"] == "builtin" else {}
    return {"index": "results/objects/index.tsv"} | meshes
