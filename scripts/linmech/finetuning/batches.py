"""The batches of a finetuning: one pair of nouns on a grid, the anchor in one cell, the subject in all others (A.9)."""

from collections import defaultdict
from collections.abc import Sequence

from linmech.errors import LinmechError
from linmech.seeds import digest, rng
from linmech.stimuli.items import Item

Batch = tuple[list[Item], int]


class Batches:
    """The batches of `run`, whatever the arm: `at(number)` gives its items and the order of the two answers.

    A batch is about one pair, of one size, in one kind of question; questions without a true answer (the nouns stand in
    one column) are among its items. Raises LinmechError where the grid places no pair in all cells.
    """

    def __init__(self, items: Sequence[Item], kinds: Sequence[str], seed: int, run: int, where: str = ""):
        self.seed, self.run = seed, run
        groups: dict[tuple, list[Item]] = defaultdict(list)
        for item in sorted(items, key=lambda item: item.id):
            if item.kind in kinds:
                subject, anchor = item.things["subject"], item.things["reference"]
                at = (item.kind, subject.noun, anchor.noun, subject.size, anchor.column, anchor.row)
                groups[at].append(item)
        cells = len({(item.things["subject"].column, item.things["subject"].row) for item in items})
        self.groups = [groups[at] for at in sorted(groups) if len(groups[at]) == cells - 1]
        if not self.groups:
            raise LinmechError(
                f"{where or 'finetuning'}: no pair stands in all cells of the grid; give its stanza of stimuli all "
                f"{cells * (cells - 1)} placements, and ask one of {', '.join(kinds)}"
            )

    def at(self, number: int) -> Batch:
        """The batch of that number, counted from 0."""
        draw = rng(self.seed, "finetuning batch", self.run, number)
        return self.groups[int(draw.integers(len(self.groups)))], int(draw.integers(2))

    def told(self, count: int) -> str:
        """A hash of the first `count` batches: runs that saw the same have the same."""
        seen = [[item.id for item in items] + [order] for items, order in map(self.at, range(count))]
        return digest(*seen).hex()[:16]
