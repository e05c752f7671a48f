"""COCO-Spatial from the network: What'sUp's questions, COCO's annotations, and those of its images that are asked for.

Of the archive of annotations size and SHA-256 are known (many who fetched it from COCO's server publish the same) and
checked. Of the questions and the single images nobody publishes a hash: the first download writes them down in a lock
file, once each is what it should be (a list of items; a whole JPEG of the size that the annotations give), and every
later run verifies them. What is there already, by hand or by a run that was stopped, is not fetched again.
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.fetching import BrokenDownloadError, Patience, fetch
from linmech.files import atomic, sha256
from linmech.objects.index import read_table, write_table

ARCHIVE = "http://images.cocodataset.org/annotations/annotations_trainval2017.zip"  # 252,907,541 bytes
ARCHIVE_SHA256 = "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268"
IMAGES = "http://images.cocodataset.org/val2017"
# the address that What'sUp's own code (dataset_zoo/aro_datasets.py of amitakamath/whatsup_vlms) fetches
QUESTIONS = "https://drive.google.com/uc?export=download&id=1TCEoM0mgFmz8T4cF7PQ3XJmO6JjtiQ-s"
ASKED, INSTANCES = "coco_qa_two_obj.json", "annotations/instances_val2017.json"
LOCK = ["file", "sha256", "source"]


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

    @property
    def lock(self) -> Path:
        """The lock file, e.g. resources/coco.lock.tsv for the folder resources/coco."""
        return Path(self.folder).with_name(f"{Path(self.folder).name}.lock.tsv")

    def fetch(self, url: str, path: Path, check: Callable[[Path], None]) -> None:
        """Download `url` to `path`. FetchError where it cannot be had."""
        patience = Patience(float(self.timeout_s), self.attempts, float(self.backoff_s))
        fetch(url, path, patience=patience, check=check)


def download(wanted: Download) -> pd.DataFrame:
    """Fill `wanted.folder` with what is not there yet; return the lock's rows of all files of the data set.

    LinmechError where a file is another one than the lock or the known hash says, and, after all images have been
    tried, naming those that cannot be had; what arrived stays, so that the next run goes on.
    """
    lock = _read_lock(wanted.lock)

    def have(file: str, url: str, check: Callable[[Path], None], get: Callable[[Path], None] | None = None) -> None:
        path, same = Path(wanted.folder) / file, _same(file, lock, wanted, check)
        try:
            if not path.is_file():
                (get or (lambda to: wanted.fetch(url, to, same)))(path)
            same(path)
        except BrokenDownloadError as error:
            raise LinmechError(f"{path}: {error}; delete it and run again") from error
        if file not in lock:
            lock[file] = dict(zip(LOCK, (file, sha256(path), url), strict=True))
            write_table(pd.DataFrame([lock[name] for name in sorted(lock)], columns=LOCK), wanted.lock)

    have(ASKED, wanted.questions, _check_questions)
    have(INSTANCES, wanted.archive, _check_instances, lambda path: _unpacked(path, lock, wanted))
    sizes, failures = _sizes(Path(wanted.folder) / INSTANCES), []
    asked = sorted({entry[0] for entry in json.loads((Path(wanted.folder) / ASKED).read_text(encoding="utf-8"))})
    files = {number: f"val2017/{number:012d}.jpg" for number in asked if number in sizes}  # others are refused later
    for number, file in tqdm(files.items(), desc="photographs", unit="image"):
        try:
            have(file, f"{wanted.images.rstrip('/')}/{number:012d}.jpg", _check_image(sizes[number]))
        except LinmechError as error:
            failures.append(f"{number}: {error}")
    if failures:
        few = " | ".join(failures[:3])
        raise LinmechError(f"{len(failures)} of {len(files)} photographs are not there (run again to try these): {few}")
    return pd.DataFrame([lock[file] for file in sorted({ASKED, INSTANCES, *files.values()})], columns=LOCK)


def _unpacked(path: Path, lock: dict, wanted: Download) -> None:
    """Fetch the archive of annotations, take the instances out of it, and let the rest go."""
    archive = Path(wanted.folder) / "annotations.zip"

    def known(partial: Path) -> None:
        if wanted.archive_sha256 and sha256(partial) != wanted.archive_sha256:
            raise BrokenDownloadError(f"its sha256 is not {wanted.archive_sha256}")

    wanted.fetch(wanted.archive, archive, known)
    try:
        with zipfile.ZipFile(archive) as packed, atomic(path) as partial:
            partial.write_bytes(packed.read(INSTANCES))
            _same(INSTANCES, lock, wanted, _check_instances)(partial)
    except (zipfile.BadZipFile, KeyError) as error:
        raise LinmechError(f"{wanted.archive}: no archive that holds {INSTANCES} ({error})") from error
    finally:
        archive.unlink()


def _read_lock(path: Path) -> dict[str, dict[str, str]]:
    """The lock's rows by file; none where it does not exist."""
    return {row["file"]: row for row in read_table(path, LOCK).to_dict("records")} if path.is_file() else {}


def _same(file: str, lock: dict, wanted: Download, check: Callable[[Path], None]) -> Callable[[Path], None]:
    """A check that a file is the one that the lock knows; that it passes `check`, if the lock knows none."""

    def same(path: Path) -> None:
        if file in lock and sha256(path) != lock[file]["sha256"]:
            cure = f"delete it to fetch it again, or remove its line from {wanted.lock} to take what there is now"
            raise LinmechError(f"{file} of {wanted.folder} does not have the sha256 of the lock: {cure}")
        if file not in lock:
            check(path)

    return same


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
