"""An organism as a folder: what is saved is what was measured."""

import copy
from pathlib import Path

import torch
from torch import nn

from linmech.errors import LinmechError


@torch.no_grad()
def round_weights(model: nn.Module, dtype: str) -> None:
    """Round the weights, in place, to what `dtype` can hold; they stay float32, so nothing is lost when they are saved.

    Raises LinmechError for a weight that `dtype` cannot hold.
    """
    for name, weight in model.named_parameters():
        weight.copy_(weight.to(getattr(torch, dtype)))
        if not torch.isfinite(weight).all():
            raise LinmechError(f"config key dtype: {dtype} cannot hold weight {name}; use float32")


def save(model: nn.Module, processor: object, folder: str | Path, dtype: str) -> None:
    """Save a float32 model in `dtype`, and its processor, as a folder that loads; the model itself stays as it is."""
    shipped = model if dtype == "float32" else copy.deepcopy(model).to(getattr(torch, dtype))
    shipped.save_pretrained(folder)
    processor.save_pretrained(folder)
