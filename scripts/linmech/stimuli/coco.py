"""COCO-Spatial's file format (What'sUp): captions of two objects, and COCO's own boxes; `scenes` is written in it too.

`coco_qa_two_obj.json` (left/right/above/below) and `coco_qa_depth.json` (front/behind) list `[image_id, true caption,
false caption]`; images are `val2017/{id:012d}.jpg`; boxes come from `annotations/instances_*.json`.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from linmech.errors import LinmechError
from linmech.stimuli.composer import Placement
from linmech.stimuli.datasets import tabulate
from linmech.stimuli.layouts.stimulus import Query, Stimulus

CAPTION = re.compile(
    r"A photo of an? (?P<subject>.+?) (?P<relation>to the left of|to the right of|above|below|in front of|behind) "
    r"an? (?P<reference>.+)"
)
RELATIONS = {
    "to the left of": ("left-right", "left", "right"),
    "to the right of": ("left-right", "right", "left"),
    "above": ("above-below", "above", "below"),
    "below": ("above-below", "below", "above"),
    "in front of": ("front-behind", "front", "behind"),
    "behind": ("front-behind", "behind", "front"),
}
QUESTION_FILES = ("coco_qa_two_obj.json", "coco_qa_depth.json")


@dataclass(frozen=True)
class Annotation:
    """One object instance: category name, box [x, y, width, height] in pixels, depth in metres (NaN if unknown)."""

    noun: str
    box: tuple[float, float, float, float]
    depth: float = math.nan

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box in pixels."""
        return self.box[0] + self.box[2] / 2, self.box[1] + self.box[3] / 2

    @property
    def placement(self) -> Placement:
        """The instance as a placement: the box's centre and long side."""
        return Placement(self.noun, *self.centre, max(self.box[2:]), depth=self.depth)

    @property
    def edges(self) -> list[float]:
        """Box as [x0, y0, x1, y1] in pixels."""
        x, y, width, height = self.box
        return [x, y, x + width, y + height]


def caption(noun: str, relation: str, reference: str) -> str:
    """COCO-Spatial's sentence for a relation, e.g. "A photo of an apple to the left of a cup"."""
    return f"A photo of {_article(noun)} {noun} {relation} {_article(reference)} {reference}"


def parse_caption(text: str, file: str | Path) -> tuple[str, str, str, str, str]:
    """(kind, subject, reference, true option, false option) of a caption. Raises LinmechError for another sentence."""
    match = CAPTION.fullmatch(text.strip().rstrip("."))
    if not match:
        raise LinmechError(
            f"{file}: caption '{text}' is not 'A photo of a X to the left of|to the right of|above|below|"
            "in front of|behind a Y': correct the caption"
        )
    return (RELATIONS[match["relation"]][0], match["subject"], match["reference"], *RELATIONS[match["relation"]][1:])


def read_coco(folder: str | Path, images: str = "val2017") -> tuple[pd.DataFrame, pd.DataFrame]:
    """(manifest, questions) of a folder in COCO-Spatial's layout; one item per caption, boxes matched to the relation.

    A category must equal the noun; crowds are excluded; among several instances the pair that satisfies the relation
    with the largest margin is taken. Raises LinmechError for unreadable files, unknown images, nouns without a box.
    """
    folder = Path(folder)
    instances, sizes = _read_instances(folder)
    placed: dict[int, list[Annotation]] = {}
    queries: dict[int, list[Query]] = {}
    for path in (folder / name for name in QUESTION_FILES):
        if not path.exists() and path.name != QUESTION_FILES[0]:
            continue
        for number, (image, true, _) in enumerate(_load(path)):
            kind, subject, reference, answer, other = parse_caption(true, path)
            pair = _matching_pair(instances.get(image, []), subject, reference, answer)
            if image not in sizes or pair is None:
                raise LinmechError(
                    f"{path}: item {number} ('{true}') has no image {image} or no box of each noun in "
                    f"{folder / 'annotations'}: add the image and its annotations, or remove the item"
                )
            count = len(placed.setdefault(image, []))
            placed[image] += pair
            queries.setdefault(image, []).append(Query(kind, count, count + 1, -1, answer, other))
    stimuli = [
        Stimulus(f"{image:012d}", 0, tuple(a.placement for a in placed[image]), tuple(queries[image]))
        for image in sorted(placed)
    ]
    boxes = [[a.edges for a in placed[image]] for image in sorted(placed)]
    return tabulate(stimuli, [max(sizes[image]) for image in sorted(placed)], boxes, f"{images}/{{image}}.jpg")


def _read_instances(folder: Path) -> tuple[dict[int, list[Annotation]], dict[int, tuple[int, int]]]:
    """Annotations by image id without crowds, and (width, height) by image id, from all instances_*.json."""
    found: dict[int, list[Annotation]] = {}
    sizes: dict[int, tuple[int, int]] = {}
    paths = sorted((folder / "annotations").glob("instances_*.json"))
    if not paths:
        raise LinmechError(f"{folder / 'annotations'}: no instances_*.json: put COCO's instance annotations there")
    for path in paths:
        try:
            document = _load(path)
            names = {category["id"]: category["name"] for category in document["categories"]}
            sizes |= {image["id"]: (image["width"], image["height"]) for image in document["images"]}
            for entry in document["annotations"]:
                if not entry.get("iscrowd", 0):
                    annotation = Annotation(
                        names[entry["category_id"]], tuple(entry["bbox"]), entry.get("depth", math.nan)
                    )
                    found.setdefault(entry["image_id"], []).append(annotation)
        except (KeyError, TypeError) as error:
            raise LinmechError(f"{path}: key {error} is missing: is this COCO's instances format?") from error
    return found, sizes


def _matching_pair(
    annotations: Sequence[Annotation], subject: str, reference: str, answer: str
) -> tuple[Annotation, Annotation] | None:
    """The (subject, reference) instances that satisfy the relation best; None if a noun has no box."""

    def margin(pair: tuple[Annotation, Annotation]) -> float:
        (ax, ay), (bx, by) = pair[0].centre, pair[1].centre
        signed = {"left": bx - ax, "right": ax - bx, "above": by - ay, "below": ay - by}
        signed |= {"front": pair[1].depth - pair[0].depth, "behind": pair[0].depth - pair[1].depth}
        return signed[answer]

    pairs = [
        (a, b) for a in annotations for b in annotations if a is not b and a.noun == subject and b.noun == reference
    ]
    return max(pairs, key=margin) if pairs else None


def _load(path: Path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LinmechError(f"{path}: not readable as JSON ({error}): download or make it again") from error


def _article(noun: str) -> str:
    return "an" if noun[0].lower() in "aeiou" else "a"
