"""What methods of interpretability say of single items: is one broken, in which part, and from which layer on?

A method reads a signal by layer and a few numbers more, all towards the truth, and it is told the answer. In units of
what right answers show (their median = 1) every part that may fail has its expected symptoms, in WAYS, written down
before a model with a fault was measured. An item's evidence for a part is by how much nearer its symptoms lie to those
of the part than to those of a sound item (squared distances). Layers and units come from the right answers of the other
half of the images, so nothing is fitted to an item that it judges, and what is planted plays no part.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.statistics.splits import split
from linmech.statistics.verdicts import PARTS

SOUND = "sound"
CLIP = 1.5  # of the units: what lies beyond says no more
DEPARTED = 0.5  # of the usual signal: the mean of wrong answers lies below
CLEAR = 1.0  # mean over SD of the right answers' signal from which on a layer tells something


class Way(NamedTuple):
    """A method: its signal by layer, the numbers at the same layer that go with it, and the symptoms that it expects of
    each part, in this order, the belief last.
    """

    signal: str
    more: tuple[str, ...]
    expected: dict[str, tuple[float, ...]]


def _expected(sound: Sequence[float], vision: Sequence[float], binding: Sequence[float], readout: Sequence[float]):
    return dict(zip((SOUND, *PARTS), map(tuple, (sound, vision, binding, readout)), strict=True))


WAYS = {
    # the places that nouns say are exchanged, absent, or right; the true IDs mend all but the readout
    "ids": Way("bound", ("mended",), _expected((1, 1, 1), (-1, 1, -1), (0, 1, 0), (1, -1, -1))),
    # the same places, read by the probe
    "probe": Way("place", (), _expected((1, 1), (-1, -1), (0, 0), (1, -1))),
    # nouns carry the answer wherever it comes from: of the model's own making, so vision and readout look alike
    "patching": Way("nouns", (), _expected((1, 1), (-1, -1), (0, 0), (-1, -1))),
    # nouns look at the other's box, at no picture, or as they should
    "attention": Way("own", ("picture",), _expected((1, 1, 1), (-1, 1, -1), (0, 0, 0), (1, 1, -1))),
    # what is read goes through the readout: vision and readout look alike
    "lens": Way("belief", (), _expected((1, 1), (-1, -1), (0, 0), (-1, -1))),
    "answer": Way("", (), _expected((1,), (-1,), (0,), (-1,))),
}


def judged(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """A row per item and method of one model's table of compare_methods: the evidence for each part, `broken` (the most
    of it: above 0 a part's symptoms are nearer than a sound item's), the `layer` that was read and `right`, the answer.

    Raises LinmechError where the table is something else, or fewer than two answers of either half are right.
    """
    if not {"method", "what", "layer", "value"} <= set(table):
        raise LinmechError(
            "a table of methods is needed, with method, what, layer and value; run compare_methods again"
        )
    belief = _wide(table, "answer", "belief")[-1]
    images = table.drop_duplicates("item").set_index("item")["image"].reindex(belief.index)
    first = images.isin(split(images, 0.5, seed, "half of the images"))
    rows = []
    for half in (first, ~first):
        known = ~half & (belief > 0)
        if known.sum() < 2:
            raise LinmechError(f"only {int(known.sum())} answers of a half are right: ask easier questions, or more")
        for method, way in WAYS.items():
            layer, symptoms = _symptoms(table, method, way, belief, known)
            own = symptoms[half]
            sound = _far(own, way.expected[SOUND])
            evidence = pd.DataFrame({part: sound - _far(own, way.expected[part]) for part in PARTS}, index=own.index)
            named = {"method": method, "layer": layer, "broken": evidence.max(axis=1), "right": belief[half] > 0}
            rows.append(evidence.assign(image=images[half], **named).reset_index())
    return pd.concat(rows, ignore_index=True)


def pointed(table: pd.DataFrame) -> pd.DataFrame:
    """A row per method of one model: between which layers the wrong answers go wrong (`after` < fault <= `at`).

    `at`: the first layer, of those at which the right answers' signal is clear, where the wrong ones' mean lies below
    DEPARTED of the right ones'; one beyond the last where the answer alone is wrong. `after`: the clear layer before
    it, -1 where there is none: whatever comes before is as likely. `wrong` counts the answers; fewer than two say
    nothing.
    """
    belief, rows = _wide(table, "answer", "belief")[-1], []
    last = int(table["layer"].max())
    for method, way in WAYS.items():
        if not way.signal:
            continue
        row = {"method": method, "wrong": int((belief <= 0).sum()), "after": np.nan, "at": np.nan}
        signal = _wide(table, method, way.signal)
        clear, right = _clear(signal[belief > 0]), signal[belief > 0].mean()
        layers = [layer for layer in signal if clear[layer] >= CLEAR]
        if row["wrong"] >= 2 and layers:
            gone = [layer for layer in layers if signal[belief <= 0].mean()[layer] < DEPARTED * right[layer]]
            row["at"] = min(gone, default=last + 1)
            row["after"] = max((layer for layer in layers if layer < row["at"]), default=-1)
        rows.append(row)
    return pd.DataFrame(rows)


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """Median `passes` and `seconds` of a question, by method."""
    told = table[table["what"].isin(("passes", "seconds"))]
    return told.pivot_table(index="method", columns="what", values="value", aggfunc="median").reset_index()


def _wide(table: pd.DataFrame, method: str, what: str) -> pd.DataFrame:
    """Items by layers of what a method reads."""
    own = table[(table["method"] == method) & (table["what"] == what)]
    if own.empty:
        raise LinmechError(f"the table of methods has no {what} of {method}; run compare_methods again")
    return own.pivot(index="item", columns="layer", values="value")


def _symptoms(
    table: pd.DataFrame, method: str, way: Way, belief: pd.Series, known: pd.Series
) -> tuple[int, pd.DataFrame]:
    """The layer at which a method is read, and the items' symptoms there, in units of the `known` right answers."""
    if not way.signal:
        return -1, _in_units(belief.to_frame("belief"), known)
    signal = _wide(table, method, way.signal).reindex(belief.index)
    if method == "ids":  # as the verdict does: where exchanged IDs turn most of the right answers
        layer = int((_wide(table, method, "turned").reindex(belief.index)[known] < 0).mean().idxmax())
    else:
        layer = int(_clear(signal[known]).idxmax())
    read = {way.signal: signal[layer]} | {
        what: _wide(table, method, what).reindex(belief.index)[layer] for what in way.more
    }
    return layer, _in_units(pd.DataFrame(read | {"answer": belief}), known)


def _clear(signal: pd.DataFrame) -> pd.Series:
    """Mean over SD by layer; 0 where nothing varies."""
    spread = signal.std()
    return (signal.mean() / spread.where(spread > 0)).fillna(0.0)


def _in_units(values: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    unit = values[known].median()
    return (values / unit.where(unit > 0)).fillna(0.0).clip(-CLIP, CLIP)


def _far(symptoms: pd.DataFrame, expected: Sequence[float]) -> pd.Series:
    return ((symptoms - np.array(expected)) ** 2).sum(axis=1)
