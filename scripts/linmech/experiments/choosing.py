"""Which questions a steering experiment asks, along which axis it moves their subject, and where the subject stands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.seeds import digest
from linmech.statistics.splits import split

POOL = 100
EXPLORED = 1 / 3  # share of the images by which layers and strengths are chosen
SIDES = {"horizontal": ("left", "right"), "vertical": ("above", "below")}


@dataclass(frozen=True)
class Experiment:
    """The kind of question, the axis moved along ("" = the one that the item's two neighbours span), the targets.

    Targets count cells along the axis; empty means all of them; -1 is the last. An experiment that `explores` is what
    layers and strengths are chosen by: it takes its items from images that no other experiment of its kind uses.
    """

    kind: str
    axis: str
    targets: tuple[int, ...] = ()
    explores: bool = False


EXPERIMENTS = {
    "layers": Experiment("left-right", "horizontal", (0, -1), explores=True),
    "strengths": Experiment("left-right", "horizontal", (0, -1), explores=True),
    "left-right": Experiment("left-right", "horizontal"),
    "near-far": Experiment("near-far", "horizontal"),
    "in-between": Experiment("in-between", ""),
    "above-below": Experiment("above-below", "vertical"),
    "front-behind": Experiment("front-behind", "vertical"),
}


def candidates(questions: pd.DataFrame, experiment: str, count: int, seed: int) -> pd.DataFrame:
    """`count` questions (0 = all) of the experiment's kind that have a true answer, drawn from `seed` and their names.

    Where an experiment of that kind explores, a third of the images is kept for it, the rest for the others. A line
    says so where there are fewer than `count`.
    Raises LinmechError for an unknown experiment, and where there are none.
    """
    if experiment not in EXPERIMENTS:
        raise LinmechError(f"unknown steering experiment {experiment!r}: use one of {', '.join(EXPERIMENTS)}")
    kind, explores = EXPERIMENTS[experiment].kind, EXPERIMENTS[experiment].explores
    chosen = questions[(questions["kind"] == kind) & (questions["answer"] != "")]
    if chosen.empty:
        raise LinmechError(f"steering.experiments.{experiment}: the data set has no {kind} question with a true answer")
    if any(other.explores for other in EXPERIMENTS.values() if other.kind == kind):
        kept = split(chosen["image"], EXPLORED, seed, "explored image")
        chosen = chosen[chosen["image"].isin(kept) == explores]
    if len(chosen) < count:
        print(
            f"steering.experiments.{experiment}: {count} items are wanted, the data set has {len(chosen)} for it; "
            "raise the items of the data set under stimuli"
        )
    ranked = sorted(chosen["item"], key=lambda item: digest(seed, "steered item", item))
    return chosen[chosen["item"].isin(ranked[: count or len(ranked)])].reset_index(drop=True)


def typical(items: pd.DataFrame, d: Float[np.ndarray, " item"], first: str, count: int) -> pd.DataFrame:
    """The `count` items whose clean |belief| is nearest to the median of those answered correctly (Fig 6A shows one).

    `d` are the items' beliefs; `first` the answer that d > 0 means. Where no item is answered correctly, all are
    candidates. Ties go to the first name.
    """
    # ASSUME: the paper does not say how its one item was chosen; this one is neither the best nor the worst.
    correct = (d > 0) == (items["answer"] == first).to_numpy()
    if not correct.any():
        print(f"no item of {len(items)} is answered correctly; the typical one is chosen from all")
        correct[:] = True
    distance = np.abs(np.abs(d) - np.median(np.abs(d[correct])))
    order = sorted(np.flatnonzero(correct), key=lambda n: (round(distance[n], 9), items["item"].iloc[n]))
    return items.iloc[sorted(order[:count])].reset_index(drop=True)


def axis_of(item: object, experiment: str) -> str:
    """ "horizontal" or "vertical": the axis along which the item's subject is moved."""
    fixed = EXPERIMENTS[experiment].axis
    wide, high = abs(item.reference_x - item.third_x), abs(item.reference_y - item.third_y)
    return fixed or ("horizontal" if wide >= high else "vertical")


def side_of(item: object, axis: str) -> str:
    """On which side of its reference (or of the middle of its two neighbours) the subject stands along the axis."""
    name = "x" if axis == "horizontal" else "y"
    own, *others = (getattr(item, f"{role}_{name}") for role in ("subject", "reference", "third"))
    return SIDES[axis][int(own >= np.nanmean(others))]
