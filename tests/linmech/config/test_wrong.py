"""A wrong configuration ends in one line that names the key and the cure."""

import pytest

from configured import GONE, SCHEMA, change
from linmech.config.reading import validate
from linmech.errors import LinmechError

DISPLACED = "displacing.experiments"
EXPERIMENTS, READINGS, IDS = "steering.experiments", "activations.readings", "ids.kinds"
RECOLOURED = {
    "kind": "left-right", "change": "exchange-colours", "datasets": ["colour-pairs", "scenes"], "items": 9,
    "selectors": ["image"],
}  # fmt: skip


def fetched(**download: str) -> dict:
    """A data set of photographs that is downloaded."""
    return {"layout": "coco", "folder": "nowhere", "download": download}


ASKED_SO = {"kind": "left-right", "datasets": ["pairs"], "items": 9, "min_mass": 0.05}
WRONG = [
    # a key that is changed, to what, the key that the line names, the cure that it holds
    ("sead", 1, "sead", "did you mean 'seed'"),
    ("modells", {}, "modells", "did you mean 'models'"),
    ("objects.licenses", 1, "objects.licenses", "choose from source, folder, nouns, objaverse"),
    ("objects.objaverse.licenses", ["by"], "objects.objaverse.licenses", "did you mean 'licences'"),
    ("models.tiny.layrs", 8, "models.tiny.layrs", "did you mean 'layers'"),
    ("models.tiny.steering_layer", [1], "models.tiny.steering_layer", "did you mean 'steering_layers'"),
    ("stimuli.grid.pair", 3, "stimuli.grid.pair", "did you mean 'pairs'"),
    ("stimuli.scenes.pairs", 3, "stimuli.scenes.pairs", "choose from layout, side, asks, items"),
    ("stimuli.colour-pairs.tinted", 1, "stimuli.colour-pairs.tinted", "choose from layout, side, asks, items"),
    ("stimuli.hard.gaps", [0.1, 0.2], "stimuli.hard.gaps", "did you mean 'gap'"),
    ("stimuli.hard.gap", [0.1], "stimuli.hard.gap", "[least, most] as shares of the side"),
    ("stimuli.hard.gap", [0, 0.1], "stimuli.hard.gap.0", "a number above 0 and up to 0.3"),
    ("stimuli.hard.occlusion", [0, 0.9], "stimuli.hard.occlusion.1", "a number from 0 to 0.5"),
    ("stimuli.hard.blur", [], "stimuli.hard.blur", "is empty; give radius of the blur"),
    ("stimuli.hard.contrast", 0.5, "stimuli.hard.contrast", "[least, most], above 0 and up to 1"),
    ("stimuli.hard.distractors", [0, 1.5], "stimuli.hard.distractors.1", "an integer from 0 to 6"),
    ("stimuli.hard.asks", ["near-far"], "stimuli.hard.asks.0", "choose from left-right, above-below"),
    ("stimuli.untied.rho", 0.4, "stimuli.untied.rho", "a number from 0.5 to 1"),
    ("stimuli.untied.rho", 1.01, "stimuli.untied.rho", "a number from 0.5 to 1"),
    ("stimuli.pairs.rho", 0.5, "stimuli.pairs.rho", "choose from layout, side, asks, items, tinted"),
    ("stimuli.frames.arrangements", 57, "stimuli.frames.arrangements", "8 frames, 1 places give 56: lower it"),
    ("stimuli.space-time.sizes", [43], "stimuli.space-time.sizes", "use up to 42"),
    ("stimuli.frames.asks", ["above-below"], "stimuli.frames.asks.0", "choose from before-after"),
    ("stimuli.clips.lasting", [1, 5], "stimuli.clips.lasting", "do not fit the video"),
    ("stimuli.clips.lasting", [3, 2], "stimuli.clips.lasting", "write the smaller number first"),
    ("models.tiny.sees", ["film"], "models.tiny.sees.0", "choose from images, videos"),
    ("swapping.experiments.mirror.change", "reverse", "swapping.experiments.mirror.change", "no frames to reverse"),
    (f"{IDS}.temporal.coordinates", ["column"], f"{IDS}.temporal.reading", "frames has frame to tell apart"),
    (f"{EXPERIMENTS}.before-after.targets", [8], f"{EXPERIMENTS}.before-after.targets", "use 0 to 7"),
    (f"{EXPERIMENTS}.before-after.coordinate", "column", f"{EXPERIMENTS}.before-after.coordinate", "frame"),
    ("stimuli.mine", {"layout": "pairz"}, "stimuli.mine.layout", "did you mean 'pairs'"),
    ("stimuli.mine", {"layout": "coco"}, "stimuli.mine.folder", "add it: a folder with coco_qa_two_obj.json"),
    ("stimuli.My set", {"layout": "words"}, "stimuli.My set", "e.g. my-set"),
    ("steering.drawz", 5, "steering.drawz", "did you mean 'draws'"),
    (f"{EXPERIMENTS}.layers.item", 1, f"{EXPERIMENTS}.layers.item", "did you mean 'items'"),
    (f"{EXPERIMENTS}.layers.layers", "every", f"{EXPERIMENTS}.layers.layers", "steering (default"),
    (f"{EXPERIMENTS}.near-far.kind", "near_far", f"{EXPERIMENTS}.near-far.kind", "did you mean 'near-far'"),
    (f"{EXPERIMENTS}.near-far", GONE, f"{EXPERIMENTS}.near-far", "add it: a steering experiment"),
    ("swapping.experiments.mirror.change", "mirrored", "swapping.experiments.mirror.change", "mirror, reverse"),
    ("swapping.experiments.mirror.change", "background:x", "swapping.experiments.mirror.change", "background:SEED"),
    ("swapping.experiments.recolour", GONE, "swapping.experiments.recolour", "add it: a swapping experiment"),
    *(
        ("swapping.experiments.mirror.selectors", [name], "swapping.experiments.mirror.selectors.0", "random_text(n)")
        for name in ("imag", "image+", "+image", "random_text", "random_text(6, 1)", "imagetext")
    ),
    (f"{READINGS}.grid.role", ["last"], f"{READINGS}.grid.role", "did you mean 'roles'"),
    (f"{READINGS}.grid.roles", ["noun"], f"{READINGS}.grid.roles.0", "choose from subject, reference"),
    (f"{IDS}.spatial.coordinates", ["depth"], f"{IDS}.spatial.coordinates.0", "choose from column, row, frame"),
    ("seed", GONE, "seed", "add it: seed of every random choice, an integer >= 0"),
    ("models.tiny.layers", GONE, "models.tiny.layers", "add it: number of decoder blocks"),
    ("stimuli.pairs.items", GONE, "stimuli.pairs.items", "add it: number of images"),
    ("stimuli.pairs.items", 3, "stimuli.pairs.items", "must be number of images, an integer >= 4"),
    ("models", {}, "models", "give the models, one stanza each"),
    ("models", None, "models", "must be the models, one stanza each"),
    ("seed", "zero", "seed", "an integer >= 0"),
    ("seed", -1, "seed", "an integer >= 0"),
    ("seed", True, "seed", "an integer >= 0"),
    ("seed", 1.0, "seed", "an integer >= 0"),
    ("objects.source", "objavers", "objects.source", "did you mean 'objaverse'"),
    ("objects.objaverse.licences", ["by-sa", "cc1"], "objects.objaverse.licences.1", "did you mean 'cc0'"),
    ("objects.objaverse.timeout_s", 0, "objects.objaverse.timeout_s", "a number > 0"),
    ("objects.nouns", ["cat", "dog", "cat", "mug", "hat"], "objects.nouns", "keep each once"),
    ("objects.nouns", ["Cat", "dog", "mug", "hat"], "objects.nouns.0", "a noun in small letters"),
    ("sprites.views", [0, 30], "sprites.views", "yaw angles per object"),
    (f"{EXPERIMENTS}.strengths.strengths", [], f"{EXPERIMENTS}.strengths.strengths", "give strengths, relative to"),
    ("objects.objaverse.url", "huggingface.co", "objects.objaverse.url", "it must be where the dataset is served"),
    ("organisms.llava.recipe.step", 9, "organisms.llava.recipe.step", "choose from place_loss"),
    ("organisms.llava.sed", 1, "organisms.llava.sed", "did you mean 'seed'"),
    ("organisms.llava.seed", -1, "organisms.llava.seed", "default: the config's seed"),
    ("organisms.llava.dtype", "bfloat16", "organisms.llava.dtype", "did you mean 'float16'"),
    ("organisms.llava.checkpoints", 0, "organisms.llava.checkpoints", "how many, an integer >= 1"),
    ("organisms.llava.checkpoints", [0.5, 2], "organisms.llava.checkpoints", "or shares of all steps, 0..1"),
    ("sprites.elevation", 91, "sprites.elevation", "a number from -90 to 90"),
    ("stimuli.grid.placements", 15, "stimuli.grid.placements", "an integer >= 16"),
    ("stimuli.grid.asks", ["in-between"], "stimuli.grid.asks.0", "choose from left-right, above-below"),
    ("models.My_Model", {"source": "a/b", "layers": 2}, "models.My_Model", "e.g. my-model"),
    ("models.tiny.source", 3, "models.tiny.source", "a folder with config.json and safetensors, or a Hub id"),
    ("models.tiny.layers", 0, "models.tiny.layers", "an integer >= 1"),
    ("models.tiny.dtype", "float8", "models.tiny.dtype", "choose from float32, bfloat16, float16"),
    ("models.tiny.device", "gpu", "models.tiny.device", "cpu (default), cuda, cuda:0, mps, or auto"),
    ("models.tiny.rho", 0.3, "models.tiny.rho", "how often the lower of two things was the nearer one"),
    ("displacing.experiments.front-behind-by-row", GONE, "displacing.experiments.front-behind-by-row", "add it"),
    (
        "displacing.experiments.front-behind-by-row.kind",
        "colour",
        "displacing.experiments.front-behind-by-row.kind",
        "choose from left-right, above-below, front-behind",
    ),
    ("models.tiny.family", "", "models.tiny.family", "which models it is compared with in figure 9"),
    ("models.tiny.keep", "sum", "models.tiny.keep", "did you mean 'sums'"),
    ("activations.dtype", "bfloat16", "activations.dtype", "did you mean 'float16'"),
    ("comparing", ASKED_SO | {"item": 3}, "comparing.item", "did you mean 'items'"),
    ("comparing", ASKED_SO | {"datasets": ["pair"]}, "comparing.datasets", "did you mean 'pairs'"),
    ("comparing", ASKED_SO, "comparing", "needs a model with a fault; add one as faults.yaml does"),
    ("ids.images_needed.count", [9], "ids.images_needed.count", "did you mean 'counts'"),
    ("ids.images_needed.counts", [0], "ids.images_needed.counts.0", "a number of images, an integer >= 1"),
    ("stimuli.grid.images", 8, "stimuli.grid.images", "an integer >= 16"),
    ("stimuli.grid.images", 99999, "stimuli.grid.images", "sizes give 2940: lower it"),
    ("ids.held_out", 1, "ids.held_out", "a number above 0 and below 1"),
    ("ids.held_out", float("nan"), "ids.held_out", "give a finite number"),
    ("ids.held_out", [], "ids.held_out", "or their nouns"),
    ("figures.emergence", ["gone"], "figures.emergence", "'gone' is no model"),
    ("ids.held_out", "cup", "ids.held_out", "or their nouns"),
    ("ids.estimator", "least_squares", "ids.estimator", "did you mean 'least-squares'"),
    (f"{EXPERIMENTS}.strengths.strengths", [5, -1], f"{EXPERIMENTS}.strengths.strengths.1", "a number > 0"),
    (f"{EXPERIMENTS}.layers.strengths", [float("inf")], f"{EXPERIMENTS}.layers.strengths.0", "give a finite number"),
    ("steering.draws", 0, "steering.draws", "an integer >= 1"),
    # what the schema cannot say
    (f"{EXPERIMENTS}.layers.datasets", ["pair"], f"{EXPERIMENTS}.layers.datasets", "did you mean 'pairs'"),
    ("objects.source", "folder", "objects.folder", "name your folder"),
    ("objects", {"source": "folder", "folder": "nowhere"}, "objects.folder", "nowhere is not a folder; correct"),
    ("objects", {"source": "objaverse"}, "objects.nouns", "list the nouns to download"),
    ("objects.nouns", ["cat", "dog"], "objects.nouns", "add some"),
    ("objects.nouns", ["cat", "dog", "mug", "hat"], "stimuli.grid.pairs", "4 nouns give 12: lower it"),
    ("stimuli.grid.sizes", [500], "stimuli.grid.sizes", "use sizes up to 32"),
    ("stimuli.grid.placements", 241, "stimuli.grid.placements", "4 x 4 cells give 240: lower it"),
    ("stimuli.pairs.asks", ["colour"], "stimuli.pairs.asks", "give stimuli.pairs.tinted"),
    ("stimuli.hard.contrast", [0.9, 0.5], "stimuli.hard.contrast", "write the smaller number first"),
    (
        "swapping.experiments.mirror",
        RECOLOURED,
        "swapping.experiments.mirror.change",
        "scenes is not composed of sprites",
    ),
    ("stimuli.mine", {"layout": "coco", "folder": "nowhere"}, "stimuli.mine.folder", "is not a folder; correct"),
    ("stimuli.mine", fetched(image=""), "stimuli.mine.download.image", "did you mean 'images'"),
    ("stimuli.mine", fetched(archive_sha256="12"), "stimuli.mine.download.archive_sha256", "64 hex digits"),
    ("models.tiny.steering_layers", [4, 9], "models.tiny.steering_layers", "use 0 to models.tiny.layers = 8"),
    (
        "models.tiny.fault",
        {"kind": "binding", "blocks": [3, 9]},
        "models.tiny.fault.blocks",
        "use 1 to models.tiny.layers",
    ),
    ("models.tiny.fault", {"kind": "sight"}, "models.tiny.fault.kind", "choose from vision, binding, readout"),
    ("models.tiny.source", "resources/tinny", "models.tiny.source", "resources/tinny does not exist; correct"),
    ("models.tiny.source", "./tiny", "models.tiny.source", "or give a Hub id"),
    ("models.tiny.source", "resources/empty", "models.tiny.source", "has no config.json; name the folder"),
    ("models.tiny.revision", "main", "models.tiny.revision", "remove it"),
    (f"{READINGS}.grid.dataset", "gird", f"{READINGS}.grid.dataset", "did you mean 'grid'"),
    (f"{READINGS}.pairs", {"dataset": "pairs", "roles": ["third"]}, f"{READINGS}.pairs.roles", "names no third"),
    (f"{IDS}.spatial.reading", "girds", f"{IDS}.spatial.reading", "did you mean 'grid'"),
    (f"{IDS}.spatial.words", ["wrods"], f"{IDS}.spatial.words", "did you mean 'words'"),
    (f"{IDS}.spatial.reading", "words", f"{IDS}.spatial.reading", "use a reading of a grid"),
    (f"{IDS}.other", {"reading": "grid", "coordinates": ["row"]}, f"{READINGS}.grid", "several coordinates"),
    (f"{EXPERIMENTS}.near-far.datasets", ["pairs"], f"{EXPERIMENTS}.near-far.datasets", "choose from near-far"),
    (f"{EXPERIMENTS}.near-far.items", 9999, f"{EXPERIMENTS}.near-far.items", "raise stimuli.near-far.items"),
    (f"{EXPERIMENTS}.layers.layers", [3, 9], f"{EXPERIMENTS}.layers.layers", "above the last layer of models.tiny"),
    (f"{EXPERIMENTS}.layers.ids", "nowhere", f"{EXPERIMENTS}.layers.ids", "choose from spatial"),
    (f"{EXPERIMENTS}.layers.coordinate", "frame", f"{EXPERIMENTS}.layers.coordinate", "choose from column, row"),
    (f"{EXPERIMENTS}.layers.coordinate", "neighbours", f"{EXPERIMENTS}.layers.coordinate", "two neighbours; choose"),
    (f"{EXPERIMENTS}.layers.tokens", ["third"], f"{EXPERIMENTS}.layers.tokens", "question has no third"),
    (f"{DISPLACED}.both.exchange", [1], f"{DISPLACED}.both", "has displacements and exchange; give one of the two"),
    (f"{DISPLACED}.both.displacements", GONE, f"{DISPLACED}.both", "no displacements and no exchange; give one"),
    (
        f"{DISPLACED}.adversarial.tokens",
        ["subject"],
        f"{DISPLACED}.adversarial.tokens",
        "an exchange moves subject and",
    ),
    (
        f"{DISPLACED}.both.relabelled_at",
        [-2, 9],
        f"{DISPLACED}.both.relabelled_at",
        "nothing is moved by 9; use some of",
    ),
    (f"{DISPLACED}.adversarial.exchange", [0.5, 1], f"{DISPLACED}.adversarial.exchange", "each dose with both signs"),
    (f"{DISPLACED}.adversarial.exchange", [-2, 2], f"{DISPLACED}.adversarial.exchange", "give 1, and each dose"),
    (f"{DISPLACED}.adversarial.draws", 0, f"{DISPLACED}.adversarial.draws", "give 1 or more"),
    (
        f"{DISPLACED}.mine",
        {"kind": "in-between", "datasets": ["in-between"], "items": 9, "exchange": [1]},
        f"{DISPLACED}.mine.exchange",
        "not about two nouns; ask e.g. left-right",
    ),
    (f"{EXPERIMENTS}.layers.targets", [0, 4], f"{EXPERIMENTS}.layers.targets", "4 is beyond the last cell, 3"),
]


@pytest.mark.parametrize(("path", "value", "key", "cure"), WRONG, ids=[f"{row[2]}={row[1]!r:.20}" for row in WRONG])
def test_a_wrong_config_gives_one_line_with_the_key_and_the_cure(config, path, value, key, cure):
    with pytest.raises(LinmechError) as caught:
        validate(change(config, path, value if value is not GONE else GONE), SCHEMA)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"config key {key}") and line[len(f"config key {key}")] in " :"
    assert cure in line
