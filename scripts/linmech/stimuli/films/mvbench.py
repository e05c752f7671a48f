"""MVBench's scene transitions: real videos of two scenes, and our question about which comes first (method 1.8).

`json/scene_transition.json` lists `{video, question, candidates, answer}`, each answer "From A to B."; the videos lie
in `video/scene_qa/video/`. Videos of your own do as well in this layout.
"""

import json
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.questions.kinds import KINDS
from linmech.stimuli.composer import Placement
from linmech.stimuli.filed.entries import REFUSED, Filed, RefusedError, check_some, entries
from linmech.stimuli.films.decoding import Sampling, sample
from linmech.stimuli.layouts.stimulus import Query, Stimulus
from linmech.stimuli.tables import tabulate

TASK, VIDEOS = "json/scene_transition.json", "video/scene_qa/video"
CHANGE = re.compile(r"from (?P<first>.+) to (?P<second>.+)", re.IGNORECASE)
KIND = "scene-order"
Read = dict[str, Sampling | LinmechError]


@dataclass
class _Film:
    """Which frames of a video are shown, its scenes, and what is asked about them."""

    sampling: Sampling
    scenes: list[str] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)


def read_mvbench(folder: str | Path, beside: str | Path = "", frames: int = 8) -> Filed:
    """A folder in MVBench's layout as a data set whose tables will lie in `beside` (default: the folder itself).

    `frames` of a video are shown (`decoding.sample`). Every video is decoded once, whole. An item is refused, with its
    reason, where its entry is broken, its answer does not name two scenes, or its video cannot be used. Raises
    LinmechError for a list that is missing or unreadable, and where nothing is left.
    """
    folder, read = Path(folder), {}
    films: dict[str, _Film] = {}
    refused: list[tuple[str, int, str]] = []
    for number, entry in enumerate(tqdm(list(entries(folder / TASK, "MVBench's")), desc="videos", unit="item")):
        try:
            name, scenes = parse(entry)
            film = films.get(name) or _Film(_sampled(folder, name, frames, read))
            film.queries.append(_asked(len(film.scenes), second_first=number % 2 == 1))
            film.scenes += scenes
            films[name] = film
        except (RefusedError, LinmechError) as reason:
            refused.append((TASK, number, str(reason)))
    check_some(films, refused, folder)
    tables = _tables(films, frames, os.path.relpath(folder, beside or folder))
    return Filed(*tables, pd.DataFrame(refused, columns=REFUSED))


def parse(entry: object) -> tuple[str, tuple[str, str]]:
    """(file name of the video, (first scene, second scene)) of an item. Raises RefusedError where it is broken."""
    told = entry if isinstance(entry, dict) else {}
    name, answer, candidates = (told.get(key) for key in ("video", "answer", "candidates"))
    if not (isinstance(name, str) and isinstance(answer, str) and isinstance(candidates, list)):
        raise RefusedError(f"{json.dumps(entry)[:80]} is not {{video, question, candidates, answer}}")
    if answer not in candidates:
        raise RefusedError(f"its answer {answer!r} is none of its candidates")
    if not name or Path(name).name != name:
        raise RefusedError(f"its video {name!r} is no name of a file")
    text = answer.strip().rstrip(".")
    match = CHANGE.fullmatch(text)
    if not match or len(re.findall(r"\bto\b", text, re.IGNORECASE)) > 1:
        raise RefusedError(f"its answer {answer!r} is not 'From A to B.' with one 'to'")
    first, second = match["first"].strip(), match["second"].strip()
    if first.casefold() == second.casefold():
        raise RefusedError(f"its answer {answer!r} names one scene twice")
    return name, (first, second)


def _sampled(folder: Path, name: str, frames: int, read: Read) -> Sampling:
    """The frames of a video; one that was refused is not decoded again for its next item."""
    path = folder / VIDEOS / name
    if not path.is_file():
        raise RefusedError(f"{VIDEOS}/{name} does not exist")
    if name not in read:
        try:
            read[name] = sample(path, frames)
        except LinmechError as error:
            read[name] = error
    if isinstance(found := read[name], LinmechError):
        raise RefusedError(str(found).replace(f"{folder}/", "", 1))
    return found


def _asked(first: int, *, second_first: bool) -> Query:
    """The question about two scenes, of which `first` is the number of the earlier one.

    In every second item the later scene is the subject, so that either answer is as often true.
    """
    # ASSUME: the paper does not say which of its scenes a question names first.
    before, after = KINDS[KIND].options
    if second_first:
        return Query(KIND, first + 1, first, answer=after, other=before)
    return Query(KIND, first, first + 1, answer=before, other=after)


def _tables(films: dict[str, _Film], frames: int, where: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables; the manifest says beside which frames of its file are shown, and how many of them in a second."""
    scenes = [tuple(Placement(scene, *[math.nan] * 3) for scene in film.scenes) for film in films.values()]
    stimuli = [
        Stimulus(name, 0, named, tuple(film.queries), frames)
        for (name, film), named in zip(films.items(), scenes, strict=True)
    ]
    read = [film.sampling for film in films.values()]
    nowhere = [[()] * len(film.scenes) for film in films.values()]
    manifest, questions = tabulate(stimuli, [(each.width, each.height) for each in read], nowhere)
    manifest["file"] = [(Path(where) / VIDEOS / name).as_posix() for name in films]
    manifest["shown"] = [json.dumps(each.frames) for each in read]
    manifest["per_second"] = [each.per_second for each in read]
    return manifest, questions
