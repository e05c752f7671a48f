"""Which items an experiment asks about: drawn by name, some kept apart for what is chosen by looking."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from linmech.errors import LinmechError
from linmech.models.framing import in_view
from linmech.models.vlm import VLM
from linmech.seeds import digest
from linmech.statistics.splits import split
from linmech.stimuli.items import Item, question

POOL = 100
EXPLORED = 1 / 3  # share of the images by which layers and strengths are chosen
IMAGES = ("all", "explored", "others")


def candidates(
    items: Sequence[Item], kind: str, count: int, seed: int, images: str = "all", where: str = "",
    vlm: VLM | None = None,
) -> list[Item]:  # fmt: skip
    """`count` items (0 = all) of a kind that have a true answer, drawn from `seed` and their names, in their order.

    `images`: those of "all" images; of the "explored" third, by which layers and strengths are chosen; or of the
    "others". A line says so where there are fewer than `count`. Raises LinmechError where there are none. `where` is
    the config key that asks for them. Items about something that `vlm` is not shown are left out and counted.
    """
    chosen = [item for item in items if item.kind == kind and item.answer]
    where = where or f"the {kind} questions"
    if not chosen:
        raise LinmechError(f"{where}: the data set has no {kind} question with a true answer")
    if images != "all":
        kept = split((item.visual for item in chosen), EXPLORED, seed, "explored image")
        chosen = [item for item in chosen if (item.visual in kept) == (images == "explored")]
    if vlm:
        chosen = in_view(vlm, chosen, where)
    if len(chosen) < count:
        print(
            f"{where}: {count} items are wanted, the data set has {len(chosen)} for it; raise the items of the data "
            "set under stimuli"
        )
    ranked = sorted((item.id for item in chosen), key=lambda item: digest(seed, "steered item", item))
    wanted = set(ranked[: count or len(ranked)])
    return [item for item in chosen if item.id in wanted]


def matched(
    items: Sequence[Item], toward: Float[np.ndarray, " item"], count: int, seed: int, where: str = ""
) -> list[Item]:
    """Wrong answers (`toward`, the belief towards the truth, below 0) and as many right ones of like gaps: `count`.

    Wrong ones are drawn by name; each takes the right one, of those left, whose gap between the two nouns (along x and
    y, in shares of the picture) is nearest to its own. A line says how many there are, where they are fewer.
    """
    gaps = np.array([_gap(item) for item in items])
    ranked = sorted(range(len(items)), key=lambda number: digest(seed, "matched item", items[number].id))
    wrong = [number for number in ranked if toward[number] < 0]
    left = [number for number in ranked if toward[number] > 0]
    pairs = min(count // 2, len(wrong), len(left))
    if pairs < count // 2:
        print(f"{where}: {count} items are wanted; {len(wrong)} answers are wrong and {len(left)} right: {2 * pairs}")
    chosen = []
    for number in wrong[:pairs]:
        near = min(left, key=lambda other: float(np.abs(gaps[other] - gaps[number]).sum()))
        left.remove(near)
        chosen += [number, near]
    return [items[number] for number in sorted(chosen)]


def _gap(item: Item) -> tuple[float, float]:
    one, other = (item.things[role] for role in ("subject", "reference"))
    return abs(one.x - other.x) / item.width, abs(one.y - other.y) / item.height


def typical(items: Sequence[Item], d: Float[np.ndarray, " item"], count: int) -> list[Item]:
    """The `count` items whose clean |belief| is nearest to the median of those answered correctly (Fig 6A shows one).

    `d` are the items' beliefs, above 0 for the first answer. Where no item is answered correctly, all are candidates.
    Ties go to the first name.
    """
    # ASSUME: the paper does not say how its one item was chosen; this one is neither the best nor the worst.
    correct = (d > 0) == np.array([item.answer == question(item).options[0] for item in items])
    if not correct.any():
        print(f"no item of {len(items)} is answered correctly; the typical one is chosen from all")
        correct[:] = True
    distance = np.abs(np.abs(d) - np.median(np.abs(d[correct])))
    order = sorted(np.flatnonzero(correct), key=lambda n: (round(distance[n], 9), items[n].id))
    return [items[n] for n in sorted(order[:count])]
