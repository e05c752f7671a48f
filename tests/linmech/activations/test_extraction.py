"""Laws of extraction: the model's own numbers, at the right words, whatever the batch and the workers."""

import numpy as np
import pytest
import torch

import tiny
from extracted import LAYERS, assert_same_rows, run
from linmech.activations import extraction
from linmech.activations.extraction import residuals
from linmech.activations.layer_files import open_layer
from linmech.activations.prompts import Prompt
from linmech.engine.prefix_check import prefix_holds
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions


def test_rows_are_the_models_own_hidden_states_at_the_last_piece_of_each_noun(reference, prompts, stimuli):
    vlm, row = tiny.llava(), 0
    for prompt in prompts[:6]:
        encoded = encode(vlm, [stimuli.visual(prompt.visual)], [prompt.question])
        with torch.no_grad():
            states = vlm.model(**encoded.inputs, output_hidden_states=True).hidden_states
        for role in ("subject", "reference"):
            (place,) = positions(encoded, 0, role, vlm)
            start, end = prompt.question.spans[role]
            piece = vlm.tokenizer.decode(encoded.inputs["input_ids"][0, place]).strip()
            assert piece and prompt.question.text[start:end].endswith(piece)
            for layer in LAYERS[:-1]:
                assert_same_rows(reference[1][layer, row], states[layer][0, place])
            normed = vlm.decoder.norm(torch.from_numpy(reference[1][-1, row])).detach()
            assert_same_rows(normed, states[-1][0, place])
            row += 1


def test_rows_stand_in_the_order_of_the_questions(reference, stimuli):
    questions = stimuli.questions
    with open_layer(reference[0] / "layer_1.h5") as reader:
        assert reader.index["item"].tolist() == [item for item in questions["item"] for _ in range(2)]
        assert reader.index["role"].tolist() == ["subject", "reference"] * len(questions)
    assert reference[1].std(axis=1).min() > 0, "items must differ"


@pytest.mark.parametrize(("batch", "workers"), [(3, 0), (16, 0), (100, 0), (5, 1)])
def test_residuals_depend_neither_on_batch_size_nor_on_workers(reference, prompts, stimuli, tmp_path, batch, workers):
    other = run(tmp_path / "tiny", prompts, stimuli.visual, batch=batch, workers=workers)
    assert_same_rows(other, reference[1])


def test_one_forward_pass_per_image_and_none_for_rows_already_there(prompts, stimuli, tmp_path, monkeypatch):
    seen = []
    genuine = extraction.residuals

    def counted(vlm, asked, *rest):
        seen.append([prompt.item for prompt in asked])
        if len(seen) == 3:
            raise KeyboardInterrupt
        return genuine(vlm, asked, *rest)

    monkeypatch.setattr(extraction, "residuals", counted)
    assert prefix_holds(tiny.llava())  # looked at once, before passes are counted
    forwards = []
    hook = tiny.llava().model.base_model.register_forward_hook(lambda *_: forwards.append(1))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "tiny", prompts, stimuli.visual, batch=4)
    run(tmp_path / "tiny", prompts, stimuli.visual, batch=4)
    run(tmp_path / "tiny", prompts, stimuli.visual, batch=4)
    hook.remove()
    assert [item for items in seen[:2] + seen[3:] for item in items] == [prompt.item for prompt in prompts]
    assert len(forwards) == len(seen) - 1 == len({prompt.visual for prompt in prompts})


def test_block_that_is_passed_over_leaves_the_residual_as_it_was(prompts, monkeypatch):
    vlm, blocks = tiny.llava(), list(tiny.llava().layers)
    genuine = torch.nn.ModuleList.__getitem__

    def without_second(self, n):
        return [blocks[0], *blocks[2:]] if self is vlm.layers and isinstance(n, slice) else genuine(self, n)

    monkeypatch.setattr(torch.nn.ModuleList, "__getitem__", without_second)
    with torch.inference_mode():
        blind = encode(vlm, [None] * 3, [prompt.question for prompt in prompts[:3]])
        rows = residuals(vlm, prompts[:3], blind, [1, 2, 3]).numpy()
    np.testing.assert_array_equal(rows[0], rows[1])
    assert np.abs(rows[2] - rows[1]).max() > 0.1


def test_selector_of_many_positions_is_refused(prompts):
    wrong = Prompt("item-x", prompts[0].question, {"subject": "text"})
    with pytest.raises(LinmechError, match="item-x: selector 'text' names .* positions"):
        residuals(tiny.llava(), [wrong], encode(tiny.llava(), [None], [wrong.question]), [0])


def test_unreadable_image_stops_the_run_with_one_line(prompts, tmp_path):
    def broken(image):
        raise LinmechError(f"{image}: cannot be read")

    with pytest.raises(LinmechError, match="cannot be read$"):
        run(tmp_path / "tiny", prompts, broken)
