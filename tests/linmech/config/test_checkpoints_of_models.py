"""What is wrong with a model's folder is told by what lies in it, before any job begins."""

import json
from pathlib import Path

import pytest

from configured import SCHEMA
from linmech.config.reading import validate
from linmech.errors import LinmechError

FOLDER = Path("resources/tiny")


def told(config: dict) -> str:
    with pytest.raises(LinmechError) as caught:
        validate(config, SCHEMA)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_of_pickles_is_refused(config):
    (FOLDER / "model.safetensors").rename(FOLDER / "pytorch_model.bin")
    assert "models.tiny.source: folder resources/tiny has no safetensors; convert its weights" in told(config)


@pytest.mark.parametrize("where", ["chat_template.json", "tokenizer_config.json", "processor_config.json"])
def test_a_folder_without_a_template_is_refused_wherever_it_may_stand(config, where):
    (FOLDER / "chat_template.jinja").unlink()
    (FOLDER / "tokenizer_config.json").write_text("{}")
    assert "has no chat_template.jinja; put the model's own chat template there" in told(config)
    (FOLDER / where).write_text(json.dumps({"chat_template": "{{ messages }}"}))
    validate(config, SCHEMA)


@pytest.mark.parametrize("known", [{"num_hidden_layers": 9}, {"text_config": {"num_hidden_layers": 9}}])
def test_another_number_of_layers_than_the_checkpoints_is_told(config, known):
    (FOLDER / "config.json").write_text(json.dumps(known))
    assert "models.tiny.layers is 8, and resources/tiny/config.json has 9; correct the key" in told(config)
    config["models"]["tiny"]["layers"] = 9
    validate(config, SCHEMA)


@pytest.mark.parametrize("text", ["{}", '{"text_config": {}}', "[]", "no json", '{"text_config": null}'])
def test_what_a_checkpoint_leaves_to_its_class_is_not_guessed(config, text):
    (FOLDER / "config.json").write_text(text)
    validate(config, SCHEMA)
