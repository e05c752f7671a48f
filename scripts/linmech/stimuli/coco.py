"""COCO-Spatial's file format (What'sUp): captions of two objects, and COCO's own boxes; `scenes` is written in it too.

`coco_qa_two_obj.json` (left/right/above/below) and `coco_qa_depth.json` (front/behind) list `[image_id, true caption,
false caption]`; images are `val2017/{file_name}`; boxes come from `annotations/instances_*.json`.
"""

import json
import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.questions.kinds import KINDS
from linmech.questions.relations import AXES, gap
from linmech.stimuli.composer import Placement
from linmech.stimuli.filed.entries import REFUSED, Filed, RefusedError, check_some, entries, load
from linmech.stimuli.layouts.stimulus import Query, Stimulus
from linmech.stimuli.tables import tabulate

PHRASES = {
    "left": "to the left of", "right": "to the right of", "above": "above", "below": "below", "front": "in front of",
    "behind": "behind",
}  # fmt: skip
ANSWERS = {phrase: answer for answer, phrase in PHRASES.items()}
KIND = {answer: kind for kind in AXES for answer in KINDS[kind].options}
CAPTION = re.compile(rf"A photo of an? (?P<subject>.+?) (?P<relation>{'|'.join(ANSWERS)}) an? (?P<reference>.+)")
QUESTION_FILES = ("coco_qa_two_obj.json", "coco_qa_depth.json")


@dataclass(frozen=True)
class Annotation:
    """One object instance: category name, box [x, y, width, height] in pixels, depth in metres (NaN if unknown)."""

    noun: str
    box: tuple[float, float, float, float]
    depth: float = math.nan
    frame: int = 0

    @property
    def x(self) -> float:
        """The box's centre from the left, in pixels."""
        return self.box[0] + self.box[2] / 2

    @property
    def y(self) -> float:
        """The box's centre from the top, in pixels."""
        return self.box[1] + self.box[3] / 2

    @property
    def placement(self) -> Placement:
        """The instance as a placement: the box's centre and long side."""
        return Placement(self.noun, self.x, self.y, max(self.box[2:]), depth=self.depth)

    @property
    def edges(self) -> list[float]:
        """Box as [x0, y0, x1, y1] in pixels."""
        x, y, width, height = self.box
        return [x, y, x + width, y + height]


@dataclass
class _Photo:
    """What the annotations say of an image, and what is asked of it."""

    file: str
    width: int
    height: int
    instances: list[Annotation] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)


def caption(noun: str, answer: str, reference: str) -> str:
    """COCO-Spatial's sentence for a true answer, e.g. "A photo of an apple to the left of a cup" for "left"."""
    return f"A photo of {_article(noun)} {noun} {PHRASES[answer]} {_article(reference)} {reference}"


def parse_caption(text: object) -> tuple[str, str, str, str]:
    """(kind, subject, reference, answer) of a caption. Raises LinmechError for another sentence."""
    match = CAPTION.fullmatch(str(text).strip().rstrip("."))
    if not match:
        raise LinmechError(f"caption {text!r} is not 'A photo of a X {'|'.join(ANSWERS)} a Y'")
    answer = ANSWERS[match["relation"]]
    return KIND[answer], match["subject"], match["reference"], answer


def read_coco(folder: str | Path, beside: str | Path = "", images: str = "val2017") -> Filed:
    """A folder in COCO-Spatial's layout as a data set whose tables will lie in `beside` (default: the folder itself).

    An item asks about the two instances that satisfy its relation with the largest margin; categories must equal the
    nouns; crowds are no instances. All instances of an image are listed, whether they are asked about or not. An item
    is refused, with its reason, where its entry or its captions are broken, its image is not there, a noun has no box,
    or all boxes contradict it. Raises LinmechError for files that are missing or unreadable, and where nothing is left.
    """
    folder = Path(folder)
    photos, refused = _read_instances(folder, images), []
    for path in (folder / name for name in QUESTION_FILES):
        if path.name != QUESTION_FILES[0] and not path.exists():
            continue
        for number, entry in enumerate(entries(path, "COCO-Spatial's")):
            try:
                photo, query = _asked(photos, folder, entry)
                photo.queries.append(query)
            except (RefusedError, LinmechError) as reason:
                refused.append((path.name, number, str(reason)))
    used = {key: photos[key] for key in sorted(photos) if photos[key].queries}
    check_some(used, refused, folder)
    stimuli = [
        Stimulus(f"{key:012d}", 0, tuple(each.placement for each in photo.instances), tuple(photo.queries))
        for key, photo in used.items()
    ]
    sizes = [(photo.width, photo.height) for photo in used.values()]
    boxes = [[each.edges for each in photo.instances] for photo in used.values()]
    manifest, questions = tabulate(stimuli, sizes, boxes)
    where = Path(os.path.relpath(folder, beside or folder))
    manifest["file"] = [(where / photo.file).as_posix() for photo in used.values()]
    return Filed(manifest, questions, pd.DataFrame(refused, columns=REFUSED))


def _asked(photos: dict[int, _Photo], folder: Path, entry: object) -> tuple[_Photo, Query]:
    """The photograph of an entry and what is asked of it."""
    if not isinstance(entry, list) or len(entry) != 3:
        raise RefusedError(f"{json.dumps(entry)[:80]} is not [image id, true caption, false caption]")
    key, true, false = entry
    if not isinstance(key, int) or key not in photos:
        raise RefusedError(f"image {key!r} is not in the annotations")
    kind, subject, reference, answer = parse_caption(true)
    other = next(option for option in KINDS[kind].options if option != answer)
    if parse_caption(false) != (kind, subject, reference, other):
        raise RefusedError(f"its false caption {false!r} is not {caption(subject, other, reference)!r}")
    photo = photos[key]
    if not (folder / photo.file).is_file():
        raise RefusedError(f"{photo.file} does not exist")
    return photo, Query(kind, *_best_pair(photo.instances, kind, subject, reference, answer), -1, answer, other)


def _best_pair(found: Sequence[Annotation], kind: str, subject: str, reference: str, answer: str) -> tuple[int, int]:
    """Which two instances are (subject, reference): those that satisfy the relation with the largest margin."""
    sign = -1 if answer == KINDS[kind].options[0] else 1
    margins = {
        (i, j): sign * gap(kind, a, b)
        for i, a in enumerate(found)
        for j, b in enumerate(found)
        if i != j and a.noun == subject and b.noun == reference
    }
    absent = [noun for noun in (subject, reference) if noun not in {each.noun for each in found}]
    if not margins:
        raise RefusedError(f"no box of {' and '.join(absent)}" if absent else f"no two boxes of {subject}")
    best = max(margins, key=lambda pair: margins[pair])
    if not margins[best] > 0:
        raise RefusedError(f"the boxes of {subject} and {reference} contradict {answer!r}, or their depth is not known")
    return best


def _read_instances(folder: Path, images: str) -> dict[int, _Photo]:
    """The photographs by image id, with their instances but for crowds, from all instances_*.json."""
    photos: dict[int, _Photo] = {}
    paths = sorted((folder / "annotations").glob("instances_*.json"))
    if not paths:
        raise LinmechError(f"{folder / 'annotations'}: no instances_*.json: put COCO's instance annotations there")
    for path in paths:
        document = load(path)
        try:
            names = {category["id"]: category["name"] for category in document["categories"]}
            for image in document["images"]:
                name = image.get("file_name", f"{image['id']:012d}.jpg")
                photos.setdefault(image["id"], _Photo(f"{images}/{name}", image["width"], image["height"]))
            for entry in document["annotations"]:
                if not entry.get("iscrowd", 0) and min(entry["bbox"][2:]) > 0:
                    found = Annotation(names[entry["category_id"]], tuple(entry["bbox"]), entry.get("depth", math.nan))
                    photos[entry["image_id"]].instances.append(found)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise LinmechError(f"{path}: {error!r} while reading it: is this COCO's instances format?") from error
    return photos


def _article(noun: str) -> str:
    return "an" if noun[0].lower() in "aeiou" else "a"
