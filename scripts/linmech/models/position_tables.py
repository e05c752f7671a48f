"""What a model's vision tower is told of where its patches lie: its table or rotary waves (section E.2)."""

import contextlib
from collections.abc import Iterator
from math import isqrt

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor
from torch.nn import Parameter

from linmech.errors import LinmechError
from linmech.models.encoding import Encoded
from linmech.models.vlm import VLM

Patches = Int[np.ndarray, "row column"]  # whose position each patch of a square is told
TABLES = ("position_embedding.weight", "position_embeddings", "gated_positional_embedding.embedding")


def position_table(vlm: VLM, side: int, cells: int) -> tuple[str, Float[np.ndarray, "column row feature"]]:
    """How the tower has positions ("table" or "rotary"), and its features of each cell of an image of `side` px.

    A table (of one tile, where a tower has several; trained or frozen) is averaged over the area of a cell;
    rotary positions give the design [cos(x f), sin(x f), cos(y f), sin(y f)] with the tower's own frequencies f
    (radians per patch), averaged likewise. Raises LinmechError for a tower that has neither or several, or that tells
    all patches the same.
    """
    tables, waves = _tables(vlm), _frequencies(vlm)
    if len(tables) + len(waves) != 1:
        found = f"{len(tables)} tables and {len(waves)} sets of rotary frequencies"
        raise LinmechError(
            f"model {vlm.name}: its tower has {found} of positions, not one: its IDs are not set against positions"
        )
    patches = _patches(vlm, tables[0]) if tables else _rotary(vlm, waves[0], side)
    if (patches == patches[:1, :1]).all():
        raise LinmechError(
            f"model {vlm.name}: its tower tells all patches the same position: its IDs are not set against positions"
        )
    down, across = (_areas(count, cells) for count in patches.shape[:2])
    return "table" if tables else "rotary", np.einsum("rp,cq,pqf->crf", down, across, patches)


def side_of(vlm: VLM) -> int:
    """How many patches a side of the square has that the tower's one table is about; 0: there is no such table."""
    tables = _tables(vlm)
    if len(tables) != 1 or _frequencies(vlm):
        return 0
    rows = tables[0].numel() // tables[0].shape[-1]
    return isqrt(rows) if rows - isqrt(rows) ** 2 <= 1 else 0


def seen_whole(prompt: Encoded, width: int, height: int) -> bool:
    """Whether the tower sees the one picture of a prompt, `width` x `height` pixels, as one square: not cut into tiles,
    and of equal sides, so that nothing is cut off or stretched. Only then is it known where a patch lies in it.
    """
    pixels = prompt.inputs.get("pixel_values")
    return pixels is not None and width == height and pixels.ndim > 3 and pixels.shape[:-3].numel() == 1


@contextlib.contextmanager
def repositioned(vlm: VLM, patches: Patches) -> Iterator[None]:
    """The tower is told, of each patch, the position of another: the rows of its one table are exchanged.

    `patches` has the sides of `side_of`. The model is as before when the block is left, however that is.
    """
    (table,) = _tables(vlm)
    before, rows = table.detach().clone(), table.detach().view(-1, table.shape[-1])
    try:
        with torch.no_grad():
            rows[len(rows) - patches.size :] = before.view_as(rows)[
                len(rows) - patches.size + torch.tensor(patches.ravel())
            ]
        yield
    finally:
        with torch.no_grad():
            table.copy_(before)


def _tables(vlm: VLM) -> list[Parameter]:
    """The tower's tables of positions."""
    decoder = {id(part) for part in vlm.decoder.parameters()}
    every = vlm.model.named_parameters()
    return [part for name, part in every if name.endswith(TABLES) and id(part) not in decoder]


def _frequencies(vlm: VLM) -> list[Tensor]:
    decoder = {id(module) for module in vlm.decoder.modules()}
    apart = (module for module in vlm.model.modules() if id(module) not in decoder)
    return [module.inv_freq for module in apart if isinstance(getattr(module, "inv_freq", None), Tensor)]


def _patches(vlm: VLM, table: Tensor) -> Float[np.ndarray, "row column feature"]:
    """The rows of the patches: the last ones, after that of a class token."""
    values = table.detach().float().cpu().numpy().reshape(-1, table.shape[-1])
    side = isqrt(len(values))
    if len(values) - side**2 > 1:
        raise LinmechError(
            f"model {vlm.name}: {len(values)} positions are no square of patches: its IDs are not set against positions"
        )
    return values[len(values) - side**2 :].reshape(side, side, -1)


def _rotary(vlm: VLM, frequencies: Tensor, side: int) -> Float[np.ndarray, "row column feature"]:
    """The design of each patch of a square image, as the processor counts its patches."""
    prepared = vlm.processor.image_processor(images=[Image.new("RGB", (side, side))], return_tensors="pt")
    if "image_grid_thw" not in prepared:
        raise LinmechError(
            f"model {vlm.name}: its processor tells no grid of patches: its IDs are not set against positions"
        )
    rows, columns = (torch.arange(int(count)) for count in prepared["image_grid_thw"][0, 1:])
    rates = frequencies.detach().float().cpu()
    y, x = (places[:, None] * rates for places in (rows, columns))
    down = torch.cat([y.cos(), y.sin()], dim=1)[:, None].expand(-1, len(columns), -1)
    across = torch.cat([x.cos(), x.sin()], dim=1)[None].expand(len(rows), -1, -1)
    return torch.cat([across, down], dim=2).numpy()


def _areas(patches: int, cells: int) -> Float[np.ndarray, "cell patch"]:
    """The share of each patch in each cell, along one side; a cell's shares add up to 1."""
    starts, edges = np.arange(cells) / cells, np.arange(patches) / patches
    ends = np.minimum(starts[:, None] + 1 / cells, edges + 1 / patches)
    shares = np.clip(ends - np.maximum(starts[:, None], edges), 0, None)
    return shares / shares.sum(axis=1, keepdims=True)
