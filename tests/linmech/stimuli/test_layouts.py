"""Laws of the layouts and of the data sets on disk."""

from collections import Counter

import numpy as np
import pytest

from discs import COMPOSED, NOUNS, VIEWS
from linmech.errors import LinmechError
from linmech.stimuli.composer import box, compose, from_json
from linmech.stimuli.datasets import load_dataset, save_dataset, tabulate_composed
from linmech.stimuli.layouts.near_far import near_far
from linmech.stimuli.layouts.stimulus import NEAR, ordered_pairs


@pytest.mark.parametrize("dataset", COMPOSED)
def test_a_layout_is_deterministic_and_its_images_and_items_are_unique(dataset, sprites):
    manifest, questions = tabulate_composed(COMPOSED[dataset](NOUNS), sprites, 128)
    again, _ = tabulate_composed(COMPOSED[dataset](NOUNS), sprites, 128)
    assert manifest.equals(again)
    assert manifest.image.is_unique and questions.item.is_unique
    assert set(questions.image) == set(manifest.image)


@pytest.mark.parametrize("dataset", COMPOSED)
def test_every_object_lies_inside_the_image_and_overlaps_no_other(dataset, sprites):
    for stimulus in COMPOSED[dataset](NOUNS):
        boxes = np.array([box(p, sprites) for p in stimulus.placements])
        assert boxes.min() >= -1 and boxes.max() <= 129
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


@pytest.mark.parametrize("dataset", ["pairs", "near-far", "in-between"])
def test_answers_follow_from_where_the_objects_are(dataset, sprites):
    _, questions = tabulate_composed(COMPOSED[dataset](NOUNS), sprites, 128)
    for row in questions.itertuples():
        gap = np.array([row.subject_x - row.reference_x, row.subject_y - row.reference_y])
        if row.kind == "left-right" and row.answer:
            assert row.answer == ("left" if gap[0] < 0 else "right")
        elif row.kind == "above-below" and row.answer:
            assert row.answer == ("above" if gap[1] < 0 else "below")
        elif row.kind == "near-far":
            assert row.answer == ("near" if np.hypot(*gap) < 128 * NEAR else "far")
        elif row.kind == "in-between":
            axis = "x" if abs(row.reference_x - row.third_x) > abs(row.reference_y - row.third_y) else "y"
            s, r, t = (getattr(row, f"{role}_{axis}") for role in ("subject", "reference", "third"))
            assert row.answer == ("yes" if min(r, t) < s < max(r, t) else "no")


@pytest.mark.parametrize("dataset", ["near-far", "in-between", "pairs"])
def test_answers_are_balanced(dataset, sprites):
    _, questions = tabulate_composed(COMPOSED[dataset](NOUNS), sprites, 128)
    counts = Counter(questions[questions.kind == questions.kind[0]].answer)
    assert min(counts.values()) >= 0.3 * sum(counts.values())


def test_every_noun_is_subject_and_reference_equally_often():
    pairs = ordered_pairs(NOUNS, 12, 0)
    assert len(set(pairs)) == 12
    assert set(Counter(a for a, _ in pairs).values()) == set(Counter(b for _, b in pairs).values()) == {2}


def test_too_many_pairs_are_refused_with_the_cure():
    with pytest.raises(LinmechError, match="lower the number of pairs"):
        ordered_pairs(NOUNS, 31, 0)


def test_a_longer_dataset_begins_with_the_shorter_one():
    short = list(near_far(NOUNS, VIEWS, 3, items=5, side=128))
    assert list(near_far(NOUNS, VIEWS, 3, items=30, side=128))[:5] == short


def test_grid_objects_stand_at_the_centres_of_two_different_cells():
    for stimulus in COMPOSED["grid"](NOUNS):
        a, b = stimulus.placements
        assert (a.column, a.row) != (b.column, b.row)
        assert (a.x, a.y) == (32 * a.column + 16, 32 * a.row + 16)


def test_a_dataset_reads_back_and_composes_its_images(tmp_path, sprites):
    manifest, questions = tabulate_composed(COMPOSED["pairs"](NOUNS), sprites, 128)
    save_dataset(tmp_path, manifest, questions)
    dataset = load_dataset(tmp_path, sprites)
    image = dataset.image("00003")
    row = manifest.set_index("image").loc["00003"]
    assert (np.asarray(image) == compose(from_json(row.objects), sprites, int(row.background), 128)).all()
    assert dataset.questions.equals(questions)


def test_a_broken_table_is_named(tmp_path, sprites):
    (tmp_path / "manifest.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(LinmechError, match="manifest.parquet.*delete it"):
        load_dataset(tmp_path, sprites)
