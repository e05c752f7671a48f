"""Where a word, the image or the text sits among a prompt's tokens.

The image placeholder becomes many tokens, always to the left of the question, so characters are counted from the right
end of the prompt: that distance does not change when the placeholder expands.
"""

import re
from collections.abc import Sequence

from linmech.errors import LinmechError
from linmech.questions.asking import Question
from linmech.questions.kinds import NOUN_ROLES
from linmech.seeds import rng

Span = tuple[int, int]


def question_start(prompt: str, question: Question) -> int:
    """The character at which the question's text begins in the rendered prompt, where it must stand exactly once."""
    if prompt.count(question.text) != 1:
        raise LinmechError(
            f"the chat template renders the question {question.text!r} {prompt.count(question.text)} times; "
            "use a processor whose template repeats the user's text once"
        )
    return prompt.index(question.text)


def select(
    selector: str, *, prompt: str, question: Question, offsets: Sequence[Span], visual: Sequence[bool],
    pieces: str = "last",
) -> list[int]:  # fmt: skip
    """Positions of `selector` among the `len(offsets)` real (not padding) tokens of a prompt, ascending.

    `offsets` are the tokens' character spans in the expanded prompt; `visual` says which tokens are image or video.
    `image` | `text`: all visual | all other tokens. `last`: the final token. A noun role, `nouns` (all roles of the
    question), `relation` (all its relation words) or `word:left` (one of them): the last piece of each word, or all
    pieces. `neighbours`: all pieces of all nouns and the text tokens beside them. `random_text(n, seed)`: n text tokens
    that are none of those, drawn from the seed and the question. Raises LinmechError if the question has no such word,
    its pieces are not found, or there are not n tokens.
    """
    if pieces not in ("last", "all"):
        raise LinmechError(f"pieces must be 'last' or 'all', not {pieces!r}")
    if selector in ("image", "text"):
        return [i for i, seen in enumerate(visual) if seen == (selector == "image")]
    if selector == "last":
        return [len(offsets) - 1]
    if selector == "neighbours" or selector.startswith("random_text"):
        nouns = set(select("nouns", prompt=prompt, question=question, offsets=offsets, visual=visual, pieces="all"))
        beside = {i + step for i in nouns for step in (-1, 0, 1)}
        text = [i for i, seen in enumerate(visual) if not seen]
        if selector == "neighbours":
            return [i for i in text if i in beside]
        return _random(selector, question, [i for i in text if i not in beside])
    start = question_start(prompt, question)
    end = max(stop for _, stop in offsets)
    found: set[int] = set()
    for role in _roles(selector, question):
        left, right = (end - len(prompt) + start + place for place in question.spans[role])
        tokens = [i for i, (a, b) in enumerate(offsets) if a < right and b > left and b > a and not visual[i]]
        if not tokens:
            raise LinmechError(f"no token covers the {role} of {question.text!r}; the tokenizer gives no offsets")
        found.update(tokens if pieces == "all" else tokens[-1:])
    return sorted(found)


def _random(selector: str, question: Question, others: list[int]) -> list[int]:
    asked = re.fullmatch(r"random_text\((\d+), *(\d+)\)", selector)
    if not asked or not 0 < int(asked[1]) <= len(others):
        raise LinmechError(f"selector {selector!r}: write random_text(n, seed), n from 1 to {len(others)} here")
    chosen = rng(int(asked[2]), "random text", question.text).choice(others, int(asked[1]), replace=False)
    return sorted(chosen.tolist())


def _roles(selector: str, question: Question) -> list[str]:
    relation = [role for role in question.spans if role not in NOUN_ROLES]
    groups = {"nouns": [role for role in NOUN_ROLES if role in question.spans], "relation": relation}
    groups |= {role: [role] for role in groups["nouns"]} | {f"word:{word}": [word] for word in relation}
    if not groups.get(selector):
        raise LinmechError(
            f"selector {selector!r} names nothing in {question.text!r}; "
            f"use image, text, last, neighbours, {', '.join(name for name in groups if groups[name])}"
        )
    return groups[selector]
