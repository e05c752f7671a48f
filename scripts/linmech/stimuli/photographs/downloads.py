"""COCO-Spatial from the network: What'sUp's questions, COCO's annotations, and those of its images that are asked for.

Of the archive of annotations size and SHA-256 are known (many who fetched it from COCO's server publish the same) and
checked. Of the questions and the single images nobody publishes a hash: `filed.locked` writes it down, once each is
what it should be (a list of items; a whole JPEG of the size that the annotations give).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.fetching import BrokenDownloadError, Patience
from linmech.stimuli.filed.locked import Locked

ARCHIVE = "http://images.cocodataset.org/annotations/annotations_trainval2017.zip"  # 252,907,541 bytes
ARCHIVE_SHA256 = "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268"
IMAGES = "http://images.cocodataset.org/val2017"
# the address that What'sUp's own code (dataset_zoo/aro_datasets.py of amitakamath/whatsup_vlms) fetches
QUESTIONS = "https://drive.google.com/uc?export=download&id=1TCEoM0mgFmz8T4cF7PQ3XJmO6JjtiQ-s"
ASKED, INSTANCES = "coco_qa_two_obj.json", "annotations/instances_val2017.json"


@dataclass(frozen=True)
class Download:
    """What to take from where, and with how much patience (`fetching.Patience`); `folder` is where it shall lie.

    `archive_sha256`: of the archive of annotations; "" = unknown, for a mirror that packs it otherwise.
    """

    folder: str | Path
    questions: str = QUESTIONS
    archive: str = ARCHIVE
    archive_sha256: str = ARCHIVE_SHA256
    images: str = IMAGES
    timeout_s: int | float = 60
    attempts: int = 3
    backoff_s: int | float = 2


def download(wanted: Download) -> pd.DataFrame:
    """Fill `wanted.folder` with what is not there yet; return the lock's rows of all files of the data set.

    LinmechError where a file is another one than the lock or the known hash says, and, after all images have been
    tried, naming those that cannot be had; what arrived stays, so that the next run goes on.
    """
    patience = Patience(float(wanted.timeout_s), wanted.attempts, float(wanted.backoff_s))
    locked = Locked(wanted.folder, patience)

    def unpacked(path: Path) -> None:
        """Take the instances out of the archive of annotations, and let the rest go."""
        with locked.archive(wanted.archive, wanted.archive_sha256) as packed:
            locked.unpack(packed, INSTANCES, path, _check_instances)

    locked.have(ASKED, wanted.questions, _check_questions)
    locked.have(INSTANCES, wanted.archive, _check_instances, unpacked)
    sizes, failures = _sizes(Path(wanted.folder) / INSTANCES), []
    asked = sorted({entry[0] for entry in json.loads((Path(wanted.folder) / ASKED).read_text(encoding="utf-8"))})
    files = {number: f"val2017/{number:012d}.jpg" for number in asked if number in sizes}  # others are refused later
    for number, file in tqdm(files.items(), desc="photographs", unit="image"):
        try:
            locked.have(file, f"{wanted.images.rstrip('/')}/{number:012d}.jpg", _check_image(sizes[number]))
        except LinmechError as error:
            failures.append(f"{number}: {error}")
    if failures:
        few = " | ".join(failures[:3])
        raise LinmechError(f"{len(failures)} of {len(files)} photographs are not there (run again to try these): {few}")
    return locked.listed({ASKED, INSTANCES, *files.values()})


def _check_questions(path: Path) -> None:
    """BrokenDownloadError unless the file lists items: [image id, true caption, false caption]."""
    entries = _json(path)
    if not isinstance(entries, list) or not entries or not all(_is_item(entry) for entry in entries):
        raise BrokenDownloadError("no list of [image id, true caption, false caption]")


def _is_item(entry: object) -> bool:
    return isinstance(entry, list) and [type(part) for part in entry] == [int, str, str]


def _check_instances(path: Path) -> None:
    """BrokenDownloadError unless the file is in COCO's instances format."""
    document = _json(path)
    if not isinstance(document, dict) or not {"images", "annotations", "categories"} <= set(document):
        raise BrokenDownloadError("not COCO's instances format")


def _check_image(size: tuple[int, int]) -> Callable[[Path], None]:
    """A check (BrokenDownloadError) that a file is a whole image of this width and height."""

    def check(path: Path) -> None:
        try:
            with Image.open(path) as image:
                image.load()
                found = image.size
        except (OSError, UnidentifiedImageError) as error:
            raise BrokenDownloadError(f"not a whole image ({error})") from error
        if found != size:
            raise BrokenDownloadError(f"it is {found[0]} x {found[1]} px, the annotations say {size[0]} x {size[1]}")

    return check


def _sizes(path: Path) -> dict[int, tuple[int, int]]:
    return {image["id"]: (image["width"], image["height"]) for image in _json(path)["images"]}


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BrokenDownloadError(f"not whole JSON ({error})") from error
