"""Names that several stages share, wildcards and their constraints, and small helpers. No rules."""

import json
import os

from linmech.code_behind import code_file
from linmech.config import derived
from linmech.files import home
from linmech.objects.listing import listed, meshes_of

SCRIPTS = Path(os.path.relpath(workflow.basedir), "scripts")
EVERY = config["models"]
MODELS = {name: stanza for name, stanza in EVERY.items() if derived.sees(stanza, [{"layout": "grid"}])}  # of images
VIDEO_MODELS = {name: stanza for name, stanza in EVERY.items() if derived.sees(stanza, [{"layout": "frames"}])}
STIMULI = config["stimuli"]
READINGS = config["activations"]["readings"]
KINDS = config["ids"]["kinds"]
PARTS = config["ids"]["parts"]
STEERING = config["steering"]["experiments"]
SWAPPING = config["swapping"]["experiments"]
DISPLACING = config["displacing"]["experiments"]
DIAGNOSING = config["diagnosing"]["experiments"]
DOWNLOADED = [name for name, stanza in STIMULI.items() if "download" in stanza]  # photographs, videos
FINETUNING = config.get("finetuning", {}).get("experiments", {})
EXPLORED = ("steering", "displacing")  # stages that share the images by which layers and strengths are chosen
FORMATS = ["pdf", "png", "csv"]
FIGURE_FILES = []  # what every file of figures adds its own to
DECLARED = ("source", "layers", "revision", "dtype", "frame_newlines", "frame_patches", "pixels", "tiles", "date")
PARTS_OF_A_MODEL = {".json", ".jinja", ".model", ".safetensors", ".txt"}


def names(keys):
    """A wildcard's constraint: one of these names."""
    return "|".join(keys) or "none"


wildcard_constraints:
    dataset=names(STIMULI),
    model=names(EVERY),
    reading=names(READINGS),
    kind=names(KINDS),
    layer=r"\d+",
    organism=names(config.get("organisms", {})),


def code_behind(*files):
    """A list of the code behind scripts, of what they import of scripts/, directly or not: an edit reruns what does."""
    return str(settings.or_exit(code_file, SCRIPTS, Path("results/code"), *files))


def leaf(value):
    """A structured leaf of the config as a param: its keys in one order, as Snakemake compares params by their text."""
    return json.loads(json.dumps(value, sort_keys=True))


def layers_of(model):
    """All layers of a model: 0, the input embedding, to the output of its last block."""
    return range(EVERY[model]["layers"] + 1)


def model_files(model):
    """`source_files` of a model."""
    return source_files(EVERY[model]["source"])


def source_files(source):
    """The files of a checkpoint that lies in a folder, so that a changed weight file is seen; none for a Hub id.

    Of an organism that is trained here, what its training leaves: a model asks for its training.
    """
    if not derived.is_folder(source):
        return []
    if derived.made_here(source, config.get("organisms", {})):
        folder, _, checkpoint = source.partition("/checkpoints/")
        return [f"{folder}/checkpoints"] if checkpoint else [f"{folder}/model.safetensors", f"{folder}/config.json"]
    return sorted(str(path) for path in home(source).iterdir() if path.suffix in PARTS_OF_A_MODEL)


def declared(model):
    """A model as its stanza declares it: all that decides its numbers (device and batch are resources)."""
    stanza = EVERY[model]
    fault = {"fault": {"seed": config["seed"]} | stanza["fault"]} if "fault" in stanza else {}
    return leaf({"name": model} | {key: stanza[key] for key in DECLARED if key in stanza} | fault)


def planted():
    """What is planted in each model, "none" in the others; nothing where none has a fault."""
    truths = {model: stanza.get("fault", {}).get("kind", "none") for model, stanza in MODELS.items()}
    return leaf(truths) if set(truths.values()) - {"none"} else {}


def on_gpu(model):
    """How many GPUs a job of this model holds."""
    return EVERY[model].get("gpus", 1) if EVERY[model].get("device", "cpu") != "cpu" else 0


def model_resources(model, share=1):
    """What a job holds that runs the model `model(wildcards)`: memory (`share` times the stanza's) and minutes grow with
    its size, and with each attempt where a profile has `retries`.
    """
    return dict(
        gpu=lambda wc: on_gpu(model(wc)),
        mem_mb=lambda wc, attempt: attempt * share * EVERY[model(wc)].get("memory_mb", 2000),
        runtime=lambda wc, attempt: attempt * (60 + EVERY[model(wc)].get("memory_mb", 2000) // 50),
        device=lambda wc: EVERY[model(wc)].get("device", "cpu"),
    )


# What every job that runs a model holds, and is told, beside its own; `wc.model` is the model.
MODEL_RESOURCES = model_resources(lambda wc: wc.model)
MODEL_PARAMS = dict(device=lambda wc, resources: resources.device)


def questions(dataset):
    """The table of questions of a data set; its manifest lies beside it."""
    return f"results/stimuli/{dataset}/questions.parquet"


def seen(datasets):
    """What the visuals of some data sets are made of: manifests, sprites where any is composed, folders of scenes.

    Of a folder only that it is there matters: the manifest tells changes.
    """
    layouts = [STIMULI[dataset]["layout"] for dataset in datasets]
    files = {"manifests": [f"results/stimuli/{dataset}/manifest.parquet" for dataset in datasets]}
    if set(layouts) & set(derived.COMPOSED):
        files["sprites"] = "results/sprites/sprites.npz"
    scenes = [dataset for dataset, layout in zip(datasets, layouts) if layout == "scenes"]
    return files | {"images": [ancient(f"results/stimuli/{dataset}/val2017") for dataset in scenes]}


def seeing(*datasets):
    """The models that see all of some data sets: no other one is asked about them."""
    return [model for model in EVERY if derived.sees(EVERY[model], [STIMULI[dataset] for dataset in datasets])]


def tables(stage):
    """The tables of a stage: of each of its experiments, those of the models that see its data sets."""
    return [
        f"results/{stage}/{name}/{model}.parquet"
        for name, stanza in config[stage]["experiments"].items()
        for model in seeing(*stanza["datasets"])
    ]


def ids_of(kind, model):
    """The file of a kind of IDs of a model."""
    return f"results/ids/{kind}/{model}.h5"


def asked(stage, name, model, *defaults):
    """The settings of a stanza of `stage`.experiments for a model, as its script's `Settings` take them."""
    stanza = config[stage]["experiments"][name]
    own = {key: value for key, value in stanza.items() if key not in ("datasets", "layers", "ids", "explores")}
    shared = {key: config[stage][key] for key in defaults} | {"seed": config["seed"]}
    return leaf({"experiment": name} | shared | own)


def experiment_layers(stage, name, model, default):
    """The layers at which an experiment of `stage` acts on a model."""
    return derived.layers_of(EVERY[model], {"layers": default, **config[stage]["experiments"][name]})


def figure(name, category):
    """The files of a figure, in the report under its category."""
    shown = report(f"results/figures/{name}.pdf", caption=f"report/{name}.rst", category=category)
    return {"pdf": shown, "png": f"results/figures/{name}.png", "csv": f"results/figures/{name}.csv"}


def figure_files(*figures):
    """All files of some figures."""
    return [f"results/figures/{figure}.{end}" for figure in figures for end in FORMATS]


def own_meshes(objects):
    """The meshes that the user's own folder lists; none for another source. What it says of them is a param."""
    return meshes_of(objects["folder"]) if objects["source"] == "folder" else []


def listed_meshes(objects):
    """What the user's own objects.tsv says, whatever its line ends; nothing for another source."""
    return leaf(listed(objects["folder"])) if objects["source"] == "folder" else []


def objaverse_settings(objects):
    """What decides which meshes are downloaded; nothing for another source."""
    if objects["source"] != "objaverse":
        return {}
    return {"folder": "resources/objects/objaverse", "seed": config["seed"], **objects.get("objaverse", {})}


def object_files(objects):
    """What collect_objects leaves: an index, and the folder of meshes that only built-in objects need."""
    meshes = {"meshes": directory("results/objects/meshes")} if objects["source"] == "builtin" else {}
    return {"index": "results/objects/index.tsv"} | meshes


def laid_out(*layouts):
    """The data sets of some layouts."""
    return [name for name, stanza in STIMULI.items() if stanza["layout"] in layouts]


def read_from(dataset, *ends):
    """The files that tell of a change of a data set of files: the list of what was downloaded, or those of its folder
    whose names end so.
    """
    if dataset in DOWNLOADED:
        return [f"results/stimuli/{dataset}/downloaded.tsv"]
    return sorted(str(path) for end in ends for path in home(STIMULI[dataset]["folder"]).rglob(f"*{end}"))


def download_settings(dataset):
    """What a download takes of a data set's stanza."""
    return leaf({"folder": STIMULI[dataset]["folder"], **STIMULI[dataset]["download"]})


def layout_settings(dataset):
    """The settings of a data set's layout."""
    return leaf({"side": 1} | {key: value for key, value in STIMULI[dataset].items() if key != "layout"})


def reading_settings(reading, keep):
    """What a reading asks, at which words it is read and, where sums are kept, the coordinates of its IDs."""
    kinds = [KINDS[kind]["coordinates"] for kind in derived.kinds_of(reading, config)]
    asked = {key: value for key, value in READINGS[reading].items() if key not in ("dataset", "shards")}
    return leaf(asked | ({"coordinates": kinds[0]} if keep == "sums" else {}))


def layer_files(reading, model):
    """All layers of a reading of a model."""
    return [f"results/activations/{reading}/{model}/layer_{layer}.h5" for layer in layers_of(model)]


def shards_of(reading):
    """In how many jobs a model reads it."""
    return READINGS[reading].get("shards", 1)


def shard_files(reading, model, layer):
    """The layer files of all shards of a reading, in order."""
    return [f"results/shards/{reading}/{model}/{shard}/layer_{layer}.h5" for shard in range(shards_of(reading))]


def cached_alike(reading):
    """The models that see a reading, by what they keep of it, rows or sums, and their number of layers."""
    alike = {}
    for model in seeing(READINGS[reading]["dataset"]):
        alike.setdefault((derived.keeps(EVERY[model], reading, config), EVERY[model]["layers"]), []).append(model)
    return alike


def cached_in(reading, layers, shard):
    """The layer files of a job: those of the reading, or of one of its shards, which are kept until they are merged."""
    if shards_of(reading) == 1:
        return [f"results/activations/{reading}/{{model}}/layer_{layer}.h5" for layer in range(layers + 1)]
    return [temp(shard_files(reading, "{model}", layer)[shard]) for layer in range(layers + 1)]


def exploring(stage, name, model, *defaults):
    """`asked` of a stage whose layers or strengths may be chosen by looking, with the images that are left for it."""
    stanzas = {f"{each}.{key}": stanza for each in EXPLORED for key, stanza in config[each]["experiments"].items()}
    return asked(stage, name, model, *defaults) | {"images": derived.images_of(f"{stage}.{name}", stanzas)}


def finetuned(experiment, end="parquet"):
    """The files of all runs of an experiment, or of all experiments together ("")."""
    return [
        f"results/finetuning/{name}/{arm}/{run}.{end}"
        for name, stanza in FINETUNING.items()
        if experiment in ("", name)
        for arm in stanza["arms"]
        for run in range(stanza["runs"])
    ]


def finetuning_sets(experiment):
    """The data sets of an experiment: the grid that is trained on, then those that test."""
    return [FINETUNING[experiment]["grid"], *FINETUNING[experiment]["tests"]]


def finetuning_settings(wc):
    """What the script's `Settings` take of an experiment."""
    apart = ("model", "source", "grid", "tests", "arms", "runs")
    own = {key: value for key, value in FINETUNING[wc.experiment].items() if key not in apart}
    return leaf({"experiment": wc.experiment, "arm": wc.arm, "run": int(wc.run), "seed": config["seed"]} | own)
