"""Questions about an image: their texts, their two answers, and where each word stands in the text.

Every word that an experiment may point at (its *role*: subject, reference, third; or a relation word) has its
character span recorded while the text is put together, so that nothing is searched for afterwards: a noun that occurs
twice, or inside another word, cannot be confused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter

from linmech.errors import LinmechError
from linmech.questions.agreement import agreed
from linmech.questions.kinds import AGREEING, NOUN_ROLES, Kind, has_orders, kind_of


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


def ask(
    kind: str, subject: str, reference: str = "", third: str = "", *, order: int = 0, wording: int = 0,
    options: Sequence[str] | None = None,
) -> Question:  # fmt: skip
    """The question of `kind` about the named objects.

    `order=1` swaps the answers in the text ("right or left") where the kind names them, else it changes nothing; the
    question's `options` stay canonical. `options` chooses the two colours of a colour question (needed), or two of the
    four words of a column or row question, in the caller's order; elsewhere it must be the kind's own two answers, or
    the two nouns that answer it.
    A noun that the kind has no place for is ignored.
    Raises LinmechError on an unknown kind, wording, order or option, or a missing noun.
    """
    spec = kind_of(kind)
    if wording not in range(len(spec.templates)) or order not in (0, 1):
        raise LinmechError(f"question kind {kind!r}: wording {wording}, order {order} does not exist; "
                           f"use wording 0..{len(spec.templates) - 1} and order 0 or 1")  # fmt: skip
    template = spec.templates[wording][order if has_orders(kind) else 0]
    chosen = (subject, reference) if spec.among_nouns else _options(kind, spec, options)
    if spec.among_nouns and options and sorted(options) != sorted(chosen):
        raise LinmechError(f"question kind {kind!r}: options must be {list(chosen)}, its nouns, not {list(options)}")
    nouns = dict(zip(NOUN_ROLES, (subject, reference, third), strict=True))
    text, spans = _fill(kind, template, nouns, chosen)
    return Question(kind, text, chosen, spans)


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
        if name in AGREEING:
            text += agreed(name, nouns["subject"])
            continue
        if name in NOUN_ROLES and not nouns[name].strip():
            raise LinmechError(f"question kind {kind!r} needs a noun for its {name}; give {name}=")
        word = fields.get(name, name)
        spans[name if name in NOUN_ROLES else word] = (len(text), len(text) + len(word))
        text += word
    return text, spans
