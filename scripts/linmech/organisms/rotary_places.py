"""What stands for a table of positions where a class has none: a first block that reads places off rotations.

Qwen's visual classes know places as rotations of queries and keys alone. They say how far apart two tokens are, and
what attention moves (values) is not rotated, so a noun that finds its patch learns nothing of where it lies. Here the
decoder's first block is set, once, and not trained, as a frozen table would be: by its heads a patch sees how far it is
from the token before the image or video, by columns and by rows, and adds that to its state. Nothing is told of
objects: whether the place of an object reaches its noun, and in what code, is up to the answers.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from linmech.errors import LinmechError
from linmech.organisms.inputs import projector_end
from linmech.seeds import integer

COMMON = 1.2  # norm of what all projected patches share, by which these heads know them, as a share of the others' norm
WRITTEN = 1.0  # as such a share: norm of what the token before adds to a patch that attends to it alone
STEEP = 12.0  # what the whole side would add to the score of that token, as steep as it is in the middle
BORDERS = (-1 / 6, 1 / 6)  # of the side, from its middle: where a patch attends to that token by half, by head
HALF = 1.4  # its score there: that of four other words before it, with scores of 0
REFUSED = 8.0  # what is taken off the scores of patches among themselves
FORBIDDEN = 3.0  # and off that token's with words: more would take it off that of patches of large norms too
TURNS = 0.03  # radians a column: pairs that turn less are not used


@torch.no_grad()
def write_places(model: nn.Module, side: int, norm: float, seed: int) -> None:
    """Let each of `side` x `side` projected patches, of `norm`, note its column and row in the decoder's first block.

    A head gives the token before the visual the score HALF + STEEP / side * sum(sin(t (x - border))) / sum(t) from a
    patch in column (row) x, over the pairs that turn by t radians a column (row), so that the share of attention on it
    rises from left to right (top to bottom); that share of WRITTEN is added along a direction drawn for the head. There
    is a head for each of BORDERS and of columns and rows; the block does nothing else. Two directions of the stream are
    kept free, for what patches share and for that token.

    Raises LinmechError for a decoder that does not rotate by rows and columns, or hardly, and for a norm of 0.
    """
    if not norm:
        raise LinmechError("config key recipe.norm is 0: places are written at the norm of the patches; set it to 150")
    config = model.config.get_text_config()
    sections, key = config.rope_parameters.get("mrope_section"), "config key recipe.positions is rotary"
    if sections is None:
        raise LinmechError(f"{key}: {type(model).__name__} does not rotate by rows and columns; use learned")
    time, height, _ = sections
    pairs, scale = sum(sections), config.hidden_size**0.5  # scale: the norm of a normalised state
    turns = config.rope_parameters["rope_theta"] ** -(torch.arange(pairs) / pairs)
    patch, token = _reserve(model, norm, seed)
    asks, offers = patch / (scale * COMMON / math.hypot(1, COMMON)), token / scale  # give 1 of a patch, of the token
    block = model.get_decoder().layers[0]
    for weight in (*block.self_attn.parameters(), block.mlp.down_proj.weight):
        weight.zero_()
    query, keys, value, out = (getattr(block.self_attn, f"{part}_proj") for part in "qkvo")
    root = block.self_attn.scaling**-0.5  # products of two entries of this size are scores of 1
    heads = [(border, axis) for axis in ((time + height, pairs - 2), (time, time + height)) for border in BORDERS]
    for head, (border, (first, end)) in enumerate(heads):
        used = [pair for pair in range(first, end) if turns[pair] > TURNS]
        if not used:
            raise LinmechError(f"{key}: {type(model).__name__} turns no pair by {TURNS} radians a column and row")
        rows = slice(2 * pairs * head, 2 * pairs * (head + 1))
        q, k, q_always = query.weight[rows], keys.weight[rows], query.bias[rows]
        size = root * (STEEP / side / turns[used].sum()) ** 0.5
        distance = (side + 1) / 2 + border * side  # the first column is one position after the token
        for pair in used:
            angle = -turns[pair] * distance - torch.pi / 2
            q[pair], q[pair + pairs], k[pair] = size * angle.cos() * asks, size * angle.sin() * asks, size * offers
        last, other = pairs - 1, pairs - 2  # the slowest pairs: scores from anywhere
        q[last], q_always[last], k[last] = root * (HALF + FORBIDDEN) * asks, -root * FORBIDDEN, root * offers
        q[other], k[other] = -root * REFUSED * asks, root * asks
        inner, outer = _draw(2 * pairs, seed, f"in {head}"), _draw(len(token), seed, f"out {head}")
        value.weight[rows] = torch.outer(inner.to(offers.device), offers)
        out.weight[:, rows] = norm * WRITTEN * torch.outer(outer, inner).to(offers.device)


def _reserve(model: nn.Module, norm: float, seed: int) -> tuple[Float[Tensor, " hidden"], Float[Tensor, " hidden"]]:
    """Two unit directions in which no word has a part but the token before the visual, which is the second one, and no
    projected patch but that each has COMMON * norm of the first.
    """
    words, (matrix, bias) = model.get_input_embeddings().weight, projector_end(model)
    patch = _draw(words.shape[1], seed, "patch")
    token = _draw(words.shape[1], seed, "token")
    token = nn.functional.normalize(token - (token @ patch) * patch, dim=0)
    both = torch.stack([patch, token]).to(words.device)
    words.sub_(words @ both.T @ both)
    words[model.config.vision_start_token_id] = both[1]
    matrix.sub_(both.T @ both @ matrix)
    bias.sub_(both.T @ both @ bias)
    bias.add_(norm * COMMON * both[0])
    return both[0], both[1]


def _draw(length: int, seed: int, name: str) -> Float[Tensor, " entry"]:
    """A random unit vector."""
    draw = torch.Generator().manual_seed(integer(seed, f"rotary places: {name}") % 2**32)
    return nn.functional.normalize(torch.randn(length, generator=draw), dim=0)
