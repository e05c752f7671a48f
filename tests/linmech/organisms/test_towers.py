"""Laws of the towers: what the projector gives is linear in two layers, and nobody is told where anything is."""

import numpy as np
import pytest
import torch

from linmech.errors import LinmechError
from linmech.organisms.builders import BUILDERS
from linmech.organisms.inputs import image_features
from linmech.organisms.recipe import POSITIONS
from linmech.organisms.towers import NORM, set_positions, set_projector, sinusoids, tower_states
from linmech.stimuli.composer import PALETTE
from squares import NOUNS

SMALL = dict(seed=0, side=64, patch=16, hidden=32, decoder_layers=2, vision_layers=1)


@pytest.fixture
def llava():
    return BUILDERS["llava"](NOUNS, list(PALETTE), **SMALL, reads=[0, -1])[0]


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)


def test_the_projector_adds_up_both_layers_and_its_norm_is_that_of_long_image_tokens(llava, images):
    head = torch.randn(32, 32, generator=torch.Generator().manual_seed(0))
    set_projector(llava, images, head, 0.6, 0)
    with torch.no_grad():
        features = image_features(llava, images)
        first, last = (layer.flatten(0, 1) for layer in (tower_states(llava, images)[n] for n in (0, -1)))
    states = torch.cat([first, last, torch.ones(len(first), 1)], 1)
    linear = torch.linalg.lstsq(states, features.flatten(0, 1)).solution
    missed = (states @ linear - features.flatten(0, 1)).norm() / features.norm()
    assert missed < 0.15
    assert NORM * 0.8 < features.norm(dim=-1).mean() < NORM * 1.6
    named = (features.flatten(0, 1) - features.mean((0, 1))) @ torch.nn.functional.normalize(head, dim=0)
    assert torch.isfinite(named).all()


@pytest.mark.parametrize(("family", "norm", "gelu"), [("mllama", 32**0.5, 1e-4), ("internvl", NORM, 0.3)])
def test_other_projectors_give_words_and_beside_them_the_embeddings_or_the_last_layer_turned(
    family, norm, gelu, images
):
    model = BUILDERS[family](NOUNS, list(PALETTE), **SMALL)[0]
    head = torch.randn(32, 32, generator=torch.Generator().manual_seed(0))
    set_projector(model, images, head, 0.6, 0)
    with torch.no_grad():
        features = image_features(model, images)[:, -16:].flatten(0, 1)
        first, last = (layer.flatten(0, 1) for layer in tower_states(model, images))
    words, apart = last @ head.T, first - first.mean(0)
    rest = features / norm - words / words.norm(dim=-1).mean()
    turned = 0.6 * apart / apart.norm(dim=-1).mean()
    if family == "mllama":  # one linear map
        torch.testing.assert_close(rest @ rest.T, turned @ turned.T, atol=1e-4, rtol=1e-4)
    missed = (rest @ rest.T - turned @ turned.T).norm() / (turned @ turned.T).norm()
    assert missed < gelu, "as long, and as far apart; a GELU between two layers is nearly linear"


def test_the_states_of_mllamas_tower_are_its_embeddings_which_have_the_table_and_its_last_layer(images):
    model = BUILDERS["mllama"](NOUNS, list(PALETTE), **SMALL)[0]
    first, last = tower_states(model, images)
    assert first.shape == last.shape == (4, 16, 32)
    set_positions(model, images, "sinusoid", 0)
    again = tower_states(model, np.broadcast_to(images[:1] * 0, images.shape).copy())[0]
    assert (again[0] - again[0].mean(0)).norm() > 10 * (again[0] - again[1]).norm(), (
        "blank images differ by place alone"
    )


@pytest.mark.parametrize("kind", POSITIONS)
def test_a_frozen_table_is_as_it_is_called_and_is_not_trained(kind, llava, images):
    table = llava.model.vision_tower.embeddings.position_embedding.weight
    before = table.detach().clone()
    set_positions(llava, images, kind, 0)
    places = table[-16:].detach()
    assert table.requires_grad == (kind in ("learned", "rotary")) == torch.equal(table.detach(), before)
    if kind == "none":
        assert not table.any()
    if kind in ("sinusoid", "permuted"):
        expected = torch.tensor(sinusoids(4, 32), dtype=torch.float32)
        scale = places.std() / expected.std()
        rows = [int(((expected * scale - row).norm(dim=1)).argmin()) for row in places]
        assert sorted(rows) == list(range(16)) and (rows == list(range(16))) == (kind == "sinusoid")


@pytest.mark.parametrize("family", ["llava", "mllama", "internvl", "gemma3", "onevision"])
def test_the_table_of_every_tower_that_has_one_is_set_and_frozen(family, images):
    model = BUILDERS[family](NOUNS, list(PALETTE), **SMALL)[0]
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    set_positions(model, images, "sinusoid", 0)
    frozen = {name: weight for name, weight in model.named_parameters() if name in trained and not weight.requires_grad}
    (table,) = (weight for name, weight in frozen.items() if not name.endswith("gate"))
    assert any(name.endswith("gate") for name in frozen) == (family == "mllama"), "its gate would let the table go"
    rows, waves = table.reshape(-1, 32)[-16:], torch.tensor(sinusoids(4, 32), dtype=torch.float32)
    torch.testing.assert_close(rows / rows.std(), waves / waves.std())


def test_neighbours_are_more_alike_in_the_table_than_patches_far_apart():
    table = sinusoids(8, 32)
    distance = np.linalg.norm(table[:, None] - table[None], axis=-1)
    y, x = np.divmod(np.arange(64), 8)
    apart = np.hypot(x[:, None] - x[None], y[:, None] - y[None])
    assert distance[apart == 1].max() < distance[apart > 3].min()


def test_a_tower_without_a_table_of_positions_is_an_error_that_says_what_to_use(images):
    model = BUILDERS["qwen2-vl"](NOUNS, list(PALETTE), **SMALL)[0]
    with pytest.raises(LinmechError, match="use learned"):
        set_positions(model, images, "sinusoid", 0)
