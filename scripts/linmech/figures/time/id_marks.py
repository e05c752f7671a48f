"""The numbers of temporal IDs: where those of held-out objects lie on the axis of time, frame by frame."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from linmech.errors import LinmechError
from linmech.figures.id_grids import word_scale
from linmech.ids.axes import project, project_words
from linmech.ids.files import Ids, load_ids
from linmech.statistics.bootstrap import bootstrap, slope

WORDS = ("before", "after")
INTERVAL = "95 % bootstrap by object"
NONE = float("nan")


@dataclass(frozen=True)
class TimeIds:
    """Temporal IDs of one model and layer along their axis, in frames from the middle of the video.

    `nouns`: held-out objects, a row per object and frame (noun, frame, coordinate); `marks`: by frame, the held-out
    objects' mean with its interval (point "held out") and the IDs of the others ("fitted"); `words` by reading, to be
    drawn at `scale` times their place. `quality`: what is told of the layer as a whole.
    """

    model: str
    layer: int
    nouns: pd.DataFrame
    marks: pd.DataFrame
    words: dict[str, dict[str, float]]
    scale: float
    quality: dict[str, float]

    def numbers(self) -> pd.DataFrame:
        """Every number of the panel: a row per frame and per word (`point`: its reading)."""
        words = [
            {"point": reading, "word": word, "coordinate": place, "drawn": place * self.scale}
            for reading, places in self.words.items()
            for word, place in places.items()
        ]
        table = pd.concat([self.marks, pd.DataFrame(words)], ignore_index=True)
        return table.assign(model=self.model, layer=self.layer, scale=self.scale, **self.quality)


def read_times(paths: Iterable[str | Path], seed: int) -> Iterator[TimeIds]:
    """Temporal IDs in files of derive_ids, layer by layer. Raises LinmechError for IDs of other coordinates."""
    for path in paths:
        for ids in load_ids(path).values():
            if ids.coordinates != ("frame",):
                raise LinmechError(f"{path}: IDs of {', '.join(ids.coordinates)}, not of frame: name temporal ones")
            if "by_noun" not in ids.statistics:
                raise LinmechError(f"{path}: no statistic 'by_noun': delete the file and run derive_ids again")
            yield times_of(ids, seed)


def times_of(ids: Ids, seed: int) -> TimeIds:
    """One layer's temporal IDs along their axis."""
    frames = np.arange(len(ids.ids)) - (len(ids.ids) - 1) / 2
    nouns = pd.DataFrame(
        [
            (noun, number, frames[number], place[0])
            for noun, places in ids.statistics["by_noun"].items()
            for number, place in enumerate(places)
            if place is not None
        ],
        columns=["noun", "frame", "true", "coordinate"],
    )
    told = ids.axes.any()
    words = {
        reading: {word: float(place[0]) for word, place in project_words(_shown(read), ids.axes).items()}
        for reading, read in ids.words.items()
        if told
    }
    fitted = project(ids.ids_train, ids.axes)[:, 0]
    marks = [
        {"point": "held out", "frame": frame, **_mean(part, seed)} for frame, part in nouns.groupby("frame", sort=True)
    ]
    marks += [{"point": "fitted", "frame": frame, "coordinate": place} for frame, place in enumerate(fitted)]
    places = np.array([place for read in words.values() for place in read.values()]).reshape(-1, 1)
    scale = word_scale(np.pad(fitted[:, None, None], ((0, 0), (0, 0), (1, 0))), np.pad(places, ((0, 0), (1, 0))))
    return TimeIds(ids.model, ids.layer, nouns, pd.DataFrame(marks), words, scale, quality(ids, nouns, seed))


def quality(ids: Ids, nouns: pd.DataFrame, seed: int) -> dict[str, float]:
    """What is told of a layer; NaN = undefined, as where there are no IDs.

    slope: of held-out objects' coordinates on the frame (1: as those of the axis' own objects); tau: Kendall's, of
    each held-out object's coordinates with the frames, their mean (1: in order, 0: in none); both with intervals.
    after_before: how far the word after lies beyond the word before, by reading.
    """
    shape, told = ids.statistics["shape"], bool(ids.axes.any()) and len(nouns) > 0
    found = dict.fromkeys(("slope", "slope_low", "slope_high", "tau", "tau_low", "tau_high"), NONE)
    if told:
        line = slope(nouns["true"], nouns["coordinate"], nouns["noun"], seed=seed)
        taus = pd.Series({noun: tau(part) for noun, part in nouns.groupby("noun", sort=True)})
        order = bootstrap(taus, list(taus.index), seed=seed)
        found = {"slope": line.estimate, "slope_low": line.low, "slope_high": line.high}
        found |= {"tau": order.estimate, "tau_low": order.low, "tau_high": order.high}
    chance = (shape["r2_shuffled"] or {}).get("high")
    known = {"r2_held_out": shape["r2"], "r2_shuffled_high": chance, "left_out": (shape["left_out"] or [None])[0]}
    known |= {"plane_share_held_out": ids.statistics["plane_share"], "relative_norm": ids.statistics["relative_norm"]}
    known |= {"held_out_objects": nouns["noun"].nunique()}
    return found | {name: NONE if value is None else float(value) for name, value in known.items()}


def tau(part: pd.DataFrame) -> float:
    """Kendall's tau of coordinates with frames; 0 where all coordinates are equal."""
    return float(np.nan_to_num(kendalltau(part["frame"], part["coordinate"]).statistic))


def _shown(read: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {word: read[word] for word in WORDS if word in read}


def _mean(part: pd.DataFrame, seed: int) -> dict[str, object]:
    found = bootstrap(part["coordinate"], part["noun"], seed=seed)
    interval = INTERVAL if np.isfinite(found.low) else "none"
    return {"coordinate": found.estimate, "low": found.low, "high": found.high, "interval": interval, "n": len(part)}
