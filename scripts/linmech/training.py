"""How the organisms are trained: the recipe, its schedule, and the features that both phases share.

Phase 1 (encoder_training.py) makes each patch's projected state nearest to the word embedding of the object in it, and
lets a linear head read the object's place (regression, not classes: classes give categorical IDs) and tint off it.
Phase 2 (decoder_training.py) freezes the encoder, computes the features once and trains the decoder on several
questions per image in one sequence, loss on the answers only. A short joint phase may follow.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from linmech.organisms import IMAGE_MEAN, IMAGE_STD


@dataclass(frozen=True)
class Recipe:
    """Steps, batch sizes (images) and learning rates of the phases; everything that a card must say.

    The first `binding_share` of the images ask only which noun is where; the decoder's first `binding_steps` see only
    them and run only the `organisms.early_blocks`; the others start as identities and are there from then on.
    """

    encoder_steps: int = 1100
    encoder_batch: int = 128
    binding_share: float = 0.4
    binding_steps: int = 300
    decoder_steps: int = 1100
    decoder_batch: int = 48
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    joint_steps: int = 0
    joint_rate: float = 2e-4


def normalise(images: np.ndarray, device: str = "cpu") -> Float[Tensor, "image rgb=3 height width"]:
    """8-bit images as the processor hands them to the model (no resizing: they have the model's size)."""
    pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(v, device=device)[None, :, None, None] for v in (IMAGE_MEAN, IMAGE_STD))
    return (pixels - mean) / std


def image_features(model: nn.Module, pixels: Tensor) -> Float[Tensor, "image patch hidden"]:
    """The projected patch states that stand for the image in the decoder's input."""
    features = model.model.get_image_features(pixel_values=pixels, return_dict=True)
    features = getattr(features, "pooler_output", features)
    return torch.stack(list(features)) if not torch.is_tensor(features) else features


def schedule(step: int, steps: int) -> float:
    """Linear warm-up over 40 steps, then a cosine to 2 % of the rate."""
    return min(1.0, (step + 1) / 40) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameter groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate


@torch.inference_mode()
def encode_images(model: nn.Module, images: np.ndarray, batch: int = 256) -> Float[Tensor, "image patch hidden"]:
    """Projected features of all images."""
    chunks = [images[i : i + batch] for i in range(0, len(images), batch)]
    return torch.cat([image_features(model, normalise(chunk)) for chunk in chunks]).clone()
