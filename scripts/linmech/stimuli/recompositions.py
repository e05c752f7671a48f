"""Changes of what a visual is composed of, for swaps: the visual is composed anew, not its pixels changed.

exchange-colours: the first two things exchange their colours. mirror-objects: left and right are exchanged of the
things, over the same background. background:7: another background, drawn from seed 7 and the visual's own.
"""

from collections.abc import Callable
from dataclasses import replace

from linmech.errors import LinmechError
from linmech.seeds import integer
from linmech.stimuli.compositions import Composition

CHANGES = "exchange-colours, mirror-objects or background:SEED"


def recomposed(composition: Composition, change: str) -> Composition:
    """The composition after a change. Raises LinmechError for an unknown change, and where it would change nothing."""
    name, _, rest = change.partition(":")
    if name not in HOW:
        raise LinmechError(f"unknown change {change!r} of what a visual is composed of; use {CHANGES}")
    return HOW[name](composition, rest)


def _exchange_colours(composition: Composition, _: str) -> Composition:
    things = composition.placements
    if len(things) < 2 or things[0].tint == things[1].tint:
        raise LinmechError(
            "change 'exchange-colours': the first two things have no two colours; use a data set of layout colour-pairs"
        )
    one, other = things[:2]
    return replace(composition, placements=(replace(one, tint=other.tint), replace(other, tint=one.tint), *things[2:]))


def _mirror_objects(composition: Composition, _: str) -> Composition:
    return replace(composition, mirrored=not composition.mirrored)


def _background(composition: Composition, seed: str) -> Composition:
    if not seed.isdecimal():
        raise LinmechError(f"change 'background:{seed}': write a seed, an integer >= 0, e.g. background:7")
    return replace(composition, background=integer(int(seed), "another background", composition.background))


HOW: dict[str, Callable[[Composition, str], Composition]] = {
    "exchange-colours": _exchange_colours, "mirror-objects": _mirror_objects, "background": _background,
}  # fmt: skip
