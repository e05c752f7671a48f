"""Laws of the sweep: it equals one full forward per run."""

import functools

import pytest
import torch

import tiny
from linmech.engine import agreement
from linmech.engine.beliefs import beliefs
from linmech.engine.full_passes import sweep_full
from linmech.engine.hooks import edit, record
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep, sweep_batch, sweep_encoded
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from tiny import vector

TOLERANCE = 1e-4
QUESTION = ask("left-right", "teddy bear", "dog")
IMAGE = tiny.image(3)


@functools.cache
def nouns(vocabulary=480):
    vlm = tiny.llava(0, vocabulary)
    return tuple(positions(encode(vlm, [IMAGE], [QUESTION]), 0, "nouns", vlm))


def nouns_and_last(vocabulary=480):
    vlm = tiny.llava(0, vocabulary)
    return nouns(vocabulary), encode(vlm, [IMAGE], [QUESTION]).lengths[0] - 1


def numbers(scores):
    return torch.tensor([[one.log_p_first, one.log_p_second] for one in scores])


def largest(a, b):
    return float((numbers(a) - numbers(b)).abs().max())


def every_kind_of_run(n_layers, at, last):
    places = len(at)
    runs = [Intervention(layer, at, vector(layer), strength=0.7) for layer in range(n_layers + 1)]
    runs[n_layers] = Intervention(n_layers, (*at, last), vector(6))
    runs += [
        Intervention(2, at, vector(9, places=places), mode, strength)
        for mode, strength in (("replace", 1), ("project_out", 9), ("scale_to_norm", 1))
    ]
    runs += [Intervention(1, at[1:], vector(5) / 8, strength=5.0, relative=True)]
    runs += [(Intervention(1, at[:1], vector(1)), Intervention(3, at, vector(2), relative=True, strength=0.2))]
    runs += [(Intervention(2, at, vector(1)), Intervention(2, at, vector(2), "project_out")), ()]
    return runs


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("vocabulary", [480, 300])
def test_the_sweep_equals_one_full_forward_per_run(attention, vocabulary):
    vlm = tiny.llava(0, vocabulary, attention)
    runs = every_kind_of_run(vlm.n_layers, *nouns_and_last(vocabulary))
    fast, full = (run(vlm, IMAGE, QUESTION, runs) for run in (sweep, sweep_full))
    assert len(fast) == len(runs) + 1
    assert largest(fast, full) < TOLERANCE
    effects = (numbers(fast[1:-1]) - numbers(fast[:1])).abs().amax(1)
    assert float(effects.min()) > 20 * TOLERANCE, "an edit without effect proves nothing"


def test_the_sweep_does_not_depend_on_how_runs_share_a_pass():
    vlm = tiny.llava()
    runs = every_kind_of_run(vlm.n_layers, *nouns_and_last())
    together = sweep(vlm, IMAGE, QUESTION, runs)
    assert largest(together, sweep(vlm, IMAGE, QUESTION, runs, max_rows=3)) < TOLERANCE
    alone = [sweep(vlm, IMAGE, QUESTION, [run])[1] for run in runs]
    assert largest(together[1:], alone) < TOLERANCE


def test_image_positions_and_text_only_prompts_can_be_swept():
    vlm = tiny.llava()
    encoded = encode(vlm, [IMAGE], [QUESTION])
    runs = [Intervention(layer, tuple(positions(encoded, 0, "image", vlm)), vector(4)) for layer in (0, 2)]
    assert largest(sweep(vlm, IMAGE, QUESTION, runs), sweep_full(vlm, IMAGE, QUESTION, runs)) < TOLERANCE
    blind = encode(vlm, [None], [QUESTION])
    runs = [Intervention(1, tuple(positions(blind, 0, "subject", vlm)), vector(4))]
    assert largest(sweep(vlm, None, QUESTION, runs), sweep_full(vlm, None, QUESTION, runs)) < TOLERANCE


def test_the_first_element_is_the_clean_belief():
    vlm = tiny.llava()
    encoded = encode(vlm, [IMAGE], [QUESTION])
    clean = beliefs(vlm, encoded)
    assert largest(sweep_encoded(vlm, encoded, [Intervention(2, nouns(), vector(1))])[:1], clean) < TOLERANCE
    assert largest(sweep_encoded(vlm, encoded, []), clean) < TOLERANCE


@pytest.mark.parametrize("mode", ["add", "replace", "project_out", "scale_to_norm"])
def test_zero_strength_changes_nothing(mode):
    vlm = tiny.llava()
    runs = [Intervention(layer, nouns(), vector(layer), mode, strength=0.0) for layer in range(vlm.n_layers + 1)]
    scores = sweep(vlm, IMAGE, QUESTION, runs)
    assert largest(scores[1:], scores[:1] * len(runs)) < 1e-5


def test_replacing_tokens_by_themselves_reproduces_the_clean_run():
    vlm = tiny.llava()
    encoded = encode(vlm, [IMAGE], [QUESTION])
    with record(vlm, range(vlm.n_layers + 1)) as residuals, torch.no_grad():
        vlm.model(**encoded.inputs)
    at = tuple(range(encoded.lengths[0]))
    runs = [Intervention(layer, at, residuals[layer][0], "replace") for layer in residuals]
    scores = sweep_encoded(vlm, encoded, runs)
    assert largest(scores[1:], scores[:1] * len(runs)) < TOLERANCE


def test_a_wrong_layer_or_position_is_seen_to_differ():
    vlm = tiny.llava()
    at = nouns()
    right = sweep_full(vlm, IMAGE, QUESTION, [Intervention(2, at, vector(1))])[1:]
    for wrong in (
        Intervention(3, at, vector(1)),
        Intervention(1, at, vector(1)),
        Intervention(2, tuple(place + 1 for place in at), vector(1)),
        Intervention(2, at, vector(1), strength=1.5),
        Intervention(2, at[:1], vector(1)),
    ):
        assert largest(sweep(vlm, IMAGE, QUESTION, [wrong])[1:], right) > 10 * TOLERANCE


def test_an_edit_of_the_last_layer_moves_only_the_token_that_is_read():
    vlm = tiny.llava()
    encoded = encode(vlm, [IMAGE], [QUESTION])
    last = tuple(positions(encoded, 0, "last", vlm))
    clean, noun, final = sweep_encoded(
        vlm,
        encoded,
        [Intervention(vlm.n_layers, nouns(), vector(1)), Intervention(vlm.n_layers, last, vector(1))],
    )
    assert largest([clean], [noun]) < 1e-5
    assert largest([clean], [final]) > 0.01


def test_runs_at_several_layers_do_not_share_their_closure():
    vlm = tiny.llava()
    runs = [Intervention(layer, nouns(), vector(layer)) for layer in range(vlm.n_layers)]
    scores = sweep(vlm, IMAGE, QUESTION, runs)
    assert len({round(one.d, 4) for one in scores}) == len(runs) + 1


def test_a_sweep_leaves_no_hook_behind():
    vlm = tiny.llava()
    before = tiny.hooks(vlm)
    clean = sweep(vlm, IMAGE, QUESTION, [Intervention(1, nouns(), vector(1))])[0]
    with pytest.raises(LinmechError), edit(vlm, 99, lambda h: h):
        pass
    assert largest(sweep_full(vlm, IMAGE, QUESTION, []), [clean]) < TOLERANCE
    assert tiny.hooks(vlm) == before


def test_a_sweep_of_a_batch_is_refused():
    vlm = tiny.llava()
    with pytest.raises(LinmechError, match="one prompt"):
        sweep_encoded(vlm, encode(vlm, [IMAGE] * 2, [QUESTION] * 2), [])


def test_a_batch_needs_a_list_of_edits_for_every_prompt():
    with pytest.raises(LinmechError, match="2 images, 2 questions, 1 lists of edits"):
        sweep_batch(tiny.llava(), [IMAGE] * 2, [QUESTION] * 2, [[]])


def test_prompts_whose_decoder_takes_a_tensor_that_nobody_knows_how_to_divide_are_swept_one_by_one(monkeypatch, capsys):
    vlm = tiny.llava(0)
    questions = [QUESTION, ask("exists", "dog")]
    edits = [
        [Intervention(layer, tuple(positions(encode(vlm, [IMAGE], [question]), 0, "subject", vlm)), vector(layer))]
        for layer, question in enumerate(questions)
    ]
    right = [sweep_full(vlm, IMAGE, question, mine) for question, mine in zip(questions, edits, strict=True)]
    batches = []

    def more(module, args, kwargs):
        batches.append(len(kwargs["inputs_embeds"]))
        return args, kwargs | {"temperature": torch.ones(len(kwargs["inputs_embeds"]))}

    monkeypatch.setattr(agreement, "_agrees", {})
    handle = vlm.decoder.register_forward_pre_hook(more, with_kwargs=True)
    try:
        found = sweep_batch(vlm, [IMAGE] * 2, questions, edits)
    finally:
        handle.remove()
    assert "exact but slow" not in capsys.readouterr().out and max(batches) == 2
    for one, other in zip(found, right, strict=True):
        torch.testing.assert_close(numbers(one), numbers(other), rtol=0, atol=TOLERANCE)
