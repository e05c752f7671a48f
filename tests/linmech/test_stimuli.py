"""Laws of the composer, the layouts, the datasets on disk and COCO-Spatial's format."""

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from linmech import layouts
from linmech.backgrounds import background
from linmech.coco import caption, parse_caption, read_coco
from linmech.composer import COLOURS, Placement, box, compose, from_json, tint, to_json
from linmech.errors import LinmechError
from linmech.stimuli import load_dataset, save_dataset, tabulate_composed

NOUNS = ["apple", "cup", "hat", "tree", "wine glass", "key"]
VIEWS = 2
COMPOSED = {
    "grid": lambda nouns: layouts.grid(nouns, VIEWS, 0, pairs=6, placements=20, sizes=[30, 22], cell=32),
    "pairs": lambda nouns: layouts.pairs(nouns, VIEWS, 0, items=40, side=128),
    "near-far": lambda nouns: layouts.near_far(nouns, VIEWS, 0, items=40, side=128),
    "in-between": lambda nouns: layouts.in_between(nouns, VIEWS, 0, items=40, side=128),
}


@pytest.fixture(scope="module")
def sprites() -> dict:
    """Coloured discs of different aspect."""
    made = {}
    for number, noun in enumerate(NOUNS):
        for view in range(VIEWS):
            height, width = 40, 20 + 4 * number
            y, x = np.mgrid[:height, :width]
            inside = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2 < 1
            pixels = np.zeros((height, width, 4), np.uint8)
            pixels[inside] = (40 * number, 100 + 50 * view, 200 - 30 * number, 255)
            made[noun, view] = pixels
    return made


def test_a_background_depends_on_its_seed_alone():
    assert (background(7, 64) == background(7, 64)).all()
    assert np.abs(background(7, 64).astype(int) - background(8, 64)).mean() > 5


def test_composing_twice_gives_the_same_pixels_and_each_object_changes_only_its_box(sprites):
    one = [Placement("apple", 40, 50, 30)]
    two = [*one, Placement("wine glass", 90, 90, 24)]
    first, second = compose(one, sprites, 5, 128), compose(two, sprites, 5, 128)
    assert (first == compose(one, sprites, 5, 128)).all()
    left, top, right, bottom = (int(edge) for edge in box(two[1], sprites))
    assert max(right - left, bottom - top) == 24
    changed = (first != second).any(-1)
    assert changed[top:bottom, left:right].mean() > 0.5
    changed[top:bottom, left:right] = False
    assert not changed.any()


def test_a_noun_without_a_sprite_is_named(sprites):
    with pytest.raises(LinmechError, match="no sprite of 'zebra'"):
        compose([Placement("zebra", 10, 10, 10)], sprites, 0, 64)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_tint_keeps_the_alpha_and_brings_the_hue(sprites, colour):
    tinted = tint(sprites["apple", 0], colour)
    assert (tinted[..., 3] == sprites["apple", 0][..., 3]).all()
    seen = tinted[tinted[..., 3] > 0][:, :3].mean(0)
    wanted = np.array(COLOURS[colour])
    assert np.dot(seen, wanted) / np.linalg.norm(seen) / np.linalg.norm(wanted) > 0.99


def test_no_tint_changes_nothing(sprites):
    assert tint(sprites["apple", 0], "") is sprites["apple", 0]


def test_placements_survive_the_manifest(sprites):
    placed = [Placement("cup", 20.5, 30.25, 12, 1, "red", 2, 3, 1.5)]
    assert from_json(to_json(placed, [box(placed[0], sprites)])) == placed


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
            assert row.answer == ("near" if np.hypot(*gap) < 128 * layouts.NEAR else "far")
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
    pairs = layouts.ordered_pairs(NOUNS, 12, 0)
    assert len(set(pairs)) == 12
    assert set(Counter(a for a, _ in pairs).values()) == set(Counter(b for _, b in pairs).values()) == {2}


def test_too_many_pairs_are_refused_with_the_cure():
    with pytest.raises(LinmechError, match="lower the number of pairs"):
        layouts.ordered_pairs(NOUNS, 31, 0)


def test_a_longer_dataset_begins_with_the_shorter_one():
    short = list(layouts.near_far(NOUNS, VIEWS, 3, items=5, side=128))
    assert list(layouts.near_far(NOUNS, VIEWS, 3, items=30, side=128))[:5] == short


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


@pytest.mark.parametrize("relation", ["to the left of", "to the right of", "above", "below", "in front of", "behind"])
@pytest.mark.parametrize("nouns", [("apple", "cup"), ("wine glass", "orange"), ("photo of a bear", "above")])
def test_a_caption_reads_back(relation, nouns):
    kind, subject, reference, answer, other = parse_caption(caption(nouns[0], relation, nouns[1]), "file")
    assert (subject, reference) == nouns
    assert answer in relation and answer != other and kind.replace("-", " ")


def test_a_strange_caption_is_refused():
    with pytest.raises(LinmechError, match=r"qa.json: caption 'Two dogs'"):
        parse_caption("Two dogs", "qa.json")


@pytest.fixture
def coco_folder(tmp_path):
    """One image with two cats, a 'cat toy', a crowd of dogs and a dog."""
    (tmp_path / "annotations").mkdir()
    (tmp_path / "val2017").mkdir()
    names = {1: "cat", 2: "dog", 3: "cat toy"}
    boxes = [
        (1, [0, 0, 10, 10], 0),
        (1, [80, 0, 10, 10], 0),
        (2, [0, 0, 90, 90], 1),
        (2, [40, 0, 10, 10], 0),
        (3, [99, 0, 5, 5], 0),
    ]
    document = {
        "images": [{"id": 7, "width": 120, "height": 100}],
        "categories": [{"id": number, "name": name} for number, name in names.items()],
        "annotations": [
            {"id": n, "image_id": 7, "category_id": c, "bbox": b, "iscrowd": crowd}
            for n, (c, b, crowd) in enumerate(boxes)
        ],
    }
    (tmp_path / "annotations" / "instances_test.json").write_text(json.dumps(document))
    right = "A photo of a cat to the right of a dog"
    questions = [[7, right, right.replace("right", "left")], [7, right.replace("right", "left"), right]]
    (tmp_path / "coco_qa_two_obj.json").write_text(json.dumps(questions))
    Image.new("RGB", (120, 100), (9, 8, 7)).save(tmp_path / "val2017" / f"{7:012d}.jpg")
    return tmp_path


def test_boxes_match_the_relation_the_whole_noun_and_no_crowd(coco_folder):
    manifest, questions = read_coco(coco_folder)
    assert list(questions.subject_x) == [85, 5]
    assert list(questions.reference_x) == [45, 45]
    assert list(questions.answer) == ["right", "left"]
    assert questions.item.is_unique and set(questions.image) == {f"{7:012d}"}
    assert manifest.size_px.tolist() == [120]


def test_images_of_a_coco_folder_are_read_from_their_files(coco_folder, sprites):
    save_dataset(coco_folder, *read_coco(coco_folder))
    assert load_dataset(coco_folder, sprites).image(f"{7:012d}").size == (120, 100)


def test_an_unreadable_image_is_named(coco_folder, sprites):
    save_dataset(coco_folder, *read_coco(coco_folder))
    (coco_folder / "val2017" / f"{7:012d}.jpg").write_bytes(b"no jpeg")
    with pytest.raises(LinmechError, match="000000000007.jpg: cannot be read"):
        load_dataset(coco_folder, sprites).image(f"{7:012d}")


def test_a_question_about_an_unknown_noun_is_refused(coco_folder):
    (coco_folder / "coco_qa_two_obj.json").write_text(json.dumps([[7, "A photo of a cow above a dog", ""]]))
    with pytest.raises(LinmechError, match="item 0.*no box of each noun"):
        read_coco(coco_folder)


def test_broken_json_is_named(coco_folder):
    (coco_folder / "annotations" / "instances_test.json").write_text("{")
    with pytest.raises(LinmechError, match="instances_test.json: not readable as JSON"):
        read_coco(coco_folder)


def test_real_coco_items_read(shared_data):
    manifest, questions = read_coco(shared_data / "minicoco")
    assert len(questions) == 66 and len(manifest) == questions.image.nunique()
    left = questions[questions.answer == "left"]
    assert (left.subject_x < left.reference_x).mean() > 0.9
