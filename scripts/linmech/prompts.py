"""Questions about an image: their texts, their two answers, and where each word stands in the text.

A *kind* of question has several *wordings*; wording 0 is canonical. A wording that names both answers has two *orders*
("left or right", "right or left"). Every word that an experiment may point at (its *role*: subject, reference, third;
or a relation word) has its character span recorded while the text is put together, so that nothing is searched for
afterwards: a noun that occurs twice, or inside another word, cannot be confused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter

from linmech.answers import AnswerScores, answer_forms
from linmech.errors import LinmechError

__all__ = ["KINDS", "NOUN_ROLES", "AnswerScores", "Kind", "Question", "answer_forms", "ask", "has_orders"]

NOUN_ROLES = ("subject", "reference", "third")


@dataclass(frozen=True)
class Kind:
    """Wordings and answers of one kind of question.

    `templates[wording][order]` is a format string. Its fields: the noun roles; `article` (a or an); `first` and
    `second` (the answers, named in the text); any other field is a relation word that stands for itself.
    `options` are the answers in canonical order; empty where the caller chooses them (colour).
    """

    templates: tuple[tuple[str, ...], ...]
    options: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A question's text, its possible answers (canonical order: first, second, ...), and the character spans of roles.

    `spans[role] = (start, end)` in `text`, for the noun roles that the kind has and for every relation word by its own
    name ("left", "between", ...).
    """

    kind: str
    text: str
    options: tuple[str, ...]
    spans: dict[str, tuple[int, int]] = field(hash=False)


KINDS: dict[str, Kind] = {
    "exists": Kind(
        (
            ("Is there {article} {subject} in the image?",),
            ("Does the image show {article} {subject}?",),
            ("Can you see {article} {subject} in this picture?",),
        ),
        ("yes", "no"),
    ),
    "column": Kind(
        (
            ("In which column is the {subject}?",),
            ("Which column is the {subject} in?",),
            ("The {subject} is in which column?",),
        ),
        ("one", "two", "three", "four"),
    ),
    "row": Kind(
        (
            ("In which row is the {subject}?",),
            ("Which row is the {subject} in?",),
            ("The {subject} is in which row?",),
        ),
        ("top", "upper", "lower", "bottom"),
    ),
    "left-right": Kind(
        (
            (
                "Is the {subject} to the {first} or {second} of the {reference}?",
                "Is the {subject} to the {second} or {first} of the {reference}?",
            ),
            (
                "Is the {subject} on the {first} or {second} side of the {reference}?",
                "Is the {subject} on the {second} or {first} side of the {reference}?",
            ),
            (
                "Relative to the {reference}, is the {subject} on the {first} or the {second}?",
                "Relative to the {reference}, is the {subject} on the {second} or the {first}?",
            ),
            (
                "Does the {subject} lie to the {first} or to the {second} of the {reference}?",
                "Does the {subject} lie to the {second} or to the {first} of the {reference}?",
            ),
        ),
        ("left", "right"),
    ),
    "above-below": Kind(
        (
            (
                "Is the {subject} {first} or {second} the {reference}?",
                "Is the {subject} {second} or {first} the {reference}?",
            ),
            (
                "Relative to the {reference}, is the {subject} {first} or {second}?",
                "Relative to the {reference}, is the {subject} {second} or {first}?",
            ),
            (
                "Does the {subject} lie {first} or {second} the {reference}?",
                "Does the {subject} lie {second} or {first} the {reference}?",
            ),
        ),
        ("above", "below"),
    ),
    "near-far": Kind(
        (
            (
                "Is the {subject} {first} or {second} from the {reference}?",
                "Is the {subject} {second} from or {first} the {reference}?",
            ),
            (
                "Relative to the {reference}, is the {subject} {first} or {second}?",
                "Relative to the {reference}, is the {subject} {second} or {first}?",
            ),
        ),
        ("near", "far"),
    ),
    "in-between": Kind(
        (
            ("Is the {subject} in {between} the {reference} and the {third}?",),
            ("Does the {subject} lie {between} the {reference} and the {third}?",),
        ),
        ("yes", "no"),
    ),
    "front-behind": Kind(
        (
            (
                "Is the {subject} in {first} of or {second} the {reference}?",
                "Is the {subject} {second} or in {first} of the {reference}?",
            ),
            (
                "Does the {subject} stand in {first} of or {second} the {reference}?",
                "Does the {subject} stand {second} or in {first} of the {reference}?",
            ),
        ),
        ("front", "behind"),
    ),
    "colour": Kind(
        (
            ("Is the {subject} {first} or {second}?", "Is the {subject} {second} or {first}?"),
            (
                "What colour is the {subject}, {first} or {second}?",
                "What colour is the {subject}, {second} or {first}?",
            ),
        ),
        (),
    ),
}


def has_orders(kind: str) -> bool:
    """Whether the kind's text names its two answers, so that asking in the other order is another text."""
    return len(_kind(kind).templates[0]) == 2


def ask(
    kind: str, subject: str, reference: str = "", third: str = "", *, order: int = 0, wording: int = 0,
    options: Sequence[str] | None = None,
) -> Question:  # fmt: skip
    """The question of `kind` about the named objects.

    `order=1` swaps the answers in the text ("right or left") where the kind names them, else it changes nothing; the
    question's `options` stay canonical. `options` chooses the two colours of a colour question (needed), or two of the
    four words of a column or row question, in the caller's order; elsewhere it must be the kind's own two answers.
    A noun that the kind has no place for is ignored.
    Raises LinmechError on an unknown kind, wording, order or option, or a missing noun.
    """
    spec = _kind(kind)
    if wording not in range(len(spec.templates)) or order not in (0, 1):
        raise LinmechError(f"question kind {kind!r}: wording {wording}, order {order} does not exist; "
                           f"use wording 0..{len(spec.templates) - 1} and order 0 or 1")  # fmt: skip
    template = spec.templates[wording][order if has_orders(kind) else 0]
    chosen = _options(kind, spec, options)
    nouns = dict(zip(NOUN_ROLES, (subject, reference, third), strict=True))
    text, spans = _fill(kind, template, nouns, chosen)
    return Question(kind, text, chosen, spans)


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise LinmechError(f"unknown question kind {kind!r}; use one of {', '.join(KINDS)}")
    return KINDS[kind]


def _options(kind: str, spec: Kind, options: Sequence[str] | None) -> tuple[str, ...]:
    if options is None and spec.options:
        return spec.options
    given = tuple(options or ())
    if len(given) != 2 or given[0] == given[1] or not all(given):
        raise LinmechError(f"question kind {kind!r}: options must be two different words, not {list(given)}")
    if spec.options and not set(given) <= set(spec.options):
        raise LinmechError(f"question kind {kind!r}: options {list(given)} are not among {list(spec.options)}")
    return spec.options if len(spec.options) == 2 else given


def _fill(kind: str, template: str, nouns: dict[str, str], options: tuple[str, ...]) -> tuple[str, dict]:
    """The text with its fields filled in, and the span of every field."""
    text, spans = "", {}
    fields = nouns | {"first": options[0], "second": options[1]}
    for literal, name, _, _ in Formatter().parse(template):
        text += literal
        if not name:
            continue
        if name == "article":
            text += "an" if nouns["subject"][:1].lower() in "aeiou" else "a"
            continue
        if name in NOUN_ROLES and not nouns[name].strip():
            raise LinmechError(f"question kind {kind!r} needs a noun for its {name}; give {name}=")
        word = fields.get(name, name)
        spans[name if name in NOUN_ROLES else word] = (len(text), len(text) + len(word))
        text += word
    return text, spans
