"""Laws of an organism that knows places by rotations alone, and of the heads by which its patches note them."""

import numpy as np
import pytest
import torch

from linmech.errors import LinmechError
from linmech.organisms.builders import BUILDERS
from linmech.organisms.inputs import decoder_inputs, image_features, places, projector_end
from linmech.organisms.rotary_places import write_places
from linmech.stimuli.composer import PALETTE
from squares import NOUNS

AXES = ["time", "height", "width"]
NORM = 150.0
ASKED = torch.arange(30, 40)  # the tokens of some question


def built(family: str = "qwen2.5-vl", **shape):
    return BUILDERS[family](NOUNS, list(PALETTE), seed=0, side=96, decoder_layers=1, vision_layers=1, **shape)[0]


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (24, 96, 96, 3), dtype=np.uint8)


@pytest.fixture(scope="module", params=[3, 6])
def side(request) -> int:
    """Of a picture, in tokens: Qwen2.5-VL's are merged, Qwen2-VL's are not."""
    return request.param


@pytest.fixture(scope="module")
def model(images, side):
    model = built("qwen2-vl", turning=True) if side == 6 else built()
    with torch.no_grad():
        for weight in projector_end(model):
            weight.mul_(NORM / image_features(model, images).norm(dim=-1).mean())
    write_places(model, side, NORM, 0)
    return model


@pytest.fixture(scope="module")
def added(model, images, side):
    """What the block adds (image token hidden) to the patches and to the question, after five words before."""
    before = [20, 21, 22, 23, model.config.vision_start_token_id]
    with torch.no_grad():
        asked = ASKED.expand(len(images), -1)
        inputs = decoder_inputs(model, image_features(model, images), asked, before, [24])
        where = places(model, len(before), side**2, 1, 1, len(ASKED))
        attention = model.get_decoder().layers[0].register_forward_hook(lambda _, __, out: caught.append(out))
        caught: list[torch.Tensor] = []
        model.get_decoder()(**inputs, position_ids=where, use_cache=False)
        attention.remove()
    return (caught[0] - inputs["inputs_embeds"])[:, 5:]


def test_a_patch_notes_its_column_and_its_row_whatever_is_in_it(added, side):
    grid = added[:, : side**2].unflatten(1, (side, side))
    middle = grid.mean((0, 1, 2))
    whole = 1.0 if side == 3 else 0.9  # six columns lie closer than what is in a patch moves one in ten
    for axis, other in ((2, 1), (1, 2)):
        means = grid.mean((0, other)) - middle
        line = torch.nn.functional.normalize(means[-1] - means[0], dim=0)
        along = (grid - middle) @ line
        steps = along.movedim(axis, 0).flatten(1)
        lowest, highest = (steps.quantile(share, dim=1) for share in (1 - whole, whole))
        assert (highest[:-1] < lowest[1:]).all()
        assert steps[-1].mean() - steps[0].mean() > NORM / 2


def test_words_are_given_no_hundredth_of_it(added, side):
    assert added[:, side**2 :].norm(dim=-1).max() < NORM / 100


def test_no_word_has_a_part_in_what_the_token_before_the_visual_is_told_by(model):
    words, token = model.get_input_embeddings().weight, model.config.vision_start_token_id
    others = torch.arange(len(words)) != token
    assert (words @ words[token])[others].abs().max() < 1e-5
    assert (projector_end(model)[0].T @ words[token]).abs().max() < 1e-4 * NORM


@pytest.fixture(scope="module")
def turns() -> torch.Tensor:
    """Radians by which each pair of a head turns (axis pair) where a token is one place further along an axis."""
    steps = torch.zeros(3, 1, 1 + len(AXES), dtype=torch.long)
    steps[range(3), 0, range(1, 4)] = 1
    cos, sin = built().get_decoder().rotary_emb(torch.zeros(1), steps)
    angles = torch.atan2(sin, cos)[0]
    return (angles[1:] - angles[:1])[:, : angles.shape[1] // 2]


@pytest.mark.parametrize("axis", AXES)
def test_the_next_frame_row_or_column_is_seen_by_some_pair(turns, axis):
    assert turns[AXES.index(axis)].abs().max() > 0.1, "by the published base a column turns no pair by more than 3e-5"


def test_half_of_the_pairs_hardly_turn_so_that_words_find_their_patches_from_afar(turns):
    assert (turns.abs().max(0).values < 0.1).float().mean() >= 0.5


def test_patches_without_a_norm_are_an_error_that_names_the_key():
    with pytest.raises(LinmechError, match=r"recipe\.norm is 0"):
        write_places(built(), 3, 0, 0)


@pytest.mark.parametrize(
    ("family", "said"), [("llava", "rows and columns; use learned"), ("qwen2-vl", "turns no pair")]
)
def test_a_class_that_does_not_rotate_so_is_an_error_that_says_why(family, said):
    with pytest.raises(LinmechError, match=said):
        write_places(built(family), 3, NORM, 0)
