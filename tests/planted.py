"""A tiny VLM with a planted truth: spatial IDs at one layer, and a belief that reads them, both known in closed form.

    plant = planted.plant(layer=2)                         # a fresh VLM with hooks; use plant.vlm like any other
    image = planted.paint((0, 1), (3, 2))                  # first planted noun in cell (0, 1), second in (3, 2)
    question = ask("left-right", "frog", "dog")            # "frog" and "car" are planted, other nouns are not

With e_i an orthonormal basis (`plant.basis`, hidden x hidden, drawn at random) and D = hidden:

- every block is the identity, every token's embedding has norm `NORM`, image tokens are zero;
- block `layer` adds (column - 1.5) W[0] + (row - 1.5) W[1] to the last piece of each planted noun, with `plant.W`
  (axis hidden, orthogonal rows), so a cell's universal ID is exactly that sum. An image is read through its pixels:
  noun i is in the brightest of 4 x 4 cells of colour channel i. Without an image nothing is planted;
- block `layer + 1` takes the same amount away again, so that IDs at all other layers are exactly zero. Its attention is
  uniform over the tokens so far and writes, on tokens that are not planted nouns, g_a = GAIN * mean_t(e_a . n(h_t)) on
  the readout direction of axis a (0 horizontal, 1 vertical), where n(h) = h sqrt(D) / sqrt(|h|^2 + D eps) is RMSNorm;
- the head gives the first answer of an axis (left | above) minus, the second (right | below) plus SHARPNESS times the
  final state's readout. Other words are all but impossible: these four answers share probability 1.

Hence a belief is d = -2 SHARPNESS e_readout . n(h_last + sum_a g_a e_readout,a), all of it a function of
resid_post[layer]: `plant.belief(residual)`. Steering at `layer` moves d by plant.belief(steered) - plant.belief(clean),
negative for a shift to the right. An edit of a planted noun before `layer` must leave its marker direction positive.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

import tiny
from linmech.models.vlm import VLM, load_model

NORM, GAIN, SHARPNESS, SIZE = 4.0, 8.0, 3.0, 0.8
ANSWERS = (("left", "right"), ("above", "below"))
READOUT, ENDING, MARKER, FREE = (2, 3), 4, 5, 8
GRID = 4


@dataclass
class Plant:
    """The planted VLM and its truth: residuals per cell, at `layer` only, and the belief that they lead to."""

    vlm: VLM
    layer: int
    nouns: tuple[str, ...]
    basis: Float[Tensor, "hidden hidden"]
    cells: Tensor | None = field(default=None, repr=False)

    @property
    def W(self) -> Float[Tensor, "axis hidden"]:  # noqa: N802
        """What one column and one row are worth at the planted layer."""
        return SIZE * self.basis[:2]

    def belief(self, residual: Float[Tensor, "token hidden"], axis: int = 0) -> float:
        """The belief (nats) that the model must have, given one prompt's resid_post at the planted layer."""
        written = GAIN * self._normed(residual).mean(0) @ self.basis[:2].T
        final = residual[-1] + written @ self.basis[list(READOUT)]
        return float(-2 * SHARPNESS * self._normed(final) @ self.basis[READOUT[axis]])

    def _normed(self, states: Tensor) -> Tensor:
        eps = self.vlm.decoder.config.rms_norm_eps
        return states / (states.square().mean(-1, keepdim=True) + eps).sqrt()

    def _where(self, normed: Tensor) -> Float[Tensor, "batch token noun"]:
        """1 where a planted noun's last piece stands, found by its marker in the block's normalised input."""
        markers = self.basis[MARKER : MARKER + len(self.nouns)]
        return (normed @ markers.T > 1e-3).to(normed.dtype)

    def _planted(self, normed: Tensor) -> Float[Tensor, "batch token hidden"]:
        if self.cells is None:
            return torch.zeros_like(normed)
        cells = self.cells.expand(len(normed), -1, -1)
        return torch.einsum("btn,bna,ah->bth", self._where(normed), cells, self.W)


def plant(layer: int = 2, nouns: tuple[str, ...] = ("frog", "car"), seed: int = 0) -> Plant:
    """A fresh planted VLM (float32, CPU); `layer` in 1..L-1, at most three nouns, one colour channel each."""
    with tempfile.TemporaryDirectory() as folder:
        vlm = load_model(tiny.llava_folder(Path(folder), seed), name="planted")
    assert 1 <= layer < vlm.n_layers and len(nouns) <= 3
    basis = torch.linalg.qr(torch.randn(vlm.hidden, vlm.hidden, generator=torch.Generator().manual_seed(seed)))[0]
    made = Plant(vlm, layer, nouns, basis)
    _set_weights(made, seed)
    _set_hooks(made)
    return made


def paint(*cells: tuple[int, int]) -> Image.Image:
    """A 48 px RGB image with noun i's cell (column, row) bright in channel i, on a dark background."""
    pixels, side = np.full((tiny.SIDE, tiny.SIDE, 3), 40, np.uint8), tiny.SIDE // GRID
    for channel, (column, row) in enumerate(cells):
        pixels[row * side : (row + 1) * side, column * side : (column + 1) * side, channel] = 250
    return Image.fromarray(pixels)


def _token(vlm: VLM, word: str) -> int:
    return vlm.tokenizer(" " + word, add_special_tokens=False)["input_ids"][-1]


def _set_weights(made: Plant, seed: int) -> None:
    vlm, basis = made.vlm, made.basis
    head, table = vlm.head.weight, vlm.model.get_input_embeddings().weight
    for weight in vlm.model.model.multi_modal_projector.parameters():
        weight.zero_()
    for block in vlm.layers:
        for part in (block.self_attn.q_proj, block.self_attn.k_proj, block.self_attn.v_proj, block.self_attn.o_proj):
            part.weight.zero_()
        block.mlp.down_proj.weight.zero_()
    reader = vlm.layers[made.layer].self_attn
    for axis in (0, 1):
        reader.v_proj.weight[axis] = basis[axis]
        reader.o_proj.weight[:, axis] = GAIN * basis[READOUT[axis]]
    codes = torch.zeros(table.shape)
    codes[:, FREE:] = torch.randn(codes[:, FREE:].shape, generator=torch.Generator().manual_seed(seed))
    codes *= NORM / codes.norm(dim=1, keepdim=True)
    marked = {_token(vlm, noun): MARKER + i for i, noun in enumerate(made.nouns)}
    ending = vlm.tokenizer("ASSISTANT:", add_special_tokens=False)["input_ids"][-1]
    for piece, place in (marked | {ending: ENDING}).items():
        codes[piece] *= 0.6
        codes[piece, place] = 0.8 * NORM
    table.copy_(codes @ basis)
    head.copy_((-20.0 * basis[ENDING]).expand(head.shape))
    for axis, (first, second) in enumerate(ANSWERS):
        head[_token(vlm, first)] = -SHARPNESS * basis[READOUT[axis]]
        head[_token(vlm, second)] = SHARPNESS * basis[READOUT[axis]]


def _set_hooks(made: Plant) -> None:
    core, before, after = made.vlm.model.model, made.vlm.layers[made.layer - 1], made.vlm.layers[made.layer]
    core.register_forward_pre_hook(lambda _, args, kwargs: _look(made, kwargs.get("pixel_values")), with_kwargs=True)
    before.mlp.register_forward_hook(lambda module, args, output: output + made._planted(args[0]))
    after.mlp.register_forward_hook(lambda module, args, output: output - made._planted(args[0]))
    after.self_attn.register_forward_hook(_spare_nouns(made), with_kwargs=True)


def _look(made: Plant, pixels: Tensor | None) -> None:
    """Keep the cells (batch noun axis), centred, of the images that the model is called with."""
    made.cells = None
    if pixels is not None:
        best = adaptive_avg_pool2d(pixels[:, : len(made.nouns)], GRID).flatten(2).argmax(-1)
        made.cells = torch.stack([best % GRID, best // GRID], -1).to(pixels.dtype) - (GRID - 1) / 2


def _spare_nouns(made: Plant):
    def spare(module, args, kwargs, output):
        normed = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
        return (output[0] * (1 - made._where(normed).amax(-1, keepdim=True)), *output[1:])

    return spare
