"""The weights that an organism's training starts from."""

import torch
from torch import nn

from linmech.seeds import integer


def start(kind: type, config: object, seed: int) -> nn.Module:
    """A model whose weights depend on `seed` alone."""
    torch.manual_seed(integer(seed, "weights") % 2**32)
    model = kind(config).float()
    start_gently(model.get_decoder().layers)
    return model


def early_blocks(count: int, trained_first: int = 4) -> list[int]:
    """Which blocks of `count` are trained first: every second one of eight, so that what they learn spreads."""
    stride = max(1, count // trained_first)
    return list(range(stride - 1, count, stride))


def start_gently(layers: nn.ModuleList, gain: float = 0.8) -> None:
    """Equal orthogonal query and key projections, so that a token attends a little more to what is like it (mimetic
    initialisation, Trockman and Kolter, 2023); blocks that are not among `early_blocks` change nothing yet.

    A larger gain lets every token attend to itself alone, and nothing is learned (tried: 1.3). The gates of blocks
    that attend to the image (Mllama) are open from the start.
    """
    early = early_blocks(len(layers))
    for number, layer in enumerate(layers):
        attention = layer.self_attn if hasattr(layer, "self_attn") else layer.cross_attn
        nn.init.orthogonal_(attention.q_proj.weight, gain)
        attention.k_proj.weight.data.copy_(attention.q_proj.weight)
        for name, gate in layer.named_parameters(recurse=False):
            assert name.endswith("_gate"), name
            nn.init.ones_(gate)
        if number not in early:
            nn.init.zeros_(attention.o_proj.weight)
            nn.init.zeros_(layer.mlp.down_proj.weight)
