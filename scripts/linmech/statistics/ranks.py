"""Whether values of one group are larger than those of another, with an interval that respects images."""

import numpy as np
import pandas as pd

from linmech.statistics.bootstrap import LEVEL, REPLICATES, Column, Interval, interval_of


def auc(
    values: Column, first: Column, clusters: Column, *, n: int = REPLICATES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """The chance that a value of the `first` group (True) is larger than one of the other, ties half: the area under
    the ROC curve, U / (n m). Resamples clusters; NaN where a group is empty (the interval, if in any resample); `p`
    is against zero and means nothing.
    """
    values, first = np.asarray(values, float), np.asarray(first, bool)
    one, other = values[first], values[~first]
    larger = (one[:, None] > other) + 0.5 * (one[:, None] == other)

    codes = pd.factorize(np.asarray(clusters), sort=True)[0]

    def area(weights: np.ndarray) -> np.ndarray:
        drawn = weights[:, codes].astype(float)
        mine, others = drawn[:, first], drawn[:, ~first]
        with np.errstate(divide="ignore", invalid="ignore"):
            return ((mine @ larger) * others).sum(1) / (mine.sum(1) * others.sum(1))

    return interval_of(area, clusters, n=n, level=level, seed=seed)
