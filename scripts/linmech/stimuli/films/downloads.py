"""MVBench's scene transitions from the network: the list of items, and their videos out of one archive.

Nobody publishes hashes that were at hand here: `filed.locked` writes down what the first download brought, and later
runs verify it. What an archive does not hold is refused when the data set is read.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.fetching import BrokenDownloadError, Patience
from linmech.stimuli.filed.entries import RefusedError, load
from linmech.stimuli.filed.locked import Locked
from linmech.stimuli.films.mvbench import TASK, VIDEOS, parse

SERVED = "https://huggingface.co/datasets/OpenGVLab/MVBench/resolve/main"


@dataclass(frozen=True)
class Download:
    """What to take from where, and with how much patience (`fetching.Patience`); `folder` is where it shall lie.

    `archive_sha256`: of the archive of videos; "" = not known.
    """

    folder: str | Path
    task: str = f"{SERVED}/{TASK}"
    archive: str = f"{SERVED}/video/scene_qa.zip"
    archive_sha256: str = ""
    timeout_s: int | float = 60
    attempts: int = 3
    backoff_s: int | float = 2


def download(wanted: Download) -> pd.DataFrame:
    """Fill `wanted.folder` with what is not there yet; return the lock's rows of all files of the data set.

    The archive is fetched only where a video is not there, and let go once it is unpacked. LinmechError where a file is
    another one than the lock or the hash says, and where one that the lock knows is no longer to be had.
    """
    patience = Patience(float(wanted.timeout_s), wanted.attempts, float(wanted.backoff_s))
    locked = Locked(wanted.folder, patience)
    locked.have(TASK, wanted.task, _check_task)
    names = _named(Path(wanted.folder) / TASK)
    files = {name: f"{VIDEOS}/{name}" for name in names}
    there = {name for name in names if (Path(wanted.folder) / files[name]).is_file()}
    for name in sorted(there):
        locked.have(files[name], wanted.archive, _any)
    if missing := sorted(set(names) - there):
        with locked.archive(wanted.archive, wanted.archive_sha256) as packed:
            members = {Path(member).name: member for member in packed.namelist() if "video" in Path(member).parts[:-1]}
            for name in tqdm([name for name in missing if name in members], desc="videos", unit="video"):
                get = partial(_unpack, locked, packed, members[name])
                locked.have(files[name], wanted.archive, _any, get)
                there.add(name)
    return locked.listed({TASK, *(files[name] for name in there)})


def _unpack(locked: Locked, packed, member: str, path: Path) -> None:
    locked.unpack(packed, member, path, _any)


def _any(path: Path) -> None:
    """A check that any video passes: an archive checks its own members, and a broken one is refused when it is read."""


def _named(path: Path) -> list[str]:
    """The videos that items ask about, each once, without those of broken items."""
    names = {}
    for entry in _listed(path):
        try:
            names[parse(entry)[0]] = None
        except RefusedError:
            continue
    return list(names)


def _check_task(path: Path) -> None:
    """BrokenDownloadError unless the file lists items with a video and an answer."""
    if not _named(path):
        raise BrokenDownloadError("no list of {video, question, candidates, answer}")


def _listed(path: Path) -> list:
    try:
        found = load(path)
    except LinmechError as error:
        raise BrokenDownloadError("not whole JSON") from error
    return found if isinstance(found, list) else []
