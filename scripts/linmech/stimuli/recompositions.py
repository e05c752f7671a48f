"""Changes of what a visual is composed of, for swaps: the visual is composed anew, not its pixels changed.

exchange-colours: the first two things exchange their colours. mirror-objects: left and right are exchanged of the
things, over the same background. background:7: another background, drawn from seed 7 and the visual's own.
other-nouns:7: other things in the same places, of the same sizes and colours, drawn likewise. A question keeps its
text: it is then about things that are not there, and has no true answer.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from linmech.errors import LinmechError
from linmech.seeds import integer, rng
from linmech.stimuli.compositions import Composition

CHANGES = "exchange-colours, mirror-objects, background:SEED or other-nouns:SEED"
Views = Collection[tuple[str, int]]  # the sprites that there are: (noun, view)


def recomposed(composition: Composition, change: str, known: Views = ()) -> Composition:
    """The composition after a change. `known`: the sprites of which other nouns are taken.

    Raises LinmechError for an unknown change, where it would change nothing, and where there are not enough nouns.
    """
    name, _, rest = change.partition(":")
    if name not in HOW:
        raise LinmechError(f"unknown change {change!r} of what a visual is composed of; use {CHANGES}")
    return HOW[name](composition, rest, known)


def _exchange_colours(composition: Composition, _: str, __: Views) -> Composition:
    things = composition.placements
    if len(things) < 2 or things[0].tint == things[1].tint:
        raise LinmechError(
            "change 'exchange-colours': the first two things have no two colours; use a data set of layout colour-pairs"
        )
    one, other = things[:2]
    return replace(composition, placements=(replace(one, tint=other.tint), replace(other, tint=one.tint), *things[2:]))


def _mirror_objects(composition: Composition, _: str, __: Views) -> Composition:
    return replace(composition, mirrored=not composition.mirrored)


def _background(composition: Composition, seed: str, _: Views) -> Composition:
    drawn = integer(_seed("background", seed), "another background", composition.background)
    return replace(composition, background=drawn)


def _other_nouns(composition: Composition, seed: str, known: Views) -> Composition:
    draw, things = rng(_seed("other-nouns", seed), "other nouns", composition.background), []
    free = sorted({noun for noun, _ in known} - {thing.noun for thing in composition.placements})
    for thing in composition.placements:
        fitting = [noun for noun in free if (noun, thing.view) in known]
        if not fitting:
            raise LinmechError(
                f"change 'other-nouns:{seed}': no object is left that does not stand there yet; add to objects.nouns"
            )
        things.append(replace(thing, noun=str(draw.choice(fitting))))
        free.remove(things[-1].noun)
    return replace(composition, placements=tuple(things))


def _seed(name: str, text: str) -> int:
    if not text.isdecimal():
        raise LinmechError(f"change '{name}:{text}': write a seed, an integer >= 0, e.g. {name}:7")
    return int(text)


HOW: dict[str, Callable[[Composition, str, Views], Composition]] = {
    "exchange-colours": _exchange_colours, "mirror-objects": _mirror_objects, "background": _background,
    "other-nouns": _other_nouns,
}  # fmt: skip
