"""Laws of what follows from other keys."""

from linmech.config.derived import (
    cells_of,
    images_of,
    is_folder,
    keeps,
    known_rhos,
    layers_of,
    made_here,
    sees,
    steering_layers,
)


def test_what_explores_is_kept_from_the_others_of_its_kind():
    stanzas = {"a": {"kind": "left-right", "explores": True}, "b": {"kind": "left-right"}, "c": {"kind": "near-far"}}
    assert [images_of(name, stanzas) for name in "abc"] == ["explored", "others", "all"]


def test_a_model_sees_images_unless_it_says_otherwise_and_everyone_reads_words():
    images, videos, words = ({"layout": layout} for layout in ("grid", "clips", "words"))
    assert sees({}, [images, words]) and not sees({}, [images, videos])
    assert sees({"sees": ["videos"]}, [videos, words]) and not sees({"sees": ["videos"]}, [images])
    assert sees({"sees": ["images", "videos"]}, [images, videos, words]) and sees({}, [])


def test_cells_are_those_of_the_layout():
    assert cells_of({"layout": "grid"}) == {"column": 4, "row": 4} and cells_of({"layout": "clips"}) == {}
    assert cells_of({"layout": "frames", "frames": 6}) == {"frame": 6}
    assert cells_of({"layout": "frames", "places": 3}) == {"column": 3, "frame": 8}


def test_sums_are_kept_only_of_readings_that_ids_are_derived_from(config):
    assert keeps({}, "grid", config) == "rows" == keeps({"keep": "sums"}, "words", config)
    assert keeps({"keep": "sums"}, "grid", config) == "sums"
    config["activations"]["keep"] = "sums"
    assert keeps({}, "grid", config) == "sums" and keeps({"keep": "rows"}, "grid", config) == "rows"


def test_the_layers_of_an_experiment_are_its_own_all_or_the_steering_layers():
    model = {"layers": 9}
    assert layers_of(model, {}) == layers_of(model, {"layers": "steering"}) == [4, 5, 6]
    assert layers_of(model, {"layers": "all"}) == list(range(10)) and layers_of(model, {"layers": [7, 2]}) == [2, 7]


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


def test_what_a_training_of_the_config_leaves_is_a_source_before_it_is_there():
    organisms = {"mine": {}, "other-1": {}}
    for source in ("results/organisms/mine", "results/organisms/other-1/checkpoints/03"):
        assert made_here(source, organisms), source
    for source in ("results/organisms/yours", "results/organisms/mine/checkpoints", "resources/organisms/mine", "mine"):
        assert not made_here(source, organisms), source


def test_rho_is_what_the_stanza_says_or_the_organism_that_is_trained_here(config):
    sources = {"untied": "llava", "early": "llava/checkpoints/03", "ground": "llava-supervised"}
    models = {name: {"source": f"results/organisms/{source}", "layers": 8} for name, source in sources.items()}
    models |= {"told": models["untied"] | {"rho": 0.97}, "unknown": config["models"]["tiny"]}
    found = known_rhos(config | {"models": models})
    assert found == {"untied": 0.5, "early": 0.5, "ground": 1.0, "told": 0.97}
