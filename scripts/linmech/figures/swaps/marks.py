"""The numbers of the figures of swaps: tables of swapping reduced to one row per mark, with their intervals.

`share`: of the donor's effect, what its residuals carry, a ratio of sums over items (a mean of ratios has no finite
variance). `delta`: change of log p(true answer) - log p(false answer), in nats; true is said of the picture as it was.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from linmech.errors import LinmechError
from linmech.parquet import read_parquet
from linmech.statistics.bootstrap import Interval
from linmech.statistics.crossing import mean_crossing
from linmech.statistics.shares import leans_right, right_of, right_text
from linmech.statistics.summaries import summarise

NEEDED = (
    "item", "image", "dataset", "experiment", "kind", "answer", "first", "change", "d_before", "undecided", "run",
    "layer", "selector", "delta",
)  # fmt: skip
INTERVAL = "95 % bootstrap by image"
DONOR = "donor"  # in the place of a selector: the donor's own run
CROSSING = ("image", "text")


def read_swapped(paths: Iterable[str | Path], experiment: str) -> pd.DataFrame:
    """The tables of one experiment as one, with the model (the file's name) as a column.

    `whole`: the donor's own change of the belief, its sign taken off, and `carried`: a swap's change in that direction;
    `delta` is turned towards the true answer. Raises LinmechError naming the table if it has no rows, lacks a column,
    or belongs to another experiment.
    """
    tables = []
    for path in map(Path, paths):
        table = read_parquet(path)
        if missing := [column for column in NEEDED if column not in table]:
            raise LinmechError(f"{path}: no column {missing[0]!r}: delete the file and run swap_model again")
        if table.empty:
            raise LinmechError(f"{path}: holds no items: raise swapping.experiments.{experiment}.items")
        if set(table["experiment"]) != {experiment}:
            raise LinmechError(f"{path}: holds experiment {table['experiment'].iloc[0]!r}, not {experiment!r}")
        tables.append(_turned(table).assign(model=path.stem))
    if not tables:
        raise LinmechError(f"a figure of swaps has no table of experiment {experiment!r}: name at least one model")
    return pd.concat(tables, ignore_index=True)


def _turned(table: pd.DataFrame) -> pd.DataFrame:
    """Changes towards the donor and towards the true answer; names that are unique over data sets."""
    towards = np.where(table["answer"] == table["first"], 1.0, -1.0)
    names = {name: table["dataset"] + "/" + table[name] for name in ("item", "image")}
    table = table.assign(**names)
    donors = table[table["run"] == DONOR].set_index("item")["delta"]
    whole = table["item"].map(donors)
    return table.assign(
        carried=table["delta"] * np.sign(whole), whole=whole.abs(), delta=table["delta"] * towards,
        right=leans_right(table),
    )  # fmt: skip


def make_marks(table: pd.DataFrame, values: Sequence[str], seed: int) -> pd.DataFrame:
    """A row per value ("share", "delta"), selector and layer of one experiment of one model (`read_swapped`).

    Of `delta` also a row of the donor's own run; of `share` one named "crossing", whose estimate is the layer at which
    the curves of image and text cross first, from layer 0 on. Undecided items are kept and counted.
    """
    swapped, donor = table[table["run"] != DONOR], table[table["run"] == DONOR].assign(selector=DONOR)
    parts = []
    if "share" in values:
        parts += [summarise(swapped, ["selector", "layer"], "carried", over="whole", seed=seed).assign(value="share")]
        parts += [crossing_of(swapped, seed)]
    if "delta" in values:
        rows = pd.concat([swapped, donor])
        parts += [summarise(rows, ["selector", "layer"], "delta", seed=seed).assign(value="delta")]
    one = {name: table[name].iloc[0] for name in ("model", "experiment", "kind", "change")}
    marks = pd.concat(parts, ignore_index=True).drop(columns="p").assign(**one)
    marks = marks.assign(datasets=" ".join(sorted(set(table["dataset"]))))
    marks["interval"] = np.where(marks["low"].isna(), "none", INTERVAL)
    leading = [*one, "value", "selector", "layer"]
    return marks[[*leading, *[name for name in marks if name not in leading]]]


def crossing_of(swapped: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Where the curves of image and text cross, as one row (`make_marks`); no row where one of them is missing."""
    both = swapped[swapped["selector"].isin(CROSSING)]
    if set(both["selector"]) != set(CROSSING):
        return pd.DataFrame()
    curves = both.pivot(index=["image", "item"], columns=["selector", "layer"], values="carried")
    apart = curves[CROSSING[0]] - curves[CROSSING[1]]
    images, layers = apart.index.get_level_values("image"), apart.columns.to_numpy(dtype=float)
    found = Interval(*[float("nan")] * 4)
    if both["whole"].any():  # else the donor has no effect of which to carry a share
        found = mean_crossing(layers, apart.to_numpy(), images.to_numpy(), seed=seed)
    counts = {"items": len(apart), "images": images.nunique()}
    counts["undecided"] = both.loc[both["undecided"].astype(bool), "item"].nunique()
    row = {"value": "crossing", "selector": " and ".join(CROSSING)} | vars(found) | counts
    return pd.DataFrame([row | right_of(both)])


def crossing_text(marks: pd.DataFrame) -> str:
    """In words, where the curves of image and text cross."""
    found = marks[marks["value"] == "crossing"]
    if found.empty:
        return ""
    at, low, high = found.iloc[0][["estimate", "low", "high"]]
    if np.isnan(at):
        return "image and text do not cross"
    known = f"[{low:.2f}, {high:.2f}]" if np.isfinite(low) else "(not in every resample)"
    return f"image and text cross at {at:.2f} {known}"


def counts_text(marks: pd.DataFrame) -> str:
    """In words, how many items there are, how many of them undecided, and how many are answered right by itself."""
    first = marks.iloc[0]
    undecided = f", {first['undecided']} undecided" * bool(first["undecided"])
    return f"n = {first['items']}{undecided}; {right_text(first)}"
