"""A wrong experiment, or photograph to probe, ends in one line that names the key and the cure."""

from pathlib import Path

import pytest

from configured import GONE, named, refused

DISPLACED = "displacing.experiments"
FINETUNED = "finetuning.experiments.spatial-ids"
REVERSED = "swapping.experiments.reverse-frames"
EXPERIMENTS = "steering.experiments"
RECOLOURED = {
    "kind": "left-right", "change": "exchange-colours", "datasets": ["colour-pairs", "scenes"], "items": 9,
    "selectors": ["image"],
}  # fmt: skip
ASKED_SO = {"kind": "left-right", "datasets": ["pairs"], "items": 9, "min_mass": 0.05}
PROBE = {"photo": str(Path(__file__)), "nouns": ["apple", "cup"]}  # its photograph is only looked for
WRONG = [
    # a key that is changed, to what, the key that the line names, the cure that it holds
    ("swapping.experiments.mirror.change", "reverse", "swapping.experiments.mirror.change", "no frames to reverse"),
    (f"{EXPERIMENTS}.before-after.targets", [8], f"{EXPERIMENTS}.before-after.targets", "use 0 to 7"),
    (f"{EXPERIMENTS}.before-after.coordinate", "column", f"{EXPERIMENTS}.before-after.coordinate", "frame"),
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
    (f"{EXPERIMENTS}.strengths.strengths", [], f"{EXPERIMENTS}.strengths.strengths", "give strengths, relative to"),
    ("displacing.experiments.front-behind-by-row", GONE, "displacing.experiments.front-behind-by-row", "add it"),
    (
        "displacing.experiments.front-behind-by-row.kind",
        "colour",
        "displacing.experiments.front-behind-by-row.kind",
        "choose from left-right, above-below, front-behind",
    ),
    ("probes", {"cups": PROBE | {"nouns": ["cup"]}}, "probes.cups.nouns", "two different nouns"),
    ("probes", {"cups": PROBE | {"photos": "x"}}, "probes.cups.photos", "did you mean 'photo'"),
    ("probes", {"cups": PROBE | {"photo": "cups.jpg"}}, "probes.cups.photo", "cups.jpg is no file"),
    ("probes", {"cups": PROBE | {"boxes": {"cap": [0, 0, 9, 9]}}}, "probes.cups.boxes.cap", "did you mean 'cup'"),
    ("probes", {"cups": PROBE | {"boxes": {"cup": [9, 0, 0, 9]}}}, "probes.cups.boxes.cup", "[left, top, right"),
    ("comparing", ASKED_SO | {"item": 3}, "comparing.item", "did you mean 'items'"),
    ("comparing", ASKED_SO | {"datasets": ["pair"]}, "comparing.datasets", "did you mean 'pairs'"),
    ("comparing", ASKED_SO, "comparing", "needs a model with a fault; add one as faults.yaml does"),
    (f"{EXPERIMENTS}.strengths.strengths", [5, -1], f"{EXPERIMENTS}.strengths.strengths.1", "a number > 0"),
    (f"{EXPERIMENTS}.layers.strengths", [float("inf")], f"{EXPERIMENTS}.layers.strengths.0", "give a finite number"),
    ("steering.draws", 0, "steering.draws", "an integer >= 1"),
    *(
        (f"{FINETUNED}.{key}", value, f"{FINETUNED}.{named}", cure)
        for key, value, named, cure in (
            ("steps", 0, "steps", "an integer >= 1"),
            ("step", 9, "step", "did you mean 'steps'"),
            ("trains", "mlps(2)", "trains", "the weights that are trained: vision-mlps(6)"),
            ("trains", "vision-mlps(0)", "trains", "the weights that are trained"),
            ("arms", ["plain", "id"], "arms.1", "did you mean 'ids'"),
            ("arms", ["ids", "random"], "arms", "plain (answers alone)"),
            ("kinds", ["near-far"], "kinds.0", "choose from left-right, above-below"),
            ("weight", -1, "weight", "a number >= 0"),
            ("runs", GONE, "runs", "add it: runs of each arm"),
        )
    ),
    (f"{FINETUNED}.model", "tyni", f"{FINETUNED}.model", "did you mean 'tiny'"),
    (f"{FINETUNED}.model", "gone", f"{FINETUNED}.model", "`finetuning: null`"),
    (f"{FINETUNED}.layer", 9, f"{FINETUNED}.layer", "above the last layer; use 0 to 8"),
    (f"{FINETUNED}.source", "resources/empty", f"{FINETUNED}.source", "name the folder of a model"),
    (f"{FINETUNED}.grid", "leson", f"{FINETUNED}.grid", "is no data set"),
    (f"{FINETUNED}.grid", "grid", f"{FINETUNED}.grid", "give it 240 placements"),
    (f"{FINETUNED}.tests", ["untied", "near-far"], f"{FINETUNED}.tests", "near-far asks none of"),
    ("stimuli.lessons.asks", ["exists"], f"{FINETUNED}.kinds", "add one to stimuli.lessons.asks"),
    (f"{EXPERIMENTS}.layers.datasets", ["pair"], f"{EXPERIMENTS}.layers.datasets", "did you mean 'pairs'"),
    (
        "swapping.experiments.mirror",
        RECOLOURED,
        "swapping.experiments.mirror.change",
        "scenes is not composed of sprites",
    ),
    (f"{REVERSED}.datasets", ["cuts"], f"{REVERSED}.datasets", "cuts asks no before-after question; choose from"),
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
    (
        f"{DISPLACED}.both.relabellings",
        18,
        f"{DISPLACED}.both.relabellings",
        "p = 0.05 takes 19 runs: raise or remove it",
    ),
    (
        "diagnosing.experiments.wrong.relabellings",
        1,
        "diagnosing.experiments.wrong.relabellings",
        "p = 0.05 takes 19 runs: raise or remove it",
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


@pytest.mark.parametrize(("path", "value", "key", "cure"), WRONG, ids=named(WRONG))
def test_a_wrong_experiment_gives_one_line_with_the_key_and_the_cure(config, path, value, key, cure):
    refused(config, path, value, key, cure)
