"""Laws that hold for every family: fast interventions and shared prefixes give the plain model's numbers.

The models are tiny and random (tests/families.py), of the real classes, loaded from folders in the real layout.
"""

import numpy as np
import pytest
import torch

import families
from linmech.activations.extraction import Prompt, residuals
from linmech.engine.agreement import fan_out_agrees, largest_gap
from linmech.engine.beliefs import beliefs
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.hooks import record
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_batch, sweep_encoded
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from shown import QUESTION, SEEN, TOLERANCE, visual


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_sweep_equals_one_full_forward_per_edit(name, kind, attention):
    vlm = families.load(name, attention)
    encoded = encode(vlm, [visual(kind)], [QUESTION])
    subject, nouns = (tuple(positions(encoded, 0, selector, vlm)) for selector in ("subject", "nouns"))
    draw = torch.Generator().manual_seed(1)
    edits = [
        Intervention(layer, places, torch.randn(vlm.hidden, generator=draw), mode, strength=1.5, relative=True)
        for layer in (0, 1, 3, vlm.n_layers)
        for places, mode in ((subject, "add"), (nouns, "replace"), (nouns, "scale_to_norm"), (subject, "project_out"))
    ]
    fast, full = sweep_encoded(vlm, encoded, edits), sweep_full_encoded(vlm, encoded, edits)
    assert fan_out_agrees(vlm)
    assert largest_gap(fast, full) < TOLERANCE
    assert max(abs(one.d - full[0].d) for one in full) > 100 * TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_wrong_layer_position_or_image_is_seen_to_differ(name, kind):
    vlm = families.load(name)
    encoded, other = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    (place,) = positions(encoded, 0, "subject", vlm)
    vector = 3 * torch.randn(vlm.hidden, generator=torch.Generator().manual_seed(0))
    right = sweep_full_encoded(vlm, encoded, [Intervention(2, (place,), vector, relative=True)])[1:]
    for wrong in (
        Intervention(3, (place,), vector, relative=True),
        Intervention(2, (place + 1,), vector, relative=True),
    ):
        assert largest_gap(sweep_encoded(vlm, encoded, [wrong])[1:], right) > 5 * TOLERANCE
    same = Intervention(2, (place,), vector, relative=True)
    assert largest_gap(sweep_encoded(vlm, other, [same])[1:], right) > 5 * TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_recorded_residuals_are_the_models_hidden_states(name, kind):
    vlm = families.load(name)
    encoded = encode(vlm, [visual(kind)], [QUESTION])
    with torch.no_grad(), record(vlm, range(vlm.n_layers + 1)) as seen:
        states = vlm.model(**encoded.inputs, use_cache=False, output_hidden_states=True).hidden_states
    for layer in range(vlm.n_layers):
        torch.testing.assert_close(seen[layer], states[layer], rtol=0, atol=0)
    torch.testing.assert_close(vlm.decoder.norm(seen[vlm.n_layers]), states[-1])


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_a_right_padded_batch_gives_every_prompt_its_own_belief(name, kind):
    vlm = families.load(name)
    questions = [ask("left-right", "dog", "umbrella"), QUESTION]
    together = beliefs(vlm, encode(vlm, [visual(kind, 1), visual(kind, 2)], questions))
    alone = [beliefs(vlm, encode(vlm, [visual(kind, 1 + n)], [asked]))[0] for n, asked in enumerate(questions)]
    assert largest_gap(together, alone) < TOLERANCE


@pytest.mark.parametrize(("name", "kind"), [*SEEN, ("paligemma", "image")])
def test_prompts_that_are_swept_together_have_the_numbers_that_they_have_alone(name, kind):
    vlm = families.load(name)
    questions = [ask("exists", "dog"), QUESTION, ask("left-right", "car", "frog", wording=1, order=1)]
    visuals = [visual(kind, n) for n in range(3)]
    if kind == "image":
        visuals[1] = visual(kind, 1, (112, 168))
    edits, alone = [], []
    for shown, question in zip(visuals, questions, strict=True):
        encoded = encode(vlm, [shown], [question])
        place = tuple(positions(encoded, 0, "subject", vlm))
        vector = torch.randn(vlm.hidden, generator=torch.Generator().manual_seed(len(edits)))
        edits.append([Intervention(layer, place, vector, relative=True) for layer in range(len(edits), 3)])
        alone.append(sweep_full_encoded(vlm, encoded, edits[-1]))
    together = sweep_batch(vlm, visuals, questions, edits)
    for one, other in zip(together, alone, strict=True):
        assert largest_gap(one, other) < TOLERANCE
    assert largest_gap(together[0][:1], together[1][:1]) > 100 * TOLERANCE
    assert max(abs(one.d - alone[1][0].d) for one in alone[1]) > 100 * TOLERANCE


@pytest.mark.parametrize("name", families.FAMILIES)
def test_questions_about_one_image_that_run_after_it_once_have_the_residuals_that_they_have_alone(name):
    vlm = families.load(name)
    asked = [ask("left-right", "dog", "umbrella"), QUESTION, ask("above-below", "car", "frog", wording=1)]
    prompts = [
        Prompt(str(n), question, {"subject": "subject", "reference": "reference"}, "i")
        for n, question in enumerate(asked)
    ]
    layers, images = range(vlm.n_layers + 1), [visual("image")] * 3

    def read(some, shown):
        encoded = encode(vlm, shown, [prompt.question for prompt in some])
        with torch.inference_mode():
            return residuals(vlm, some, encoded, layers).numpy()

    together = read(prompts, images)
    alone = np.concatenate([read([prompt], images[:1]) for prompt in prompts], axis=1)
    assert np.all(np.linalg.norm(together - alone, axis=-1) <= 1e-4 * np.linalg.norm(alone, axis=-1))
    other = read(prompts[:1], [visual("image", 1)])
    assert np.abs(other - alone[:, :2]).max() > 0.01
