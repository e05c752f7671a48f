"""`words`: questions about nothing to see, from which the words of space are read (Figs 5, 7B)."""

from collections.abc import Iterator, Sequence

from linmech.stimuli.composer import Placement
from linmech.stimuli.layouts.stimulus import Query, Stimulus, as_many_pairs


def lay_out(
    nouns: Sequence[str], views: int, seed: int, name: str, *, side: int, asks: Sequence[str], pairs: int
) -> Iterator[Stimulus]:
    """Questions of the kinds `asks` about at most `pairs` ordered pairs, each in both orders of its answers."""
    for kind in asks:
        for subject, reference in as_many_pairs(nouns, pairs, seed):
            named = tuple(Placement(noun, float("nan"), float("nan"), float("nan")) for noun in (subject, reference))
            asked = tuple(Query(kind, 0, 1, order=order) for order in (0, 1))
            yield Stimulus("", 0, named, asked)
