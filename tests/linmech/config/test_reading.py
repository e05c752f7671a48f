"""Laws of reading: what is a config, what is none, and what the schema knows."""

import copy

import pytest
import yaml

from configured import ROOT, SCHEMA, change
from derive_ids import set_apart
from linmech.config.derived import COMPOSED, TABLED, without_null
from linmech.config.reading import enough_objects, read, validate
from linmech.errors import LinmechError
from linmech.questions.kinds import KINDS, NOUN_ROLES


@pytest.mark.parametrize(("key", "cure"), [(1, '"1"'), (False, '"False"')])
def test_a_model_name_that_yaml_reads_as_no_text_is_told(config, key, cure):
    config["models"][key] = {"source": "a/b", "layers": 2}
    with pytest.raises(LinmechError, match=rf"models\.{key} .*write the name in quotes, {cure}"):
        validate(config, SCHEMA)


def test_the_default_config_is_valid_where_its_models_are(config):
    validate(config, SCHEMA)


@pytest.mark.parametrize("checkpoints", [12, [0.01, 0.5, 1]])
def test_an_organism_may_have_a_seed_a_dtype_and_checkpoints_of_its_own(config, checkpoints):
    config["organisms"]["llava"].update(seed=7, dtype="float16", checkpoints=checkpoints)
    validate(config, SCHEMA)


def test_too_few_objects_are_told_before_any_job_runs(config):
    most = max(stanza["pairs"] for stanza in config["stimuli"].values() if stanza["layout"] in ("grid", "frames"))
    nouns = [f"thing {n}" for n in range(8)]
    assert 7 * 6 < most <= 8 * 7
    enough_objects(config, nouns, "mine/objects.tsv")
    with pytest.raises(
        LinmechError, match=rf"^config key stimuli\.grid\.pairs is {most}; 7 nouns give 42: .*mine/objects"
    ):
        enough_objects(config, nouns[:7], "mine/objects.tsv")


def test_a_folder_with_hardly_an_object_is_told(config):
    for count, told in ((0, "0 nouns"), (1, "one noun"), (3, "3 nouns")):
        with pytest.raises(
            LinmechError, match=f"^config key objects: mine/objects.tsv has {told}, held-out .* 4 or more"
        ):
            enough_objects(config, [f"thing {n}" for n in range(count)], "mine/objects.tsv")


@pytest.mark.parametrize(("share", "told"), [(0.001, "less than half an object"), (0.999, "all but less than half")])
def test_a_share_that_holds_out_no_object_or_all_of_them_is_told(config, share, told):
    config["ids"]["held_out"] = share
    with pytest.raises(
        LinmechError, match=rf"^config key ids\.held_out is {share} of 50 objects, {told}.*; use 0.02 to"
    ):
        enough_objects(config, [f"thing {n}" for n in range(50)], "mine/objects.tsv")
    with pytest.raises(LinmechError, match="ids.held_out is"):
        set_apart([f"thing {n}" for n in range(50)], share, 0)
    config["ids"]["held_out"] = 0.02
    enough_objects(config, [f"thing {n}" for n in range(50)], "mine/objects.tsv")


def sizes(config: dict, path: tuple = ()):
    """The paths of the integers of a configuration that say how much is computed."""
    if isinstance(config, dict):
        for key, inner in config.items():
            yield from sizes(inner, (*path, key))
    elif isinstance(config, int) and not isinstance(config, bool) and path[-1] != "seed":
        yield path


def test_no_size_of_the_default_config_may_be_beyond_reason(config):
    paths = list(sizes(config))
    assert len(paths) > 60
    for path in paths:
        with pytest.raises(LinmechError, match=rf"config key [\w.-]*\b{path[-1]}\b") as told:  # anchors share stanzas
            validate(change(config, ".".join(path), 100_000_000_000), SCHEMA)
        assert "\n" not in str(told.value)
    with pytest.raises(LinmechError, match="stimuli.pairs.items is 100000000000; it must be .*, at most 1,000,000"):
        validate(change(config, "stimuli.pairs.items", 100_000_000_000), SCHEMA)


@pytest.mark.parametrize("noun", ["t-shirt", "café", "Rubik's cube", "猫", "x2"])
def test_a_noun_may_be_what_objects_tsv_takes(config, noun):
    validate(change(config, "objects.nouns", [noun, *(f"thing {n}" for n in range(20))]), SCHEMA)


def test_a_hub_model_needs_no_folder(config):
    config["models"]["hub"] = {"source": "llava-hf/llava-1.5-7b-hf", "revision": "main", "layers": 32}
    validate(config, SCHEMA)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("seed: 1\nseed: 2\n", "line 2: key 'seed' is given twice"),
        ("models:\n  a: {layers: 1}\n  a: {layers: 2}\n", "line 3: key 'a' is given twice"),
        ("seed: [1\nmodels: 2\n", "line 2: "),
        ("seed:\n\t- 1\n", "line 2: "),
        ("- seed\n", "holds no keys"),
        ("", "holds no keys"),
    ],
)
def test_a_file_that_is_no_config_gives_one_line_with_its_place(tmp_path, text, line):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(LinmechError) as caught:
        read(path)
    assert str(path) in str(caught.value) and line in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_config_file_gives_one_line(tmp_path):
    with pytest.raises(LinmechError, match="does not exist; restore it"):
        read(tmp_path / "config.yaml")


def test_every_key_of_the_schema_is_closed_and_described():
    def walk(schema: dict, path: str) -> None:
        if schema.get("type") == "object":
            assert "additionalProperties" in schema, path
            assert schema["additionalProperties"] is not True or schema.get("allOf"), path
            for key, inner in schema.get("properties", {}).items():
                assert inner.get("description"), f"{path}.{key}"
                walk(inner, f"{path}.{key}")
            if isinstance(schema["additionalProperties"], dict):
                walk(schema["additionalProperties"], f"{path}.*")

    schema = yaml.safe_load(SCHEMA.read_text())
    walk(schema, "config")
    for name, inner in schema["$defs"].items():
        walk(inner, name)


def test_the_schema_knows_the_kinds_the_layouts_and_the_roles_that_the_code_knows():
    defs = yaml.safe_load(SCHEMA.read_text())["$defs"]
    assert set(defs["kind"]["enum"]) == set(KINDS)
    layouts = {path.stem.replace("_", "-") for path in (ROOT / "scripts/linmech/stimuli/layouts").glob("*.py")}
    assert set(defs["layout"]["enum"]) == layouts - {"--init--", "stimulus"} | {"scenes", "coco", "mvbench"}
    assert set(TABLED) == layouts - {"--init--", "stimulus"} and set(COMPOSED) < set(TABLED)
    assert set(NOUN_ROLES) < set(defs["roles"]["items"]["enum"])


OLD = {
    "stimuli": {"cell": 32, "sizes": [30], "grid": {"pairs": 4, "placements": 30}, "pairs": {"items": 8}},
    "activations": {"dtype": "float32"},
    "ids": {"held_out": 0.3},
    "organisms": {"mine": {"family": "llava", "images": 9, "test_images": 9, "recipe": {"absolute": False}}},
    "steering": {"strength": 5, "strengths": [1, 5], "experiments": {"layers": {"datasets": ["pairs"], "items": 1}}},
}


def test_an_old_config_gets_a_line_for_every_key_that_moved_and_no_other(config):
    old = copy.deepcopy(config)
    for key, value in OLD.items():
        old[key] = value
    with pytest.raises(LinmechError) as caught:
        validate(old, SCHEMA)
    lines = str(caught.value).splitlines()
    wanted = [
        "stimuli.cell went to the data sets: write side: 128",
        "stimuli.sizes went to the data set: write stimuli.grid.sizes: [30]",
        "stimuli.grid says its layout and what it asks now: add layout: grid and asks: [left-right]",
        "stimuli.pairs says its layout and what it asks now: add layout: pairs and asks: [left-right, above-below]",
        "steering.strength went to the experiments: write strengths: [5] in each of them",
        "steering.strengths went to steering.experiments.strengths.strengths: [1, 5]",
        "steering.experiments.layers is a full stanza now: add kind: left-right",
        "activations.readings says what is read now",
        "organisms.mine.recipe.absolute went to recipe.unasked: write unasked: [column, row] for false",
        "ids.kinds says which IDs are derived now",
    ]
    assert len(lines) == len(wanted)
    for line, start in zip(lines, wanted, strict=True):
        assert line.startswith(f"config key {start}")


def test_a_stanza_that_an_overlay_sets_to_null_is_out(config):
    config["models"]["other"] = None
    config["steering"]["experiments"]["mine"] = None
    kept = without_null(config)
    assert set(kept["models"]) == {"tiny"} and "mine" not in kept["steering"]["experiments"]
    validate(kept, SCHEMA)
