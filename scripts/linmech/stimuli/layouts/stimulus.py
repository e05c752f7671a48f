"""What a layout yields: images or videos, each with what stands where and what is asked about it.

A layout is a module with a function `lay_out(nouns, views, seed, name, *, side, asks, ...)` that yields `Stimulus`
objects for the data set `name`; one that asks how the objects look takes `sprites` as well. Each draw depends on the
seed and on the image's own name, so a longer data set begins with the images of a shorter one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from linmech.errors import LinmechError
from linmech.questions.kinds import KINDS, roles_of
from linmech.questions.relations import truth
from linmech.seeds import rng
from linmech.stimuli.composer import COLOURS, Placement

CLEAR = 0.16  # a relation is asked only where the centres differ by this share of the side


@dataclass(frozen=True)
class Query:
    """A question about a stimulus: indices into its placements (-1 = none), the true and the false answer.

    An answer "" is not known. `absent` is the subject's noun where no such thing is shown. `order` is the order of the
    two answers in the text in which the question is asked first. `called`: what the question calls the things of its
    roles, where that is not their nouns: scenes of which each is one thing.
    """

    kind: str
    subject: int
    reference: int = -1
    third: int = -1
    answer: str = ""
    other: str = ""
    absent: str = ""
    order: int = 0
    called: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stimulus:
    """One image or video (`image`: its id, unique in the data set, "" where there is nothing to see) and its questions.

    `background` is a seed. A video has several `frames`; a placement says in which of them it is seen. `traits` are
    further columns of the manifest, the same ones in a whole data set; blur, contrast and cut are as in `Composition`.
    """

    image: str
    background: int
    placements: tuple[Placement, ...]
    queries: tuple[Query, ...]
    frames: int = 1
    traits: Mapping[str, float] = field(default_factory=dict, hash=False)


def queries(
    asks: Sequence[str], placed: Sequence[Placement], side: float, draw: np.random.Generator, nouns: Sequence[str] = (),
    *, clear: float = CLEAR, colours: Sequence[str] = tuple(COLOURS),
) -> tuple[Query, ...]:  # fmt: skip
    """One query per kind of `asks` about the first placements, in that order; no answer where it is not clear.

    `exists` gives two, the second about one of `nouns` that is not shown. Colour is asked of tinted things; the false
    answer is one of `colours`. `clear`: how far centres must differ for a direction, as a share of the side.
    """
    return tuple(query for kind in asks for query in _queries(kind, placed, side, draw, nouns, clear, colours))


def _queries(
    kind: str, placed: Sequence[Placement], side: float, draw: np.random.Generator, nouns: Sequence[str], clear: float,
    colours: Sequence[str],
) -> Iterator[Query]:  # fmt: skip
    if kind == "exists":
        yes, no = KINDS["exists"].options
        yield Query(kind, 0, answer=yes, other=no)
        absent = sorted(set(nouns) - {thing.noun for thing in placed})
        if absent:
            yield Query(kind, -1, answer=no, other=yes, absent=absent[int(draw.integers(len(absent)))])
    elif kind == "either":
        yes, no = KINDS["either"].options
        yield Query(kind, 0, 1, answer=yes, other=no)
    elif kind == "colour":
        own = placed[0].tint
        if own:
            yield Query(kind, 0, answer=own, other=str(draw.choice([colour for colour in colours if colour != own])))
    else:
        roles = len(roles_of(kind))
        known = truth(kind, placed[:roles], side, clear * side) or ("", "")
        yield Query(kind, *range(roles), **dict(zip(("answer", "other"), known, strict=True)))


def ordered_pairs(nouns: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """`count` ordered pairs in which every noun is subject and reference equally often (up to one).

    Pairs run along shifts of a shuffled circle of nouns. Raises LinmechError if `count` exceeds n·(n−1).
    """
    limit = len(nouns) * (len(nouns) - 1)
    if len(nouns) < 2 or count > limit:
        raise LinmechError(
            f"config keys stimuli: a data set asks for {count} ordered pairs but {len(nouns)} objects give only "
            f"{limit}: lower its pairs or add objects"
        )
    circle = list(rng(seed, "pairs").permutation(sorted(nouns)))
    n = len(circle)
    shifts = rng(seed, "shifts").permutation(np.arange(1, n))
    pairs = [(str(circle[i]), str(circle[(i + s) % n])) for s in shifts for i in range(n)]
    return pairs[:count]


def as_many_pairs(nouns: Sequence[str], items: int, seed: int) -> list[tuple[str, str]]:
    """`ordered_pairs` for `items` questions: all pairs that there are, if that is fewer."""
    return ordered_pairs(nouns, min(items, len(nouns) * (len(nouns) - 1)), seed)
