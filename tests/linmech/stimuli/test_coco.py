"""Laws of COCO-Spatial's format: every item is used or refused with its reason, and boxes are what the file says."""

import json

import numpy as np
import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.stimuli.coco import PHRASES, caption, parse_caption, read_coco
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import items_of
from linmech.stimuli.tables import save_dataset
from read_photographs import main


@pytest.mark.parametrize("answer", PHRASES)
@pytest.mark.parametrize("nouns", [("apple", "cup"), ("wine glass", "orange"), ("photo of a bear", "above")])
def test_a_caption_reads_back(answer, nouns):
    kind, subject, reference, told = parse_caption(caption(nouns[0], answer, nouns[1]))
    assert (subject, reference) == nouns and told == answer and answer in kind.split("-")


@pytest.mark.parametrize("text", ["Two dogs", None, 3])
def test_a_strange_caption_is_refused(text):
    with pytest.raises(LinmechError, match=f"caption {text!r} is not 'A photo of"):
        parse_caption(text)


RIGHT = caption("cat", "right", "dog")
LEFT = caption("cat", "left", "dog")


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
    (tmp_path / "coco_qa_two_obj.json").write_text(json.dumps([[7, RIGHT, LEFT], [7, LEFT, RIGHT]]))
    Image.new("RGB", (120, 100), (9, 8, 7)).save(tmp_path / "val2017" / f"{7:012d}.jpg")
    return tmp_path


def asked(folder, *entries) -> None:
    """Ask these items, and one good one."""
    (folder / "coco_qa_two_obj.json").write_text(json.dumps([[7, RIGHT, LEFT], *entries]))


def changed(folder, change) -> None:
    """Change the annotations."""
    path = folder / "annotations" / "instances_test.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_boxes_match_the_relation_the_whole_noun_and_no_crowd(coco_folder):
    manifest, questions, refused = read_coco(coco_folder)
    right, left = items_of(questions)
    assert (right.things["subject"].x, left.things["subject"].x) == (85, 5)
    assert right.things["subject"].box == (80.0, 0.0, 90.0, 10.0)
    assert {item.things["reference"].x for item in (right, left)} == {45}
    assert (right.answer, right.other, left.answer, left.other) == ("right", "left", "left", "right")
    assert questions.item.is_unique and set(questions.image) == {f"{7:012d}"} and refused.empty
    assert (manifest.width[0], manifest.height[0], right.width, right.height) == (120, 100, 120, 100)


def test_an_image_lists_every_instance_once_whatever_is_asked_about_it(coco_folder):
    manifest, questions, _ = read_coco(coco_folder)
    save_dataset(coco_folder, manifest, questions)
    placed = Dataset(coco_folder).placements(f"{7:012d}")
    assert [(each.noun, each.x) for each in placed] == [("cat", 5), ("cat", 85), ("dog", 45), ("cat toy", 101.5)]


def test_width_and_height_of_a_portrait_are_kept_apart(coco_folder):
    changed(coco_folder, lambda document: document["images"][0].update(width=100, height=400))
    manifest, questions, _ = read_coco(coco_folder)
    assert (manifest.width[0], manifest.height[0]) == (100, 400) == (questions.width[0], questions.height[0])


def test_images_of_a_coco_folder_are_read_from_their_files_under_their_own_names(coco_folder, tmp_path):
    (coco_folder / "val2017" / f"{7:012d}.jpg").rename(coco_folder / "val2017" / "seven.jpg")
    changed(coco_folder, lambda document: document["images"][0].update(file_name="seven.jpg"))
    main(coco_folder, tmp_path / "results" / "photos")
    assert Dataset(tmp_path / "results" / "photos").visual(f"{7:012d}").size == (120, 100)


def test_an_unreadable_image_is_named(coco_folder):
    manifest, questions, _ = read_coco(coco_folder)
    save_dataset(coco_folder, manifest, questions)
    (coco_folder / "val2017" / f"{7:012d}.jpg").write_bytes(b"no jpeg")
    with pytest.raises(LinmechError, match="000000000007.jpg: cannot be read"):
        Dataset(coco_folder).visual(f"{7:012d}")


COW = caption("cow", "above", "dog")
BELOW = caption("cow", "below", "dog")
REFUSED = [
    ([7, COW, BELOW], "no box of cow"),
    ([8, RIGHT, LEFT], "image 8 is not in the annotations"),
    ([7, RIGHT], "is not [image id, true caption, false caption]"),
    ({"image": 7}, "is not [image id, true caption, false caption]"),
    ([7, "Two dogs", LEFT], "caption 'Two dogs' is not"),
    ([7, RIGHT, RIGHT], "its false caption"),
    ([7, RIGHT, caption("cat", "below", "dog")], "its false caption"),
    ([7, caption("dog", "right", "cat toy"), caption("dog", "left", "cat toy")], "contradict 'right'"),
    ([7, caption("dog", "front", "cat"), caption("dog", "behind", "cat")], "their depth is not known"),
    ([7, caption("dog", "right", "dog"), caption("dog", "left", "dog")], "no two boxes of dog"),
]


@pytest.mark.parametrize(("entry", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_one_bad_item_is_refused_with_its_reason_and_the_others_are_used(coco_folder, entry, reason):
    asked(coco_folder, entry)
    _, questions, refused = read_coco(coco_folder)
    assert len(questions) == 1 and questions.answer[0] == "right"
    assert (refused.file[0], refused.item[0]) == ("coco_qa_two_obj.json", 1) and reason in refused.reason[0]


def test_an_item_whose_image_file_is_not_there_is_refused(coco_folder):
    changed(coco_folder, lambda document: document["images"].append({"id": 8, "width": 10, "height": 10}))
    copy = [{**entry, "image_id": 8} for entry in ANNOTATIONS(coco_folder)]
    changed(coco_folder, lambda document: document["annotations"].extend(copy))
    asked(coco_folder, [8, RIGHT, LEFT])
    _, questions, refused = read_coco(coco_folder)
    assert len(questions) == 1 and "000000000008.jpg does not exist" in refused.reason[0]


def ANNOTATIONS(folder):  # noqa: N802
    return json.loads((folder / "annotations" / "instances_test.json").read_text())["annotations"]


def test_the_script_lists_what_it_refuses_and_says_how_many(coco_folder, tmp_path, capsys):
    asked(coco_folder, [7, COW, BELOW])
    main(coco_folder, tmp_path / "photos")
    assert "1 items on 1 images are used, 1 refused" in capsys.readouterr().out
    assert "no box of cow" in (tmp_path / "photos" / "refused.tsv").read_text()


def test_a_folder_of_which_nothing_can_be_used_is_an_error(coco_folder):
    (coco_folder / "coco_qa_two_obj.json").write_text(json.dumps([[7, COW, BELOW]]))
    with pytest.raises(LinmechError, match="none of 1 items can be used: the first says no box of cow"):
        read_coco(coco_folder)


@pytest.mark.parametrize(("text", "said"), [("{", "not readable as JSON"), ("{}", "is this COCO's instances format")])
def test_broken_annotations_are_named(coco_folder, text, said):
    (coco_folder / "annotations" / "instances_test.json").write_text(text)
    with pytest.raises(LinmechError, match=f"instances_test.json: .*{said}"):
        read_coco(coco_folder)


def test_real_coco_items_are_all_used_or_refused(shared_data):
    manifest, questions, refused = read_coco(shared_data / "minicoco")
    assert len(questions) + len(refused) == 66 and len(refused) <= 3, refused.to_string()
    assert len(manifest) == questions.image.nunique() and (manifest.width != manifest.height).any()
    for item in items_of(questions):
        subject, reference = item.things["subject"], item.things["reference"]
        gap = {"left-right": subject.x - reference.x, "above-below": subject.y - reference.y}[item.kind]
        assert (gap < 0) == (item.answer in ("left", "above"))
        assert 0 <= subject.box[0] < subject.box[2] <= item.width + 1 and subject.box[3] <= item.height + 1
    picture = Dataset(shared_data / "minicoco")
    picture.__dict__["manifest"] = manifest.set_index("image", drop=False)
    assert np.asarray(picture.visual(manifest.image[0])).shape == (manifest.height[0], manifest.width[0], 3)
