"""A wrong configuration ends in one line that names the key and the cure."""

import copy
from pathlib import Path

import pytest
import yaml

from linmech.config.derived import is_folder, steering_layers
from linmech.config.reading import read, validate
from linmech.errors import LinmechError

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
GONE = object()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The default configuration in a folder where its model exists."""
    monkeypatch.chdir(tmp_path)
    config = read(ROOT / "config.yaml")
    config["models"] = {"tiny": {"source": "resources/tiny", "layers": 8}}
    for source in ("resources/tiny", "resources/empty"):
        Path(source).mkdir(parents=True)
    Path("resources/tiny/config.json").write_text("{}")
    return config


def change(config: dict, path: str, value: object) -> dict:
    """A copy of `config` with the key at the dotted `path` set to `value`, or removed."""
    config = copy.deepcopy(config)
    *parents, last = path.split(".")
    inner = config
    for key in parents:
        inner = inner.setdefault(key, {})
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return config


EXPERIMENTS = "steering.experiments"
WRONG = [
    # a key that is changed, to what, the key that the line names, the cure that it holds
    ("sead", 1, "sead", "did you mean 'seed'"),
    ("modells", {}, "modells", "did you mean 'models'"),
    ("objects.licenses", 1, "objects.licenses", "choose from source, folder, nouns, objaverse"),
    ("objects.objaverse.licenses", ["by"], "objects.objaverse.licenses", "did you mean 'licences'"),
    ("models.tiny.layrs", 8, "models.tiny.layrs", "did you mean 'layers'"),
    ("models.tiny.steering_layer", [1], "models.tiny.steering_layer", "did you mean 'steering_layers'"),
    ("stimuli.grid.pair", 3, "stimuli.grid.pair", "did you mean 'pairs'"),
    ("steering.strenth", 5, "steering.strenth", "did you mean 'strength'"),
    ("steering.strength", 0, "steering.strength", "a number > 0"),
    (f"{EXPERIMENTS}.left_right", {}, f"{EXPERIMENTS}.left_right", "did you mean 'left-right'"),
    (f"{EXPERIMENTS}.layers.item", 1, f"{EXPERIMENTS}.layers.item", "did you mean 'items'"),
    ("seed", GONE, "seed", "add it: seed of every random choice, an integer >= 0"),
    ("models.tiny.layers", GONE, "models.tiny.layers", "add it: number of decoder blocks"),
    ("stimuli.pairs.items", GONE, "stimuli.pairs.items", "add it: number of questions"),
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
    ("steering.strengths", [], "steering.strengths", "give strengths of the experiment"),
    ("objects.objaverse.url", "huggingface.co", "objects.objaverse.url", "it must be where the dataset is served"),
    ("organisms.llava.recipe.step", 9, "organisms.llava.recipe.step", "choose from encoder_steps"),
    ("sprites.elevation", 91, "sprites.elevation", "a number from -90 to 90"),
    ("stimuli.grid.placements", 241, "stimuli.grid.placements", "from 16 to 240"),
    ("models.My_Model", {"source": "a/b", "layers": 2}, "models.My_Model", "e.g. my-model"),
    ("models.tiny.source", 3, "models.tiny.source", "a folder with config.json and safetensors, or a Hub id"),
    ("models.tiny.layers", 0, "models.tiny.layers", "an integer >= 1"),
    ("models.tiny.dtype", "float8", "models.tiny.dtype", "choose from float32, bfloat16, float16"),
    ("models.tiny.device", "gpu", "models.tiny.device", "cpu (default), cuda, cuda:0, mps, or auto"),
    ("activations.dtype", "bfloat16", "activations.dtype", "did you mean 'float16'"),
    ("ids.held_out", 1, "ids.held_out", "a number above 0 and below 1"),
    ("ids.held_out", float("nan"), "ids.held_out", "give a finite number"),
    ("ids.estimator", "least_squares", "ids.estimator", "did you mean 'least-squares'"),
    ("steering.strengths", [5, -1], "steering.strengths.1", "a number > 0"),
    ("steering.strengths", [1, float("inf")], "steering.strengths.1", "give a finite number"),
    ("steering.draws", 0, "steering.draws", "an integer >= 1"),
    (f"{EXPERIMENTS}.layers.datasets", ["pair"], f"{EXPERIMENTS}.layers.datasets.0", "did you mean 'pairs'"),
    # what the schema cannot say
    ("objects.source", "folder", "objects.folder", "name your folder"),
    ("objects", {"source": "folder", "folder": "nowhere"}, "objects.folder", "nowhere is not a folder; correct"),
    ("objects", {"source": "objaverse"}, "objects.nouns", "list the nouns to download"),
    ("objects.nouns", ["cat", "dog"], "objects.nouns", "add some"),
    ("objects.nouns", ["cat", "dog", "mug", "hat"], "stimuli.grid.pairs", "4 nouns give 12: lower it"),
    ("stimuli.sizes", [500], "stimuli.sizes", "use sizes up to stimuli.cell"),
    ("models.tiny.steering_layers", [4, 9], "models.tiny.steering_layers", "use 0 to models.tiny.layers = 8"),
    ("models.tiny.source", "resources/tinny", "models.tiny.source", "resources/tinny does not exist; correct"),
    ("models.tiny.source", "./tiny", "models.tiny.source", "or give a Hub id"),
    ("models.tiny.source", "resources/empty", "models.tiny.source", "has no config.json; name the folder"),
    ("models.tiny.revision", "main", "models.tiny.revision", "remove it"),
    (f"{EXPERIMENTS}.near-far.datasets", ["pairs"], f"{EXPERIMENTS}.near-far.datasets", "choose from near-far"),
    (f"{EXPERIMENTS}.near-far.items", 9999, f"{EXPERIMENTS}.near-far.items", "raise stimuli.near-far.items"),
]


@pytest.mark.parametrize(("path", "value", "key", "cure"), WRONG, ids=[f"{row[2]}={row[1]!r:.20}" for row in WRONG])
def test_a_wrong_config_gives_one_line_with_the_key_and_the_cure(config, path, value, key, cure):
    with pytest.raises(LinmechError) as caught:
        validate(change(config, path, value if value is not GONE else GONE), SCHEMA)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"config key {key}") and line[len(f"config key {key}")] in " :"
    assert cure in line


@pytest.mark.parametrize(("key", "cure"), [(1, '"1"'), (False, '"False"')])
def test_a_model_name_that_yaml_reads_as_no_text_is_told(config, key, cure):
    config["models"][key] = {"source": "a/b", "layers": 2}
    with pytest.raises(LinmechError, match=rf"models\.{key} .*write the name in quotes, {cure}"):
        validate(config, SCHEMA)


def test_the_default_config_is_valid_where_its_models_are(config):
    validate(config, SCHEMA)


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
            for key, inner in schema.get("properties", {}).items():
                assert inner.get("description"), f"{path}.{key}"
                walk(inner, f"{path}.{key}")
            if isinstance(schema["additionalProperties"], dict):
                walk(schema["additionalProperties"], f"{path}.*")

    schema = yaml.safe_load(SCHEMA.read_text())
    walk(schema, "config")
    for name, inner in schema["$defs"].items():
        walk(inner, name)


def test_steering_layers_are_the_middle_third_unless_the_stanza_lists_them():
    assert steering_layers({"layers": 9}) == [4, 5, 6]
    assert steering_layers({"layers": 32}) == list(range(11, 22))
    assert steering_layers({"layers": 9, "steering_layers": [7, 2]}) == [2, 7]
    for layers in range(1, 50):
        chosen = steering_layers({"layers": layers})
        assert chosen and 1 <= chosen[0] and chosen[-1] <= layers


def test_a_source_is_a_folder_or_a_hub_id():
    assert is_folder("resources/organisms/llava") and is_folder("resources/mine") and is_folder("../mine/model")
    assert is_folder("llava") and not is_folder("llava-hf/llava-1.5-7b-hf")
