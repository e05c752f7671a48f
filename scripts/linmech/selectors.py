"""Where a word, the image or the text sits among a prompt's tokens.

The image placeholder becomes many tokens, always to the left of the question, so characters are counted from the right
end of the prompt: that distance does not change when the placeholder expands.
"""

from collections.abc import Sequence

from linmech.errors import LinmechError
from linmech.prompts import NOUN_ROLES, Question

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
    pieces. Raises LinmechError if the question has no such word or its pieces are not found.
    """
    if pieces not in ("last", "all"):
        raise LinmechError(f"pieces must be 'last' or 'all', not {pieces!r}")
    if selector in ("image", "text"):
        return [i for i, seen in enumerate(visual) if seen == (selector == "image")]
    if selector == "last":
        return [len(offsets) - 1]
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


def _roles(selector: str, question: Question) -> list[str]:
    relation = [role for role in question.spans if role not in NOUN_ROLES]
    groups = {"nouns": [role for role in NOUN_ROLES if role in question.spans], "relation": relation}
    groups |= {role: [role] for role in groups["nouns"]} | {f"word:{word}": [word] for word in relation}
    if not groups.get(selector):
        raise LinmechError(
            f"selector {selector!r} names nothing in {question.text!r}; "
            f"use image, text, last, {', '.join(name for name in groups if groups[name])}"
        )
    return groups[selector]
