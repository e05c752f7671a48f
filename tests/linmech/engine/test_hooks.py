"""Hooks: what is recorded is the residual stream at the layers that the convention names; edits likewise."""

import pytest
import torch

import planted
import tiny
from linmech.engine.beliefs import beliefs
from linmech.engine.hooks import edit, last_tokens_only, record
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask

QUESTION = ask("left-right", "frog", "dog")


def run(vlm, encoded, layers, **options):
    with record(vlm, layers) as residuals, torch.no_grad():
        output = vlm.model(**encoded.inputs, **options)
    return residuals, output


def test_recorded_residuals_are_the_models_hidden_states_and_the_last_is_before_the_norm():
    vlm = tiny.llava()
    encoded = encode(vlm, [tiny.image()], [QUESTION])
    residuals, output = run(vlm, encoded, range(vlm.n_layers + 1), output_hidden_states=True)
    for layer in range(vlm.n_layers):
        assert torch.equal(residuals[layer], output.hidden_states[layer])
    assert torch.equal(vlm.decoder.norm(residuals[vlm.n_layers]), output.hidden_states[-1])
    assert not torch.allclose(residuals[vlm.n_layers], output.hidden_states[-1])


def test_only_the_wanted_layers_are_recorded_and_hooks_are_gone_afterwards():
    vlm = tiny.llava()
    before = tiny.hooks(vlm)
    residuals, _ = run(vlm, encode(vlm, [tiny.image()], [QUESTION]), [0, 3])
    assert sorted(residuals) == [0, 3]
    assert tiny.hooks(vlm) == before


@pytest.mark.parametrize("layer", [0, 2, 4])
@pytest.mark.parametrize("edit_first", [True, False])
def test_an_edit_is_read_where_it_is_written_in_either_order(layer, edit_first):
    vlm = tiny.llava()
    encoded = encode(vlm, [tiny.image()], [QUESTION])
    clean, _ = run(vlm, encoded, range(vlm.n_layers + 1))
    if edit_first:
        with edit(vlm, layer, lambda h: h + 1):
            changed, _ = run(vlm, encoded, range(vlm.n_layers + 1))
    else:
        with record(vlm, range(vlm.n_layers + 1)) as changed, edit(vlm, layer, lambda h: h + 1), torch.no_grad():
            vlm.model(**encoded.inputs)
    assert torch.equal(changed[layer], clean[layer] + 1)
    assert all(torch.equal(changed[below], clean[below]) for below in range(layer))
    assert all(not torch.allclose(changed[above], clean[above]) for above in range(layer + 1, vlm.n_layers + 1))


@pytest.mark.parametrize("routed", [False, True])
def test_the_last_block_computes_its_last_tokens_alone_and_as_before(routed, monkeypatch):
    vlm, seen = tiny.llava(), []
    part, encoded, layer = vlm.layers[-1].mlp, encode(vlm, [tiny.image()], [QUESTION]), vlm.n_layers
    before, clean = tiny.hooks(vlm), run(vlm, encoded, [layer])[0][layer]
    forward = type(part).forward

    def counted(module, x):
        if module is part:
            seen.append(x.shape[1])
        return (forward(module, x), "router") if routed and module is part else forward(module, x)

    monkeypatch.setattr(type(part), "forward", counted)
    with last_tokens_only(vlm, 2):  # the block, which has no router, takes the first of what it gets
        handle = part.register_forward_hook(lambda module, args, out: out[0] if routed else None)
        cut = run(vlm, encoded, [layer])[0][layer]
        handle.remove()
    assert seen == [2] and tiny.hooks(vlm) == before
    assert torch.allclose(cut[:, -2:], clean[:, -2:], atol=1e-5) and not torch.allclose(cut[:, :-2], clean[:, :-2])


def test_an_edit_is_seen_by_the_models_own_hidden_states():
    vlm = tiny.llava()
    encoded = encode(vlm, [tiny.image()], [QUESTION])
    clean, output = run(vlm, encoded, [2], output_hidden_states=True)
    with edit(vlm, 2, lambda h: h + 1):
        _, output = run(vlm, encoded, [2], output_hidden_states=True)
    assert torch.equal(output.hidden_states[2], clean[2] + 1)


def test_padding_does_not_change_a_prompts_residuals():
    vlm = tiny.llava()
    long = ask("left-right", "teddy bear", "umbrella")
    together = encode(vlm, [tiny.image(), tiny.image(1)], [QUESTION, long])
    alone = encode(vlm, [tiny.image()], [QUESTION])
    a, b = (run(vlm, encoded, range(5))[0] for encoded in (together, alone))
    assert together.lengths[0] < together.inputs["input_ids"].shape[1]
    for layer in a:
        torch.testing.assert_close(a[layer][0, : alone.lengths[0]], b[layer][0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("layer", [-1, 5])
def test_a_layer_that_does_not_exist_is_refused(layer):
    with pytest.raises(LinmechError, match="outside 0..4"), record(tiny.llava(), [layer]):
        pass


def test_planted_ids_are_read_at_their_layer_and_zero_elsewhere():
    plant = planted.plant(layer=2)
    encoded = encode(plant.vlm, [planted.paint((0, 3)), planted.paint((3, 3))], [QUESTION] * 2)
    residuals, _ = run(plant.vlm, encoded, range(5))
    at = positions(encoded, 0, "subject", plant.vlm)[0]
    for layer, states in residuals.items():
        expected = 3 * plant.W[0] if layer == 2 else torch.zeros(plant.vlm.hidden)
        torch.testing.assert_close(states[1, at] - states[0, at], expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind, axis", [("left-right", 0), ("above-below", 1)])
def test_steering_a_planted_model_moves_its_belief_as_computed_by_hand(kind, axis):
    plant = planted.plant(layer=2)
    for cell in [(0, 2), (2, 1), (3, 3)]:
        encoded = encode(plant.vlm, [planted.paint(cell)], [ask(kind, "frog", "dog")])
        clean = run(plant.vlm, encoded, [2])[0][2][0]
        at = tuple(positions(encoded, 0, "subject", plant.vlm))
        unit = plant.W[axis] / plant.W[axis].norm()
        steps = [Intervention(2, at, unit, strength=a, relative=True) for a in (-5.0, -0.3, 0.3, 5.0)]
        found = [one.d for one in sweep_encoded(plant.vlm, encoded, steps)]
        expected = [plant.belief(h, axis) for h in (clean, *(step.apply(clean, clean) for step in steps))]
        assert found == pytest.approx(expected, abs=1e-4)
        assert found[1] > found[2] > found[0] > found[3] > found[4]
        assert beliefs(plant.vlm, encoded)[0].d == pytest.approx(found[0], abs=1e-4)
        assert (found[0] > 0) == (cell[axis] < 1.5)
