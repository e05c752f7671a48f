"""What an organism's training starts from: its weights, and how its images are normalised."""

from collections.abc import Collection

import torch
from torch import nn

from linmech.seeds import integer

IMAGE_MEAN, IMAGE_STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]
AFTER = 0.3  # what blocks that normalise their output (Gemma-3) first add to the stream, as a share of a word's norm


def start(kind: type, config: object, seed: int) -> nn.Module:
    """A model whose weights depend on `seed` alone."""
    torch.manual_seed(integer(seed, "weights") % 2**32)
    model = kind(config).float()
    start_gently(model.get_decoder().layers)
    return model


def early_blocks(count: int, which: str = "spread", trained_first: int = 4) -> list[int]:
    """Which blocks of `count` are trained first: `spread`, every second one of eight, so that what they learn spreads,
    or `all`.
    """
    stride = 1 if which == "all" else max(1, count // trained_first)
    return list(range(stride - 1, count, stride))


def start_gently(layers: nn.ModuleList, gain: float = 0.8) -> None:
    """Equal orthogonal query and key projections, so that a token attends a little more to what is like it (mimetic
    initialisation, Trockman and Kolter, 2023).

    A larger gain lets every token attend to itself alone, and nothing is learned (tried: 1.3). The gates of blocks
    that attend to the image (Mllama) are open from the start. Blocks that normalise what they add (Gemma-3) are gentle
    by the weights of those norms, which are held as their distance from 1.
    """
    for layer in layers:
        attention = layer.self_attn if hasattr(layer, "self_attn") else layer.cross_attn
        nn.init.orthogonal_(attention.q_proj.weight, gain)
        attention.k_proj.weight.data.copy_(attention.q_proj.weight)
        for name, gate in layer.named_parameters(recurse=False):
            assert name.endswith("_gate"), name
            nn.init.ones_(gate)
        if hasattr(layer, "post_feedforward_layernorm"):
            for norm in (layer.post_attention_layernorm, layer.post_feedforward_layernorm):
                nn.init.constant_(norm.weight, AFTER - 1)


def hold_back(layers: nn.ModuleList, early: Collection[int]) -> None:
    """Let the blocks that are not among the `early` ones change nothing yet."""
    for number, layer in enumerate(layers):
        if number in early:
            continue
        if hasattr(layer, "post_feedforward_layernorm"):
            for norm in (layer.post_attention_layernorm, layer.post_feedforward_layernorm):
                nn.init.constant_(norm.weight, -1)
        else:
            attention = layer.self_attn if hasattr(layer, "self_attn") else layer.cross_attn
            nn.init.zeros_(attention.o_proj.weight)
            nn.init.zeros_(layer.mlp.down_proj.weight)
