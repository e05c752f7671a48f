"""What a model answers: the surface forms of a word as tokens, and the log-probability of a word summed over its forms.

The *belief* about a question with two answers is `d = log p(first) - log p(second)`; the *mass* is what the model gives
to both together. A form of several pieces is scored by the summed log-probability of its pieces, which needs the
next-token distribution after every proper prefix of the form.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from linmech.errors import LinmechError

Pieces = tuple[int, ...]
LogProbs = Mapping[tuple[Pieces, int], Float[np.ndarray, " run"]]  # of a piece after the prompt and the pieces before


@dataclass(frozen=True)
class AnswerScores:
    """Natural-log probabilities of the first and the second answer of one run."""

    log_p_first: float
    log_p_second: float

    @property
    def d(self) -> float:
        """The belief, log p(first) - log p(second), in nats."""
        return self.log_p_first - self.log_p_second

    @property
    def mass(self) -> float:
        """The probability of either answer, p(first) + p(second)."""
        return math.exp(self.log_p_first) + math.exp(self.log_p_second)


def answer_forms(tokenizer, word: str, prompt: str = "") -> list[Pieces]:
    """Surface forms of `word` (left, Left, " left", " Left") as the tokens that continue `prompt`, without duplicates.

    A form whose pieces merge with the prompt's end is no continuation of it and is left out, as is a form that begins
    with another one (its probability is part of that one's). Raises LinmechError when no form is left.
    """
    before = tuple(tokenizer(prompt, add_special_tokens=False)["input_ids"]) if prompt else ()
    forms = []
    for cased in (word, word[:1].upper() + word[1:]):
        for text in (cased, " " + cased):
            pieces = tuple(tokenizer(prompt + text, add_special_tokens=False)["input_ids"])
            if len(pieces) > len(before) and pieces[: len(before)] == before:
                forms.append(pieces[len(before) :])
    unique = sorted(set(forms), key=lambda form: (len(form), form))
    kept = [form for i, form in enumerate(unique) if not any(form[: len(short)] == short for short in unique[:i])]
    if not kept:
        raise LinmechError(f"the tokenizer cannot continue {prompt[-20:]!r} with {word!r}; choose another answer word")
    return kept


@dataclass(frozen=True)
class Readout:
    """The forms of the two answers to one prompt, and how to score them."""

    first: tuple[Pieces, ...]
    second: tuple[Pieces, ...]

    @classmethod
    def of(cls, tokenizer, prompt: str, answers: Sequence[str]) -> "Readout":
        """The readout of two answer words after `prompt`; LinmechError if their tokens cannot tell them apart."""
        if len(answers) != 2:
            raise LinmechError(f"a belief needs two answers, not {list(answers)}; pass answers=(first, second)")
        first, second = (tuple(answer_forms(tokenizer, word, prompt)) for word in answers)
        if any(a[: len(b)] == b or b[: len(a)] == a for a in first for b in second):
            raise LinmechError(f"answers {list(answers)} begin with the same tokens; choose words that differ at once")
        return cls(first, second)

    def steps(self) -> set[tuple[Pieces, int]]:
        """All (pieces before, next piece) whose log-probabilities the score needs."""
        return {(form[:i], form[i]) for form in (*self.first, *self.second) for i in range(len(form))}

    def extensions(self, log_p: LogProbs, negligible: float) -> dict[Pieces, Bool[np.ndarray, " run"]]:
        """The pieces to put after the prompt so that every step of the forms that matter has been read, and in which
        runs they do.

        `log_p` holds the steps after the prompt itself. A form is left out if its first piece has less than
        `negligible` of the probability of its answer's one-piece forms. In no run does one result begin another one.
        """
        before: dict[Pieces, np.ndarray] = {}
        for forms in (self.first, self.second):
            whole = sum(np.exp(log_p[(), form[0]]) for form in forms if len(form) == 1)
            for form in forms:
                if len(form) > 1:
                    matters = np.exp(log_p[(), form[0]]) >= negligible * whole
                    before[form[:-1]] = before.get(form[:-1], False) | matters
        covered = {a: [runs for b, runs in before.items() if a != b and b[: len(a)] == a] for a in before}
        return {a: runs & ~np.any([np.zeros_like(runs), *covered[a]], axis=0) for a, runs in before.items()}

    def scores(self, log_p: LogProbs) -> list[AnswerScores]:
        """The scores of every run from the log-probability of the steps; a form with a step of -inf is left out."""
        totals = [
            [sum(log_p[form[:i], form[i]] for i in range(len(form))) for form in forms]
            for forms in (self.first, self.second)
        ]
        first, second = (np.logaddexp.reduce(np.array(each), axis=0).tolist() for each in totals)
        return [AnswerScores(*pair) for pair in zip(first, second, strict=True)]
