"""Laws of a model with a fault: its share of items runs on the broken model, the others as if nothing were wrong."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image

import tiny
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.experiments.afflicting import Misseen, afflicted
from linmech.experiments.running import Reading
from linmech.experiments.swapping import Settings, measure_of
from linmech.models.encoding import encode
from linmech.models.faults import FAULTS, Fault
from linmech.stimuli.items import question
from linmech.stimuli.layouts.stimulus import Query
from linmech.stimuli.transforms import changed
from stored import pair, photographed

ASKED = Query("left-right", 0, 1, -1, "left", "right")
ITEMS = 24


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    made = [pair(f"{n}", ("frog", "car"), [(10, 20), (36, 24)], ASKED) for n in range(ITEMS)]
    shown = [(stimulus, tiny.image(n)) for n, stimulus in enumerate(made)]
    return photographed(tmp_path_factory.mktemp("faults") / "pairs", shown)


def clean(vlm, dataset):
    def measure(item, asked):
        return [Reading(beliefs(vlm, encode(vlm, [dataset.visual(item.visual)], [asked]))[0])]

    return measure


def believed(vlm, dataset, item):
    return afflicted(vlm, dataset, clean)(item, question(item))[0].scores.d


@pytest.mark.parametrize("kind", FAULTS)
def test_only_the_afflicted_items_differ_and_all_of_them_do(kind, dataset):
    vlm, fault = tiny.llava(), Fault(kind)
    for item in dataset.items():
        one, other = believed(vlm, dataset, item), believed(replace(vlm, fault=fault), dataset, item)
        assert (abs(one - other) > 1e-5) == fault.afflicts(item.id)
    assert 0 < sum(fault.afflicts(item.id) for item in dataset.items()) < ITEMS / 2


def test_which_items_a_fault_afflicts_depends_on_the_seed_and_the_kind_and_is_its_share():
    names = [str(number) for number in range(2000)]
    marks = {
        (kind, seed): [Fault(kind, 0.3, seed=seed).afflicts(name) for name in names]
        for kind in FAULTS
        for seed in (0, 1)
    }
    assert all(np.mean(each) == pytest.approx(0.3, abs=0.04) for each in marks.values())
    assert len({tuple(each) for each in marks.values()}) == len(marks)


def test_a_tower_that_sees_wrongly_sees_the_boxes_exchanged_also_in_the_mirror(dataset):
    item = dataset.items()[0]
    seen = Misseen(dataset.folder, item=item)
    a, b = (tuple(map(round, item.things[role].box)) for role in ("subject", "reference"))
    shown, wrong = (np.asarray(one.visual(item.visual)) for one in (dataset, seen))
    sizes = [(box[3] - box[1], box[2] - box[0]) for box in (a, b)]
    assert sizes[0] == sizes[1]  # so contents fit without stretching
    assert (wrong[a[1] : a[3], a[0] : a[2]] == shown[b[1] : b[3], b[0] : b[2]]).all()
    assert (wrong[b[1] : b[3], b[0] : b[2]] == shown[a[1] : a[3], a[0] : a[2]]).all()
    mirrored = np.asarray(seen.visual(item.visual, "mirror"))
    assert (mirrored == wrong[:, ::-1]).all() and (wrong != shown).any()


def test_a_swap_in_an_afflicted_item_still_carries_all_that_the_donor_does(dataset):
    for kind in FAULTS:
        vlm = replace(tiny.llava(), fault=Fault(kind, share=0.999))
        measure = afflicted(vlm, dataset, partial(measure_of, settings=Settings("x", selectors=("image", "text"))))
        item = dataset.items()[0]
        own, donor, *swaps = (reading.scores.d for reading in measure(item, question(item)))
        assert swaps[0] + swaps[1] != 2 * own and donor != own  # layer 0: the whole image is the donor's
        assert swaps[0] == pytest.approx(donor, abs=1e-4)


def test_a_picture_without_boxes_cannot_be_missed(dataset):
    item = dataset.items()[0]
    things = {role: replace(thing, box=None) for role, thing in item.things.items()}
    with pytest.raises(LinmechError, match="fault vision needs the boxes of two nouns"):
        Misseen(dataset.folder, item=replace(item, things=things)).visual(item.visual)


def test_boxes_of_other_sizes_are_stretched_and_a_wrong_box_is_told():
    image = Image.fromarray(np.arange(48 * 48 * 3, dtype=np.uint8).reshape(48, 48, 3))
    wrong = np.asarray(changed(image, "exchange:0,0,8,8,20,20,36,36"))
    assert np.abs(wrong[20:36, 20:36].mean((0, 1)) - np.asarray(image)[:8, :8].mean((0, 1))).max() < 8
    with pytest.raises(LinmechError, match="write exchange:x0,y0,x1,y1,x0,y0,x1,y1"):
        changed(image, "exchange:0,0,8,8")
    with pytest.raises(LinmechError, match="outside the picture"):
        changed(image, "exchange:0,0,8,8,50,0,60,8")
