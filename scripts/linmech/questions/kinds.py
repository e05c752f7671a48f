"""The kinds of questions: their wordings and their answers.

A *kind* has several *wordings*; wording 0 is canonical. A wording that names both answers has two *orders* ("left or
right", "right or left").
"""

from dataclasses import dataclass
from string import Formatter

from linmech.errors import LinmechError

AGREEING = ("article", "Is", "is", "Does")  # what hangs on the subject's number
NOUN_ROLES = ("subject", "reference", "third")


@dataclass(frozen=True)
class Kind:
    """Wordings and answers of one kind of question.

    `templates[wording][order]` is a format string. Its fields: the noun roles; `article` (a or an; any) and the verbs
    that agree with the subject (`agreement`); `first` and `second` (the answers, named in the text); any other field is
    a relation word that stands for itself.
    `options` are the answers in canonical order; empty where the caller chooses them (colour), and where they are the
    subject and the reference themselves (`among_nouns`).
    """

    templates: tuple[tuple[str, ...], ...]
    options: tuple[str, ...]
    among_nouns: bool = False


KINDS: dict[str, Kind] = {
    "exists": Kind(
        (
            ("{Is} there {article} {subject} in the image?",),
            ("Does the image show {article} {subject}?",),
            ("Can you see {article} {subject} in this picture?",),
        ),
        ("yes", "no"),
    ),
    "either": Kind((("{Is} there {article} {subject} or {reference} in the image?",),), ("yes", "no")),  # D.2, A19
    "column": Kind(
        (
            ("In which column {is} the {subject}?",),
            ("Which column {is} the {subject} in?",),
            ("The {subject} {is} in which column?",),
        ),
        ("one", "two", "three", "four"),
    ),
    "row": Kind(
        (
            ("In which row {is} the {subject}?",),
            ("Which row {is} the {subject} in?",),
            ("The {subject} {is} in which row?",),
        ),
        ("top", "upper", "lower", "bottom"),
    ),
    "left-right": Kind(
        (
            (
                "{Is} the {subject} to the {first} or {second} of the {reference}?",
                "{Is} the {subject} to the {second} or {first} of the {reference}?",
            ),
            (
                "{Is} the {subject} on the {first} or {second} side of the {reference}?",
                "{Is} the {subject} on the {second} or {first} side of the {reference}?",
            ),
            (
                "Relative to the {reference}, {is} the {subject} on the {first} or the {second}?",
                "Relative to the {reference}, {is} the {subject} on the {second} or the {first}?",
            ),
            (
                "{Does} the {subject} lie to the {first} or to the {second} of the {reference}?",
                "{Does} the {subject} lie to the {second} or to the {first} of the {reference}?",
            ),
        ),
        ("left", "right"),
    ),
    "above-below": Kind(
        (
            (
                "{Is} the {subject} {first} or {second} the {reference}?",
                "{Is} the {subject} {second} or {first} the {reference}?",
            ),
            (
                "Relative to the {reference}, {is} the {subject} {first} or {second}?",
                "Relative to the {reference}, {is} the {subject} {second} or {first}?",
            ),
            (
                "{Does} the {subject} lie {first} or {second} the {reference}?",
                "{Does} the {subject} lie {second} or {first} the {reference}?",
            ),
        ),
        ("above", "below"),
    ),
    "near-far": Kind(
        (
            (
                "{Is} the {subject} {first} or {second} from the {reference}?",
                "{Is} the {subject} {second} from or {first} the {reference}?",
            ),
            (
                "Relative to the {reference}, {is} the {subject} {first} or {second}?",
                "Relative to the {reference}, {is} the {subject} {second} or {first}?",
            ),
        ),
        ("near", "far"),
    ),
    "in-between": Kind(
        (
            ("{Is} the {subject} in {between} the {reference} and the {third}?",),
            ("{Does} the {subject} lie {between} the {reference} and the {third}?",),
        ),
        ("yes", "no"),
    ),
    "front-behind": Kind(
        (
            (
                "{Is} the {subject} in {first} of or {second} the {reference}?",
                "{Is} the {subject} {second} or in {first} of the {reference}?",
            ),
            (
                "{Does} the {subject} stand in {first} of or {second} the {reference}?",
                "{Does} the {subject} stand {second} or in {first} of the {reference}?",
            ),
        ),
        ("front", "behind"),
    ),
    "before-after": Kind(
        (
            (
                "{Does} the {subject} appear {first} or {second} the {reference}?",
                "{Does} the {subject} appear {second} or {first} the {reference}?",
            ),
            (
                "In the video, {is} the {subject} shown {first} or {second} the {reference}?",
                "In the video, {is} the {subject} shown {second} or {first} the {reference}?",
            ),
            (
                "{Is} the {subject} seen {first} or {second} the {reference}?",
                "{Is} the {subject} seen {second} or {first} the {reference}?",
            ),
        ),
        ("before", "after"),
    ),
    "first": Kind(
        (
            ("Which is seen first, the {subject} or the {reference}?",),
            ("Which comes first in the video, the {subject} or the {reference}?",),
            ("Of the {subject} and the {reference}, which appears first?",),
        ),
        (),
        among_nouns=True,
    ),
    "frame": Kind(
        (
            ("In which frame {is} the {subject}?",),
            ("Which frame {is} the {subject} in?",),
            ("The {subject} {is} in which frame?",),
        ),
        ("one", "two", "three", "four", "five", "six", "seven", "eight"),
    ),
    "scene-order": Kind(
        (
            (
                "Does the scene '{subject}' occur {first} or {second} the scene '{reference}'?",
                "Does the scene '{subject}' occur {second} or {first} the scene '{reference}'?",
            ),
        ),
        ("before", "after"),
    ),
    "colour": Kind(
        (
            ("{Is} the {subject} {first} or {second}?", "{Is} the {subject} {second} or {first}?"),
            (
                "What colour {is} the {subject}, {first} or {second}?",
                "What colour {is} the {subject}, {second} or {first}?",
            ),
        ),
        (),
    ),
}


OF_TIME = ("before-after", "first", "frame", "scene-order")  # what can be asked of a video only


def has_orders(kind: str) -> bool:
    """Whether the kind's text names its two answers, so that asking in the other order is another text."""
    return len(kind_of(kind).templates[0]) == 2


def wordings(kind: str) -> int:
    """How many wordings a kind has."""
    return len(kind_of(kind).templates)


def roles_of(kind: str) -> tuple[str, ...]:
    """The noun roles that a kind's text has a place for, in their order."""
    text = kind_of(kind).templates[0][0]
    return tuple(role for role in NOUN_ROLES if f"{{{role}}}" in text)


def has_relation(kind: str) -> bool:
    """Whether a kind's text has relation words: its answers, or a word of its own (between)."""
    fields = {name for _, name, _, _ in Formatter().parse(kind_of(kind).templates[0][0]) if name}
    return bool(fields - {*NOUN_ROLES, *AGREEING})


def kind_of(kind: str) -> Kind:
    """The kind of that name. Raises LinmechError for an unknown one."""
    if kind not in KINDS:
        raise LinmechError(f"unknown question kind {kind!r}; use one of {', '.join(KINDS)}")
    return KINDS[kind]
