"""Laws of `linmech check`: what it says is so, its stanza is one, and what cannot be used is one line."""

import re

import pytest
import yaml
from snakemake.utils import update_config

import families
from configured import ROOT, SCHEMA
from linmech.config import reading as settings
from linmech.console.checking import NOUNS
from linmech.console.main import main


@pytest.fixture(autouse=True)
def home(monkeypatch):
    monkeypatch.chdir(ROOT)


def told(capsys, *arguments) -> str:
    assert main(["check", *map(str, arguments)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("family", ["gemma3", "qwen2_5_vl"])
def test_what_it_says_of_a_model_is_so(family, tmp_path, capsys):
    folder = families.save(family, tmp_path)
    said, vlm = told(capsys, folder), families.load(family)
    assert f"{type(vlm.model).__name__} ({vlm.model.config.model_type})" in said
    assert f"{vlm.n_layers} blocks, residual stream of {vlm.hidden}" in said
    assert "images, the fast way: holds" in said and "'left'" in said and "'right'" in said
    assert ("videos, the fast way: holds" in said) == (family in families.VIDEO)
    pieces = re.search(r"^nouns are read at '(.+)' \(\d+\), '(.+)' \(\d+\)$", said, re.M).groups()
    assert all(noun.endswith(piece.strip()) for noun, piece in zip(NOUNS, pieces, strict=True)), "their last pieces"


def test_its_stanza_can_be_pasted(tmp_path, capsys):
    folder = families.save("llava", tmp_path)
    said = told(capsys, folder, "--name", "My LLaVA!", "--no-video")
    stanza = yaml.safe_load(said[said.index("models:") :])
    assert stanza["models"]["my-llava"]["layers"] == families.load("llava").n_layers
    assert "of images twice as wide as high it sees the middle 50% alone; pad_to_square: true" in said
    config = settings.read("config.yaml")
    update_config(config, stanza)
    settings.validate(config, SCHEMA)


def test_pictures_that_are_padded_stay_so_in_the_stanza(tmp_path, capsys):
    said = told(capsys, families.save("llava", tmp_path), "--pad-to-square", "--no-video")
    assert "it sees all, and a border above and below" in said and "pad_to_square: true\n" in said


def test_what_cannot_be_used_is_one_line_and_an_exit_code(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nothing")]) == 2
    assert main(["check", str(tmp_path), "--dtype", "float8"]) == 2
    found = capsys.readouterr().err.splitlines()
    assert len(found) == 2 and all(line.startswith("error: model") for line in found)


def test_a_model_on_which_the_fast_way_does_not_hold_is_said_to_be_slow(tmp_path, capsys):
    said = told(capsys, families.save("paligemma", tmp_path))
    assert "the fast way: NOT used, its tokens depend on what is asked after them" in said
