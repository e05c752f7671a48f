"""A question agrees with its subject in number, in every kind and wording, and no other noun's text hangs on it."""

import itertools

import pytest

from linmech.questions.agreement import PLURAL
from linmech.questions.asking import ask
from linmech.questions.kinds import KINDS, has_orders

ASKED = [
    (kind, wording, order)
    for kind in KINDS
    for wording, order in itertools.product(range(len(KINDS[kind].templates)), (0, 1)[: 1 + has_orders(kind)])
]


def text_of(kind: str, wording: int, order: int, subject: str) -> str:
    options = ["red", "blue"] if kind == "colour" else None
    return ask(kind, subject, "dog", "hat", order=order, wording=wording, options=options).text


@pytest.mark.parametrize(("kind", "wording", "order"), ASKED)
def test_things_that_have_no_singular_are_asked_about_in_the_plural(kind, wording, order):
    one, many = (text_of(kind, wording, order, noun) for noun in ("umbrella", "reading glasses"))
    words = {"Is": "Are", "is": "are", "Does": "Do", "an": "any", "umbrella": "reading glasses"}
    if kind in ("first", "scene-order") or one.startswith("Does the image") or one.startswith("Can"):
        words = {"an": "any", "umbrella": "reading glasses"}  # the verb is another noun's
    ends = ",.?'"
    told = [words.get(word.strip(ends), word.strip(ends)) + word[len(word.rstrip(ends)) :] for word in one.split()]
    assert many.replace("'", "") == " ".join(told).replace("'", "")
    assert ("is the reading" in many.lower()) is False


@pytest.mark.parametrize("noun", ["bus", "dress", "wine glass", "cactus", "traffic lights"])
def test_every_other_noun_is_asked_about_in_the_singular(noun):
    assert text_of("left-right", 0, 0, noun) == f"Is the {noun} to the left or right of the dog?"


def test_what_has_no_singular_is_found_by_its_last_word_alone():
    assert text_of("column", 0, 0, "Scissors") == "In which column are the Scissors?" and "scissors" in PLURAL
    assert text_of("column", 0, 0, "scissors case") == "In which column is the scissors case?"


def test_words_are_where_they_stand_in_the_plural_too():
    asked = ask("left-right", "glasses", "dog")
    assert {role: asked.text[slice(*span)] for role, span in asked.spans.items()} == {
        "subject": "glasses", "left": "left", "right": "right", "reference": "dog",
    }  # fmt: skip
