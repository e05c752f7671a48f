"""Where an organism's vision tower knows places from: its table of positions, and what the projector reads of it.

Nothing here is told where an object stands. A table says of every patch where it lies, as in any vision transformer;
whether that ever reaches the words is up to the training on answers.
"""

import contextlib
import operator
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from linmech.errors import LinmechError
from linmech.organisms.inputs import Images, attends_across, normalise, pixel_inputs
from linmech.seeds import integer, rng

AMPLITUDE = 3.0  # of the table, in standard deviations of the embedded patches: 1 left too little to be read (tried)
LONGEST = 10_000.0
NORM = 150.0  # of the projected patches; words have 1. At 1 places were bound 500 steps later (docs/organisms.md)
TABLES = (  # a tower's table, and what embeds its patches: of CLIP and SigLIP, of InternVL, of Mllama
    ("position_embedding.weight", "patch_embedding"),
    ("position_embeddings", "patch_embeddings"),
    ("gated_positional_embedding.embedding", "patch_embedding"),
)
GENTLE = 0.25  # how far into the GELU's straight part the projector's first layer reaches


def sinusoids(side: int, width: int) -> Float[np.ndarray, "patch embed"]:
    """The usual two-dimensional table: sines and cosines of x and of y, a quarter of the width each, mean 0."""
    quarter = width // 4
    rates = LONGEST ** -(np.arange(quarter) / quarter)
    y, x = np.divmod(np.arange(side * side), side)
    waves = [wave(place[:, None] * rates) for place in (x, y) for wave in (np.sin, np.cos)]
    table = np.concatenate(waves, axis=1)
    return table - table.mean(axis=0)


def set_positions(model: nn.Module, images: Images, kind: str, seed: int) -> None:
    """Give the tower the frozen table of `kind`, at the scale of its patches of `images`.

    "learned" and "rotary" leave it as it is; sinusoid: `sinusoids`; permuted: its rows exchanged at random, so that
    neighbours are no longer alike; none: zero.
    Raises LinmechError where the tower has no such table.
    """
    if kind in ("learned", "rotary"):
        return
    found = next(_tables(model), None)
    if found is None:
        raise LinmechError(
            f"config key recipe.positions: {type(model).__name__} has no table of positions; use learned"
        )
    weight, patches = found
    side = int(weight.shape[-2] ** 0.5)
    table = sinusoids(side, weight.shape[-1])
    if kind == "permuted":
        table = rng(seed, "positions").permutation(table)
    with torch.no_grad():
        scale = float(patches(normalise(images, weight.device)).std()) * AMPLITUDE / table.std()
        weight.zero_()
        if kind != "none":
            weight[..., -side * side :, :] = torch.tensor(scale * table, dtype=torch.float32, device=weight.device)
    weight.requires_grad_(False)
    for name, gate in model.named_parameters():
        if name.endswith("gated_positional_embedding.gate"):  # Mllama's, by which the table would be let go
            gate.requires_grad_(False)


def _tables(model: nn.Module) -> Iterator[tuple[nn.Parameter, nn.Module]]:
    """Tables of positions (row embed), a class token's row first where there is one, and what embeds their patches."""
    for module in model.modules():
        for table, patches in TABLES:
            with contextlib.suppress(AttributeError):
                weight = operator.attrgetter(table)(module)
                if isinstance(weight, nn.Parameter):
                    yield weight, getattr(module, patches)


def tower_of(model: nn.Module) -> nn.Module:
    """The vision tower, without the projector."""
    return model.model.vision_model if attends_across(model) else model.model.vision_tower


def tower_states(model: nn.Module, images: Images) -> list[Float[Tensor, "image patch hidden"]]:
    """The states of the patches, pooled as the decoder has them: the tower's embeddings, then after each block (of
    Mllama, which hands over no others, the last one; of InternVL, whose projector has no other, the last one twice).
    """
    vision, pooled = model.config.vision_config, getattr(model.model, "apply_pooling", lambda layer: layer)
    patches = int(np.prod(np.floor_divide(vision.image_size, vision.patch_size) * np.ones(2, int)))
    projector = model.model.multi_modal_projector
    if attends_across(model):
        both = tower_of(model)(**pixel_inputs(model, images)).last_hidden_state.flatten(1, 3)
        return list(both[:, -patches:].split(vision.hidden_size, -1))[::-1]
    if hasattr(projector, "layer_norm"):
        last = tower_of(model)(normalise(images, model.device)).last_hidden_state[:, -patches:]
        return [projector.layer_norm(last)] * 2
    states = tower_of(model)(normalise(images, model.device), output_hidden_states=True).hidden_states
    return [pooled(layer[:, -patches:]) for layer in states]


@torch.no_grad()
def set_projector(
    model: nn.Module, images: Images, head: Float[Tensor, "hidden embed"], early: float, seed: int
) -> None:
    """Let the projector be the linear map  [early * rotation of the embeddings, head of the last layer], of norm NORM.

    The embeddings (less their mean, of unit norm) are turned at random, so that they lie along no words. Where the
    projector has the last layer alone, that stands for them, with what it has kept of places. What cross-attention
    reads has the norm of a state that has gone through a block's norm, as it reads others.
    """
    states = tower_states(model, images)
    first, last = (layer.flatten(0, 1).float() for layer in (states[0], states[-1]))
    draw = torch.Generator().manual_seed(integer(seed, "rotation") % 2**32)
    rotation = torch.linalg.qr(torch.randn(first.shape[1], first.shape[1], generator=draw))[0].to(first.device)
    middle = first.mean(0)
    turned = early * rotation / (first - middle).norm(dim=-1).mean()
    named = head / (last @ head.T).norm(dim=-1).mean()
    projector = model.model.multi_modal_projector
    if attends_across(model):  # one layer, to which the tower gives its last layer first
        norm = len(head) ** 0.5
        projector.weight.copy_(norm * torch.cat([named, turned], 1))
        projector.bias.copy_(-norm * (turned @ middle))
        return
    linear = turned + named if hasattr(projector, "layer_norm") else torch.cat([turned, named], 1)
    # ASSUME: GELU(x) is x / 2 for small x, so two layers around it are one linear map.
    projector.linear_1.weight.copy_(GENTLE * linear)
    projector.linear_1.bias.copy_(-GENTLE * (turned @ middle))
    projector.linear_2.weight.copy_(NORM * 2 / GENTLE * torch.eye(len(linear), device=linear.device))
    projector.linear_2.bias.zero_()
