"""Laws of `linmech probe`: it finds the places and the turn that were planted, and what cannot be asked is one line."""

import json
from dataclasses import replace

import numpy as np
import pytest

import planted
import tiny
from linmech.console.main import main
from linmech.console.probing import STEPS, probe
from linmech.console.telling import paragraph
from linmech.errors import LinmechError
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, save_ids
from linmech.models.declared import Declared
from probe_image import main as probe_image

LAYER = 2


@pytest.fixture(scope="module")
def plant():
    return planted.plant(LAYER)


@pytest.fixture(scope="module")
def ids(plant):
    column, row = np.indices((4, 4))[..., None] - 1.5
    grid = column * plant.W[0].numpy() + row * plant.W[1].numpy()
    nouns = {noun: np.zeros(plant.vlm.hidden) for noun in plant.nouns}
    none = np.zeros_like(grid)
    found = [Ids(none, none, none, axes_of(none), layer, "planted", nouns=nouns) for layer in (1, 3)]
    return {1: found[0], LAYER: Ids(grid, grid, grid, axes_of(grid), LAYER, "planted", nouns=nouns), 3: found[1]}


def box(column, row, side=12):
    return (column * side, row * side, (column + 1) * side, (row + 1) * side)


# The planted belief is a function of the mean of both nouns' places: left and above where that lies left and above.
PICTURE = planted.paint((0, 1), (1, 0))


def test_places_maps_and_the_turn_are_those_that_were_planted(plant, ids):
    found = probe(plant.vlm, ids, PICTURE, plant.nouns)
    assert (found.answer, found.other, found.shown, found.part) == ("left", "right", LAYER, "")
    assert found.at.places["frog"] == pytest.approx((0.125, 0.375), abs=1e-4)
    assert found.at.places["car"] == pytest.approx((0.375, 0.125), abs=1e-4)
    best = np.unravel_index(np.argmax(found.at.maps["car"]), (4, 4))
    assert best == (0, 1) and np.max(found.at.maps["car"]) == pytest.approx(1, abs=1e-5)
    assert found.at.moved[STEPS.index(0.0)] == pytest.approx(found.belief, abs=1e-4)
    assert (np.diff(found.at.moved) < 0).all(), "moved to the right, it is less and less to the left"
    assert "answers left, by" in paragraph(found) and "moved 2.0 cells to the right" in paragraph(found).lower()


def test_an_answer_is_judged_where_boxes_are_given(plant, ids):
    right = probe(plant.vlm, ids, PICTURE, plant.nouns, boxes={"frog": box(0, 1), "car": box(1, 0)})
    wrong = probe(plant.vlm, ids, PICTURE, plant.nouns, boxes={"frog": box(3, 1), "car": box(2, 0)})
    assert (right.truth, right.part) == ("left", "") and "which is right" in paragraph(right)
    assert (wrong.truth, wrong.part) == ("right", "vision") and "before they are bound" in paragraph(wrong)


def test_a_noun_that_the_processor_cuts_off_is_named(plant, ids):
    wide = PICTURE.resize((96, 48))
    found = probe(plant.vlm, ids, wide, plant.nouns, boxes={"frog": (0, 12, 12, 24), "car": (40, 0, 52, 12)})
    assert found.unseen == ("frog",) and "the centre of the frog lies outside" in paragraph(found)
    assert "lies outside" not in paragraph(probe(plant.vlm, ids, wide, plant.nouns))


def test_above_and_below_are_asked_along_the_other_axis(plant, ids):
    found = probe(plant.vlm, ids, PICTURE, plant.nouns, "above-below")
    assert (found.answer, found.coordinate) == ("above", "row") and "cells down there" in paragraph(found)


def test_a_noun_that_the_ids_do_not_know_is_counted_from_a_blank_picture(plant, ids):
    unknown = {layer: replace(each, nouns={}) for layer, each in ids.items()}
    found = probe(plant.vlm, unknown, PICTURE, plant.nouns)
    assert found.at.places["frog"] == pytest.approx((0.5, 0.75), abs=1e-4), "blank, it is in the first cell"
    assert found.strange == plant.nouns and f"No IDs were read at {' and '.join(plant.nouns)}" in paragraph(found)
    assert "No IDs" not in paragraph(probe(plant.vlm, ids, PICTURE, plant.nouns))


def test_what_cannot_be_asked_is_said(plant, ids):
    for how, words in (
        ({"nouns": ("frog", "frog")}, "name two different ones"),
        ({"nouns": plant.nouns, "kind": "near-far"}, "left-right or above-below"),
        ({"nouns": plant.nouns, "boxes": {"cow": (0, 0, 1, 1)}}, "'cow', which is not asked about"),
    ):
        with pytest.raises(LinmechError, match=words):
            probe(plant.vlm, ids, PICTURE, **how)


def test_the_command_leaves_a_picture_and_its_numbers(tmp_path, capsys):
    folder = tiny.llava_folder(tmp_path, 0)
    declared = Declared("tiny", str(folder), tiny.llava().n_layers).identified()
    (tmp_path / "results/models").mkdir(parents=True), (tmp_path / "results/ids/spatial").mkdir(parents=True)
    declared.write(tmp_path / "results/models/tiny.json")
    draw = np.random.default_rng(0)
    grids = draw.normal(size=(declared.layers + 1, 4, 4, tiny.HIDDEN))
    save_ids(
        tmp_path / "results/ids/spatial/tiny.h5",
        [
            Ids(grid, grid, grid, axes_of(grid), n, "tiny", fingerprint=declared.fingerprint)
            for n, grid in enumerate(grids)
        ],
    )
    photo = tmp_path / "photo.png"
    tiny.image().save(photo)
    where = ["--model", "tiny", "--results", str(tmp_path / "results"), "--out", str(tmp_path / "out")]
    assert main(["probe", str(photo), "dog", "car", *where, "--box", "dog:0,0,9,9", "--box", "car:30,0,40,9"]) == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert f"answers {told['answer']}" in capsys.readouterr().out and len(told["layers"]) == declared.layers + 1
    assert (tmp_path / "out.png").stat().st_size > 10_000 and told["truth"] == "left"
    asked = {"nouns": ["dog", "car"], "boxes": {"dog": [0, 0, 9, 9], "car": [30, 0, 40, 9]}}
    probe_image(photo, tmp_path / "results/models/tiny.json", tmp_path / "rule.txt", "cpu", asked)
    assert json.loads((tmp_path / "rule.json").read_text()) == told, "the rule does what the command does"
    assert f"answers {told['answer']}" in (tmp_path / "rule.txt").read_text() and (tmp_path / "rule.pdf").is_file()
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    for arguments in (
        [str(tmp_path / "broken.jpg"), "dog", "car", *where],
        [str(photo), "dog", "car", "--model", "other", "--results", str(tmp_path / "results")],
        [str(photo), "dog", "car", *where, "--box", "dog:9"],
    ):
        assert main(["probe", *arguments]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [any(words in line for line in lines) for words in ("cannot be read", "run snakemake", "NOUN:X0")] == [
        True
    ] * 3
