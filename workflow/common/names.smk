"""Names that several stages share, wildcards and their constraints, and small helpers. No rules."""

import json
import os

from linmech.code_behind import code_file
from linmech.config import derived
from linmech.files import home
from linmech.objects.listing import listed, meshes_of
from linmech.planning import one_of

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
DECLARED += ("pad_to_square",)
PARTS_OF_A_MODEL = {".json", ".jinja", ".model", ".safetensors", ".txt"}


def names(keys):
    """A wildcard's constraint: one of these names."""
    return one_of(keys)


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


def figure(name, title, section):
    """The files of a figure, in the report by its title under the paper's section."""
    told = dict(caption=f"report/{name}.rst", category=section, labels={"figure": title})
    shown = report(f"results/figures/{name}.pdf", **told)
    return {"pdf": shown, "png": f"results/figures/{name}.png", "csv": f"results/figures/{name}.csv"}


def figure_files(*figures):
    """All files of some figures."""
    return [f"results/figures/{figure}.{end}" for figure in figures for end in FORMATS]
