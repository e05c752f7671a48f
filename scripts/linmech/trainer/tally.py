"""How often a training was right of late, by kind of question."""

from collections import deque
from collections.abc import Mapping, Sequence

SPAN = 50  # steps that are looked back on, and from one line of the log to the next


class Tally:
    """Right answers and questions by kind of each of the last `SPAN` steps; `recent` is what JSON keeps of it."""

    def __init__(self, recent: Sequence[Mapping[str, Sequence[int]]] = ()):
        self._steps = deque(recent, maxlen=SPAN)

    @property
    def recent(self) -> list[Mapping[str, Sequence[int]]]:
        """By step, the latest last: kind → [right answers, questions]."""
        return list(self._steps)

    def add(self, marks: Mapping[str, Sequence[bool]]) -> None:
        """Take the marks of a step, by kind: which answers were right."""
        self._steps.append({kind: [sum(own), len(own)] for kind, own in marks.items() if len(own)})

    def accuracies(self, steps: int = SPAN) -> dict[str, float]:
        """Share of right answers over the last `steps`, by kind, in the order of the kinds' names."""
        counts: dict[str, list[int]] = {}
        for step in self.recent[-steps:]:
            for kind, (right, asked) in step.items():
                before = counts.get(kind, [0, 0])
                counts[kind] = [before[0] + right, before[1] + asked]
        return {kind: right / asked for kind, (right, asked) in sorted(counts.items())}

    def told(self) -> str:
        """For a bar: the accuracy of the only kind, or the mean over kinds and the worst of them."""
        found = self.accuracies()
        if len(found) < 2:
            return "".join(f"{kind} {accuracy:.2f}" for kind, accuracy in found.items())
        worst = min(found, key=found.__getitem__)
        return f"mean {sum(found.values()) / len(found):.2f}, worst {worst} {found[worst]:.2f}"
