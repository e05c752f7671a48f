"""Prompts: spans point at their words, selectors decode to their words, answers are scored over their forms."""

import itertools
import math

import numpy as np
import pytest
import torch

import tiny
from linmech.engine.beliefs import beliefs
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.questions.answers import AnswerScores, Readout, answer_forms
from linmech.questions.asking import ask
from linmech.questions.kinds import KINDS, has_orders

NAMES = {"subject": "teddy bear", "reference": "dog", "third": "car"}


def every_question():
    for kind, spec in KINDS.items():
        options = ("red", "blue") if kind == "colour" else None
        for wording, order in itertools.product(range(len(spec.templates)), (0, 1)):
            yield ask(kind, *NAMES.values(), order=order, wording=wording, options=options)


def test_every_span_of_every_wording_is_its_word():
    for question in every_question():
        assert "{" not in question.text and question.text.endswith("?")
        assert "subject" in question.spans
        for role, (start, end) in question.spans.items():
            assert question.text[start:end] == NAMES.get(role, role)


def test_canonical_texts_are_the_ones_agreed():
    assert ask("exists", "umbrella").text == "Is there an umbrella in the image?"
    assert ask("exists", "frog").text == "Is there a frog in the image?"
    assert ask("left-right", "frog", "car").text == "Is the frog to the left or right of the car?"
    assert ask("left-right", "frog", "car", order=1).text == "Is the frog to the right or left of the car?"
    assert ask("above-below", "frog", "car").text == "Is the frog above or below the car?"
    assert ask("near-far", "frog", "car").text == "Is the frog near or far from the car?"
    assert ask("in-between", "frog", "car", "dog").text == "Is the frog in between the car and the dog?"
    assert ask("front-behind", "frog", "car").text == "Is the frog in front of or behind the car?"
    assert ask("before-after", "frog", "car").text == "Does the frog appear before or after the car?"
    assert ask("before-after", "frog", "car", order=1).text == "Does the frog appear after or before the car?"
    scenes = ask("scene-order", "a park", "a man's room").text
    assert scenes == "Does the scene 'a park' occur before or after the scene 'a man's room'?"
    assert ask("colour", "frog", options=("red", "blue")).text == "Is the frog red or blue?"
    assert ask("first", "frog", "car").text == "Which is seen first, the frog or the car?"


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_order_swaps_the_answers_in_the_text_and_nothing_else(kind):
    options = ("red", "blue") if kind == "colour" else None
    for wording in range(len(KINDS[kind].templates)):
        a, b = (ask(kind, *NAMES.values(), wording=wording, options=options, order=order) for order in (0, 1))
        assert a.options == b.options
        assert sorted(a.spans) == sorted(b.spans)
        assert (a.text != b.text) == has_orders(kind)
        if has_orders(kind):
            first, second = a.options
            assert a.spans[first] < a.spans[second] and b.spans[first] > b.spans[second]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(kind="beside", subject="frog"), "unknown question kind"),
        (dict(kind="left-right", subject="frog"), "reference"),
        (dict(kind="in-between", subject="frog", reference="car"), "third"),
        (dict(kind="colour", subject="frog"), "options"),
        (dict(kind="column", subject="frog", options=("one", "nine")), "not among"),
        (dict(kind="first", subject="frog"), "reference"),
        (dict(kind="first", subject="frog", reference="car", options=("frog", "dog")), r"must be .*car.*, its nouns"),
        (dict(kind="exists", subject="frog", wording=9), "wording"),
        (dict(kind="exists", subject="frog", order=2), "order"),
    ],
)
def test_a_bad_question_is_refused_in_one_line(arguments, message):
    with pytest.raises(LinmechError, match=message):
        ask(**arguments)


def test_options_stay_canonical_and_the_four_words_may_be_narrowed_to_two():
    assert ask("left-right", "frog", "car", options=("right", "left")).options == ("left", "right")
    assert ask("column", "frog").options == ("one", "two", "three", "four")
    assert ask("column", "frog", options=("three", "one")).options == ("three", "one")


def test_which_is_first_is_answered_by_the_two_nouns_in_their_order():
    assert ask("first", "frog", "car").options == ("frog", "car") == ask("first", "frog", "car", order=1).options
    assert ask("first", "frog", "car", options=("car", "frog")).options == ("frog", "car")


def decoded(vlm, encoded, row, selector):
    ids = encoded.inputs["input_ids"][row, positions(encoded, row, selector, vlm, "all")]
    return vlm.tokenizer.decode(ids).strip()


@pytest.mark.parametrize("vocabulary", [480, 300])
def test_every_selector_decodes_to_its_word_in_padded_batches(vocabulary):
    vlm, questions = tiny.llava(0, vocabulary), list(every_question())
    for images in ([tiny.image()] * len(questions), [None] * len(questions)):
        encoded = encode(vlm, images, questions)
        assert len(set(encoded.lengths)) > 1
        for row, question in enumerate(questions):
            for role in question.spans:
                selector = role if role in NAMES else f"word:{role}"
                assert decoded(vlm, encoded, row, selector) == NAMES.get(role, role)
                last = positions(encoded, row, selector, vlm)
                assert last == positions(encoded, row, selector, vlm, "all")[-1:]


def test_image_and_text_are_disjoint_cover_the_prompt_and_leave_padding_out():
    vlm, questions = tiny.llava(), [ask("exists", "frog"), ask("in-between", *NAMES.values())]
    encoded = encode(vlm, [tiny.image()] * 2, questions)
    assert encoded.lengths[0] < encoded.lengths[1]
    for row in (0, 1):
        image, text = (positions(encoded, row, selector, vlm) for selector in ("image", "text"))
        assert len(image) == 9
        assert sorted(image + text) == list(range(encoded.lengths[row]))
        assert positions(encoded, row, "last", vlm) == [encoded.lengths[row] - 1]
    blind = encode(vlm, [None], questions[:1])
    assert positions(blind, 0, "image", vlm) == []


@pytest.mark.parametrize("wording", range(4))
def test_a_repeated_noun_is_selected_at_its_own_place(wording):
    vlm, question = tiny.llava(), ask("left-right", "teddy bear", "teddy bear", wording=wording)
    encoded = encode(vlm, [tiny.image()], [question])
    subject, reference = (positions(encoded, 0, role, vlm) for role in ("subject", "reference"))
    assert (subject < reference) == (question.spans["subject"] < question.spans["reference"])
    assert positions(encoded, 0, "nouns", vlm) == sorted(subject + reference)


def test_a_noun_inside_another_word_or_the_template_is_not_confused():
    vlm, question = tiny.llava(), ask("left-right", "car", "carrot")
    encoded = encode(vlm, [tiny.image()], [question])
    assert decoded(vlm, encoded, 0, "subject") == "car"
    assert decoded(vlm, encoded, 0, "reference") == "carrot"
    user = encode(vlm, [tiny.image()], [ask("exists", "image")])
    assert decoded(vlm, user, 0, "subject") == "image"


@pytest.mark.parametrize("selector", ["reference", "relation", "word:left", "frog", "word:frog"])
def test_a_selector_that_names_nothing_is_refused(selector):
    vlm = tiny.llava()
    encoded = encode(vlm, [tiny.image()], [ask("exists", "frog")])
    with pytest.raises(LinmechError, match="names nothing"):
        positions(encoded, 0, selector, vlm)


def test_answer_forms_continue_the_prompt_and_none_begins_another():
    tokenizer, prompt = tiny.llava(0, 300).tokenizer, "USER: which? ASSISTANT:"
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    for word in ("left", "below", "yes"):
        forms = answer_forms(tokenizer, word, prompt)
        assert {tokenizer.decode(form) for form in forms} == {word, word.title(), f" {word}", f" {word.title()}"}
        assert all(tokenizer.decode([*before, *form]).startswith(prompt) for form in forms)
        assert not any(a != b and b[: len(a)] == a for a in forms for b in forms)


def test_a_form_that_begins_with_another_is_not_counted_twice():
    class OnePiecePerLetter:
        def __call__(self, text, add_special_tokens):
            return {"input_ids": [ord(letter.lower()) for letter in text.replace(" ", "")]}

    assert answer_forms(OnePiecePerLetter(), "up", "?") == [(117, 112)]
    with pytest.raises(LinmechError, match="same tokens"):
        Readout.of(OnePiecePerLetter(), "?", ("up", "upper"))


def test_belief_is_the_log_ratio_and_mass_the_sum():
    scores = AnswerScores(math.log(0.6), math.log(0.2))
    assert scores.d == pytest.approx(math.log(3))
    assert scores.mass == pytest.approx(0.8)


def probability(vlm, image, question, word):
    """p(word) by brute force: the chain rule over the pieces of each form, one plain forward pass per form."""
    encoded, total = encode(vlm, [image], [question]), 0.0
    for form in answer_forms(vlm.tokenizer, word, encoded.prompts[0]):
        ids = torch.cat([encoded.inputs["input_ids"], torch.tensor([form])], 1)
        with torch.no_grad():
            output = vlm.model(**(encoded.inputs | {"input_ids": ids, "attention_mask": torch.ones_like(ids)}))
        log_p = output.logits[0, -len(form) - 1 : -1].double().log_softmax(-1)
        total += math.exp(sum(float(log_p[i, piece]) for i, piece in enumerate(form)))
    return total


@pytest.mark.parametrize("vocabulary", [480, 300])
def test_beliefs_of_a_padded_batch_equal_the_chain_rule_by_brute_force(vocabulary):
    vlm = tiny.llava(0, vocabulary)
    questions = [
        ask("exists", "frog"),
        ask("near-far", "teddy bear", "dog"),
        ask("row", "car", options=("top", "upper")),
    ]
    images = [tiny.image(i) for i in range(3)]
    for found, image, question in zip(beliefs(vlm, encode(vlm, images, questions)), images, questions, strict=True):
        expected = [np.log(probability(vlm, image, question, word)) for word in question.options]
        assert [found.log_p_first, found.log_p_second] == pytest.approx(expected, abs=1e-4)


def test_a_belief_needs_two_answers():
    vlm = tiny.llava()
    encoded = encode(vlm, [tiny.image()], [ask("column", "frog")])
    with pytest.raises(LinmechError, match="two answers"):
        beliefs(vlm, encoded)
    assert beliefs(vlm, encoded, ("one", "four"))[0].mass > 0
