"""Laws of COCO-Spatial's format."""

import json

import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.stimuli.coco import caption, parse_caption, read_coco
from linmech.stimuli.datasets import load_dataset, save_dataset


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
