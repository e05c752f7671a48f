"""How often a model answers rightly before anything is done to it, and a warning where it hardly does."""

from collections.abc import Iterator

import pandas as pd

from linmech.statistics.shares import LEAST, leans_right, share


def answered(table: pd.DataFrame, model: str) -> Iterator[str]:
    """Lines about the clean answers in an experiment's table, one per data set and kind of question.

    An item is right where the belief before, over both orders, leans to its answer; undecided ones count as well. The
    interval is over images (95 %).
    """
    items = table.drop_duplicates(["dataset", "item"])
    for (dataset, kind), group in items.groupby(["dataset", "kind"], sort=False):
        found = share(leans_right(group), group["image"].to_numpy(object))
        told = f"{model}, {kind} of {dataset}: {found.estimate:.0%} of {len(group)} clean answers are right"
        undecided = int(group["undecided"].sum())
        yield f"{told} (95 %: {found.low:.0%} to {found.high:.0%}; guessing: 50 %; {undecided} undecided)"
        if found.estimate < LEAST:
            yield (
                f"warning: {told}, hardly more than guesses: what moves its beliefs says little of how it reasons. "
                "Small built-in models know their own nouns only; else look at the prompts and at a sheet of the images"
            )
