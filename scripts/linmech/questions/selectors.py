"""Where a word, the image or the text sits among a prompt's tokens.

The image placeholder becomes many tokens, always to the left of the question, so characters are counted from the right
end of the prompt: that distance does not change when the placeholder expands.
"""

import re
from collections.abc import Mapping, Sequence

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
    that are none of those and not the last, drawn from the seed and the question, those before anything visual only
    where there are too few others; n is a number, or `nouns` or `neighbours`: as many as they have, or all others where
    a tokenizer cuts nouns into more. Raises LinmechError if the question has no such word, its pieces are not found, or
    there are not n tokens.
    """
    if pieces not in ("last", "all"):
        raise LinmechError(f"pieces must be 'last' or 'all', not {pieces!r}")
    if selector in ("image", "text"):
        return [i for i, seen in enumerate(visual) if seen == (selector == "image")]
    if selector == "last":
        return [len(offsets) - 1]
    if selector == "neighbours" or selector.startswith("random_text"):
        nouns = select("nouns", prompt=prompt, question=question, offsets=offsets, visual=visual, pieces="all")
        around = {i + step for i in nouns for step in (-1, 0, 1)}
        neighbours = [i for i, seen in enumerate(visual) if not seen and i in around]
        if selector == "neighbours":
            return neighbours
        return _random(selector, question, visual, {"nouns": nouns, "neighbours": neighbours})
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


def _random(selector: str, question: Question, visual: Sequence[bool], known: Mapping[str, list[int]]) -> list[int]:
    """`known`: the tokens that may be counted by name; those of `neighbours` are not drawn."""
    # ASSUME: the paper draws from all text that is no noun. Tokens before the image are the same in both runs, and at
    # the last one the answer is read: with them the control would measure how often they are drawn.
    others = [i for i, seen in enumerate(visual) if not (seen or i in known["neighbours"])]
    others = [i for i in others if i < len(visual) - 1]
    asked = re.fullmatch(r"random_text\((\d+|nouns|neighbours), *(\d+)\)", selector)
    count = (min(len(known[asked[1]]), len(others)) if asked[1] in known else int(asked[1])) if asked else 0
    if not 0 < count <= len(others):
        raise LinmechError(
            f"selector {selector!r}: write random_text(n, seed), n from 1 to {len(others)} here, nouns or neighbours"
        )
    first = visual.index(True) if any(visual) else 0
    draw = rng(int(asked[2]), "random text", question.text)
    after, before = (draw.permutation([i for i in others if (i > first) == late]) for late in (True, False))
    return sorted([*after.tolist(), *before.tolist()][:count])


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
