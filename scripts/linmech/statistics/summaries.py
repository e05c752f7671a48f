"""Tables reduced to one row per group, with intervals that resample images."""

from collections.abc import Sequence

import pandas as pd

from linmech.errors import LinmechError
from linmech.statistics.bootstrap import REPLICATES, bootstrap, ratio_of_sums
from linmech.statistics.shares import right_of


def summarise(
    table: pd.DataFrame,
    by: Sequence[str],
    value: str = "delta",
    *,
    over: str = "",
    cluster: str = "image",
    statistic: str = "mean",
    n: int = REPLICATES,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per group: the columns of `by`, estimate, low, high, p, items, images and undecided (counted, kept).

    Of tables that tell which items a model answers `right` by itself also what `right_of` tells, if it is not `value`.

    The estimate is the mean (or median) of `value`, or, with the column `over`, its sum over the sum of that.
    Raises LinmechError where the table lacks a column.
    """
    needed = [*by, value, *([over] if over else []), cluster, "item"]
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise LinmechError(f"the table has no column {missing[0]!r}: it holds {', '.join(map(str, table.columns))}")
    rows = []
    for key, group in table.groupby(list(by), sort=True, observed=True, dropna=False):
        if over:
            interval = ratio_of_sums(group[value], group[over], group[cluster], n=n, seed=seed)
        else:
            interval = bootstrap(group[value], group[cluster], statistic, n=n, seed=seed)
        counts = {"items": group["item"].nunique(), "images": group[cluster].nunique()}
        if "undecided" in group:
            counts["undecided"] = group.loc[group["undecided"].astype(bool), "item"].nunique()
        if "right" in group and value != "right":
            counts |= right_of(group.assign(image=group[cluster]))
        rows.append(dict(zip(by, key, strict=True)) | vars(interval) | counts)
    return pd.DataFrame(rows)
