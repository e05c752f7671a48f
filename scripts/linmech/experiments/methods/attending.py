"""What nouns attend to: the attention weights of one plain pass, and the visual tokens that show an object."""

import contextlib
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import Module

from linmech.engine.prefix import cross_attention_layers
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions
from linmech.models.vlm import VLM
from linmech.stimuli.items import Item

POINTS = (np.arange(5) + 0.5) / 5  # along either side of a box: tokens that show one of these points show the object


@contextlib.contextmanager
def attention_weights(vlm: VLM) -> Iterator[dict[int, Tensor]]:
    """Yield a dict that a forward pass fills with block (counted from 1) -> weights (batch head query key).

    The decoder runs by its "eager" attention inside the block. Raises LinmechError for a model whose picture is not
    among its tokens.
    """
    if cross_attention_layers(vlm):
        raise LinmechError(f"model {vlm.name}: its picture is not among its tokens, so nouns have no weights on it")
    config, seen = vlm.decoder.config, {}
    usual, config._attn_implementation = config._attn_implementation, "eager"
    with contextlib.ExitStack() as stack:
        for number, block in enumerate(vlm.layers, start=1):
            stack.callback(block.self_attn.register_forward_hook(partial(_keep, seen, number)).remove)
        try:
            yield seen
        finally:
            config._attn_implementation = usual


def _keep(seen: dict[int, Tensor], number: int, attention: Module, args: tuple, output: tuple) -> None:
    seen[number] = output[1]


def shows(vlm: VLM, prompt: Encoded, item: Item, role: str) -> list[int]:
    """The visual tokens of a prompt (a batch of one) that show the item's thing in a role, by its box."""
    left, top, right, bottom = item.things[role].box
    across = np.clip((left + (right - left) * POINTS) / item.width, 0, 0.999)
    down = np.clip((top + (bottom - top) * POINTS) / item.height, 0, 0.999)
    places = [f"image_patch({x:.4f}, {y:.4f})" for x in across for y in down]
    return sorted({token for place in places for token in positions(prompt, 0, place, vlm)})


@torch.no_grad()
def looks(vlm: VLM, prompt: Encoded, item: Item) -> dict[int, tuple[float, float]]:
    """By block, what the two nouns attend to (mean over heads and nouns, shares of all attention): their own object
    beyond the other one, and the whole picture.
    """
    with attention_weights(vlm) as seen:
        vlm.model(**prompt.inputs, use_cache=False, logits_to_keep=1)
    nouns = {role: positions(prompt, 0, role, vlm)[0] for role in ("subject", "reference")}
    objects = {role: shows(vlm, prompt, item, role) for role in nouns}
    picture, found = positions(prompt, 0, "image", vlm), {}
    for block, weights in seen.items():
        heads: Float[Tensor, "query key"] = weights[0].float().mean(dim=0)
        own = sum(float(heads[nouns[role], objects[role]].sum()) for role in nouns)
        other = sum(float(heads[nouns[a], objects[b]].sum()) for a, b in (tuple(nouns), tuple(nouns)[::-1]))
        found[block] = ((own - other) / 2, sum(float(heads[at, picture].sum()) for at in nouns.values()) / 2)
    return found
