"""Laws of the recipe: it follows what changes a number, and nothing else."""

import shutil

import pytest

import tiny
from linmech.code_behind import code_behind
from linmech.models import recipe as rooms
from linmech.models.recipe import recipe

CODE = "linmech.engine.swaps"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the library whose files may be edited."""
    shutil.copytree(rooms.SCRIPTS / "linmech", tmp_path / "linmech", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(rooms, "SCRIPTS", tmp_path)
    code_behind.cache_clear()
    yield tmp_path / "linmech"
    code_behind.cache_clear()


def edited(path) -> None:
    path.write_text(path.read_text() + "\n# edited\n")


def test_a_recipe_follows_its_files(tmp_path):
    vlm, path = tiny.llava(), tmp_path / "sprites"
    path.write_text("a")
    first = recipe(vlm, CODE, path)
    assert recipe(vlm, CODE, path) == first
    path.write_text("b")
    assert recipe(vlm, CODE, path) != first


@pytest.mark.parametrize("room", ["engine/hooks.py", "questions/kinds.py", "models/encoding.py", "seeds.py"])
def test_a_recipe_follows_the_rooms_behind_its_module(copied, room):
    first = recipe(tiny.llava(), CODE)
    edited(copied / room)
    assert recipe(tiny.llava(), CODE) != first


@pytest.mark.parametrize("room", ["job.py", "files.py", "errors.py", "figures/fig6.py", "experiments/steering.py"])
def test_what_carries_numbers_or_draws_them_discards_no_work(copied, room):
    first = recipe(tiny.llava(), CODE)
    edited(copied / room)
    assert recipe(tiny.llava(), CODE) == first
