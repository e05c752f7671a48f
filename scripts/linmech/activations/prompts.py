"""A reading's prompts: which questions are asked, and at which words the residual stream is kept."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd

from linmech.errors import LinmechError
from linmech.questions.asking import Question
from linmech.questions.kinds import NOUN_ROLES
from linmech.stimuli.items import Item, question


@dataclass(frozen=True)
class Prompt:
    """A question to ask and the words to read: `roles` maps a row's role to its selector (one position each).

    `visual` is the id that the source of visuals is asked for; "" asks the question without one.
    """

    item: str
    question: Question
    roles: dict[str, str] = field(hash=False)
    visual: str = ""

    def __post_init__(self):
        if not self.roles:
            raise LinmechError(f"item {self.item}: none of the roles to read is named in {self.question.text!r}")


def prompts_of(items: Iterable[Item], roles: Sequence[str], wording: int = 0, asks: Sequence[str] = ()) -> list[Prompt]:
    """Each item's question in its first order and this wording, with those of `roles` that it names; of the kinds in
    `asks` alone, if it names any.

    A role is that of a noun, "last" (the prompt's last token), or "relation": every relation word of the question, as a
    row whose role is the word itself. Raises LinmechError for an item that names none of them.
    """
    found = []
    for item in items:
        if asks and item.kind not in asks:
            continue
        asked = question(item, wording=wording)
        named = {row: selector for role in roles for row, selector in _named(asked, role)}
        found.append(Prompt(item.id, asked, named, item.visual))
    return found


def index_of(prompts: Sequence[Prompt]) -> pd.DataFrame:
    """The rows (item, role) that the prompts will give, in order."""
    rows = [(prompt.item, role) for prompt in prompts for role in prompt.roles]
    return pd.DataFrame(rows, columns=["item", "role"])


def texts_hash(prompts: Sequence[Prompt]) -> str:
    """Hash of what is asked and which words are read: rows of two wordings never meet in one file."""
    told = [(prompt.item, prompt.question.text, sorted(prompt.roles.items())) for prompt in prompts]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _named(asked: Question, role: str) -> Iterator[tuple[str, str]]:
    """(role of the row, selector) of the words that a role means in a question."""
    if role == "relation":
        words = [word for word in asked.spans if word not in NOUN_ROLES]
        for word in sorted(words, key=lambda word: asked.options.index(word) if word in asked.options else -1):
            yield word, f"word:{word}"
    elif role == "last" or role in asked.spans:
        yield role, role
