"""Laws of scenes: all stand on the ground as ever, or, with rho, height and depth are tied as often as it says."""

import json

import numpy as np
import pytest
from scipy.stats import binom

from linmech.objects.builtin.collection import build
from linmech.questions.relations import truth
from linmech.rendering.ground import Camera
from linmech.seeds import rng
from linmech.stimuli.coco import read_coco
from linmech.stimuli.items import items_of
from linmech.stimuli.scenes import write_scenes
from linmech.stimuli.stage import Stage, stage_source
from linmech.stimuli.standing import DEPTH_GAP, GAP, Order, at_heights

NOUNS = ["apple", "car", "chair", "house", "piggy bank", "robot", "table", "tree"]
SIDE, SCENES = 96, 60


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage({noun: build(noun) for noun in NOUNS}, SIDE)


def chosen(count: int, *key) -> tuple[list[str], np.random.Generator]:
    draw = rng(0, *key)
    return [str(noun) for noun in draw.permutation(NOUNS)[:count]], draw


@pytest.fixture(scope="module")
def untied(stage) -> dict[float, list[list]]:
    """The annotations of scenes of two or three things, by rho."""
    return {
        rho: [stage.scene(*chosen(2 + n % 2, "untied", n), rho).annotations for n in range(SCENES)]
        for rho in (0.5, 0.97)
    }


@pytest.fixture
def drawn(stage, monkeypatch) -> list:
    """What the renderer is given: the arguments and the image of every call."""
    calls, render = [], stage.renderer.render_scene

    def noted(objects, camera, props=()):
        calls.append((objects, camera, props, render(objects, camera, props=props)))
        return calls[-1][-1]

    monkeypatch.setattr(stage.renderer, "render_scene", noted)
    return calls


def lower_is_nearer(a, b) -> bool:
    return (a.y - b.y) * (a.depth - b.depth) < 0


@pytest.mark.parametrize("rho", [0.5, 0.97])
def test_the_lower_of_the_two_is_the_nearer_one_in_a_share_rho_of_the_scenes(untied, rho):
    tied = sum(lower_is_nearer(*found[:2]) for found in untied[rho])
    least, most = binom.interval(0.999, SCENES, rho)
    assert least <= tied <= most


def test_the_two_are_clearly_apart_in_height_and_in_depth_in_every_scene(untied):
    for a, b, *_ in [found for scenes in untied.values() for found in scenes]:
        assert abs(a.y - b.y) > GAP * SIDE and abs(a.depth - b.depth) > DEPTH_GAP
        for kind, clear in (("above-below", GAP * SIDE), ("front-behind", DEPTH_GAP)):
            assert truth(kind, [a, b], SIDE, clear)


def test_either_of_the_two_is_the_nearer_one_equally_often(untied):
    nearer = sum(a.depth < b.depth for scenes in untied.values() for a, b, *_ in scenes)
    least, most = binom.interval(0.999, 2 * SCENES, 0.5)
    assert least <= nearer <= most


def test_a_scene_is_tied_or_not_as_a_whole(untied):
    for a, b, c in [found for found in untied[0.5] if len(found) == 3]:
        apart = [(one, other) for one, other in ((a, c), (b, c)) if abs(one.y - other.y) > 0.08 * SIDE]
        assert all(lower_is_nearer(*pair) == lower_is_nearer(a, b) for pair in apart)


def test_a_box_is_that_of_the_object_alone_whatever_holds_it(stage, drawn):
    held = 0
    for n in range(20):
        found = stage.scene(*chosen(2, "held", n), 0.5)
        objects, camera, props, shown = drawn[-1]
        without = stage.renderer.render_scene(objects, camera)
        held += bool(props)
        assert (shown.masks == without.masks).all() and (found.labels >= 0).sum() == without.masks.any(0).sum()
        assert not props or (shown.rgba != without.rgba).any()
        for mask, depth, each in zip(without.masks, without.depth, found.annotations, strict=True):
            rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
            assert each.edges == [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] and each.depth == depth
    assert held > 5


def test_about_half_of_what_is_in_the_air_hovers_and_nothing_is_below_the_ground(stage):
    shapes = [stage.renderer.extents(stage.meshes[noun]) for noun in NOUNS[:2]]
    spots = []
    for n in range(300):
        draw = rng(0, "spots", n)
        spots += at_heights(shapes, Camera(height=draw.uniform(1.4, 2.1), z=3.8), Order.drawn(0.5, draw), draw)
    assert len(spots) > 590 and min(spot.lift for spot in spots) == 0
    air = [spot for spot in spots if spot.lift > 0.05]
    assert 0.6 < len(air) / len(spots) < 0.85 and 0.4 < np.mean([spot.prop == "" for spot in air]) < 0.6


def test_without_rho_all_stand_on_the_ground_in_places_that_never_change(stage, drawn):
    draw = rng(0, "golden")
    stage.scene(["apple", "car"], draw)
    objects, camera, props, _ = drawn[0]
    assert camera == Camera(1.9220212650932902, -13.486812888170682, 43.19553942377463, 0.0, 3.851316861316906)
    places = [(0.2927901760756608, -1.2095098285549528, 59.466140721369285, 0.9967653244258445, 0.0)]
    places += [(1.4027904467916987, -2.5348438512670053, 45.49339398477517, 0.9420281582043234, 0.0)]
    assert [tuple(item[1:]) for item in objects] == places and not props
    assert len(drawn) > 1 or draw.integers(2**40) == 10236306032


def test_a_scene_depends_on_its_generator_and_on_rho_alone(stage):
    one, again, tied = (stage.scene(*chosen(2, "same"), rho) for rho in (0.5, 0.5, 1))
    assert (one.image == again.image).all() and one.annotations == again.annotations
    assert lower_is_nearer(*tied.annotations)
    image, placed, labels = stage_source(stage, 0.5)(*chosen(2, "same"))
    assert (image == one.image).all() and (labels == one.labels).all()
    assert [each.depth for each in placed] == [each.depth for each in one.annotations]


def test_height_and_depth_are_asked_of_the_same_scenes(stage, tmp_path):
    asks = ["left-right", "above-below", "front-behind"]
    write_scenes(stage, [("apple", "car"), ("robot", "tree")], 8, 0, tmp_path, iter, asks=asks, rho=0.5)
    manifest, questions, refused = read_coco(tmp_path)
    assert len(manifest) == 8 and refused.empty
    for kind in asks[1:]:
        assert set(questions.image[questions.kind == kind]) == set(manifest.image)
    for item in items_of(questions):
        assert truth(item.kind, list(item.things.values()), SIDE) == (item.answer, item.other)
    document = json.loads((tmp_path / "annotations/instances_scenes.json").read_text())
    assert len(document["annotations"]) >= 16 and {"bbox", "depth"} < set(document["annotations"][0])
