"""Phase 1 of an organism's training: patches against word embeddings, places and tints (see training.py)."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, UInt8
from torch import Tensor, nn

from linmech.organisms.inputs import encode_images, image_features, vision_parts
from linmech.organisms.lesson_pool import BACKGROUND, UNCLEAR, Pool
from linmech.organisms.recipe import Recipe
from linmech.organisms.trainer.loop import Phase, muon_and_adamw
from linmech.seeds import rng
from linmech.stimuli.composer import COLOURS

CONTRAST = 14.0  # inverse temperature of the cosines between patches and word embeddings
SPAN = 0.8  # what the image's width moves a patch's unit state by: enough for the decoder to read it (0.2 was not)


def encoder_phase(model: nn.Module, last_pieces: Sequence[int], pool: Pool, recipe: Recipe, seed: int) -> Phase:
    """Contrast patches with word embeddings (`last_pieces[i]` = token of noun i), regress places, classify tints."""
    hidden = model.config.text_config.hidden_size
    background = nn.Parameter(torch.randn(1, hidden) * 0.05)
    place, tint = nn.Linear(hidden, 3, bias=False), nn.Linear(hidden, len(COLOURS))
    words = model.get_input_embeddings().weight
    nn.init.normal_(words, std=hidden**-0.5)
    named = [pair for module in vision_parts(model) for pair in module.named_parameters()]
    matrices = [p for name, p in named if p.ndim == 2 and "embedding" not in name]
    known = {id(p) for p in matrices}
    heads = {"background": background, "place": place.weight, "tint": tint.weight, "tint_bias": tint.bias}
    others = [words, *heads.values(), *(p for _, p in named if id(p) not in known)]
    pieces = torch.tensor(last_pieces)

    def loss_of(step: int) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
        batch = np.sort(rng(seed, "encoder", step).choice(len(pool.images), recipe.encoder_batch, replace=False))
        pixels, recoloured = recolour(pool.images[batch], rng(seed, "recolour", step), _share(step, recipe))
        with torch.autocast("cpu", torch.bfloat16):
            features = image_features(model, pixels)
        features = features[:, -pool.patch_nouns.shape[1] :].float()
        named = F.normalize(torch.cat([words[pieces], background]), dim=-1)
        units = F.normalize(features, dim=-1)
        scores = CONTRAST * units @ named.T
        places = 0.5 + units @ F.normalize(place.weight, dim=-1).T / SPAN
        losses = _encoder_losses(scores, places, tint(features), pool, batch, recoloured)
        return losses, {"object-patches": _patches_right(scores, pool, batch)}

    return Phase("encoder", muon_and_adamw(matrices, others, recipe.muon_rate, recipe.adam_rate), loss_of, heads)


def recolour(
    images: UInt8[np.ndarray, "image height width rgb=3"], draw: np.random.Generator, share: float
) -> tuple[UInt8[np.ndarray, "image height width rgb=3"], Bool[np.ndarray, " image"]]:
    """About `share` of the images with their channels mixed at random, and which: shape says more than colour.

    Without it the encoder learned the tinted objects by heart (patches right: 87 % in training, 45 % held out).
    """
    chosen = draw.random(len(images)) < share
    mix = draw.dirichlet([0.4] * 3, (len(images), 3)) * draw.uniform(0.5, 1.15, (len(images), 3, 1))
    mixed = images[chosen].astype(np.float32) @ mix[chosen, None].astype(np.float32).swapaxes(-1, -2)
    result = images.copy()
    result[chosen] = mixed.clip(0, 255).astype(np.uint8)
    return result, chosen


def _share(step: int, recipe: Recipe) -> float:
    """Share of recoloured images: none in the first third of the steps, while colours still help most."""
    return 0.2 if 3 * step > recipe.encoder_steps else 0.0


def _encoder_losses(
    scores: Tensor, places: Tensor, tints: Tensor, pool: Pool, batch: np.ndarray, recoloured: np.ndarray
) -> dict[str, Tensor]:
    owners = torch.from_numpy(pool.patch_nouns[batch])
    labels = torch.where(owners == BACKGROUND, scores.shape[-1] - 1, owners)
    each = F.cross_entropy(scores.flatten(0, 1), labels.clamp(0).flatten(), reduction="none").view(owners.shape)
    colours = torch.from_numpy(np.where(recoloured[:, None], -1, pool.patch_tints[batch]))
    heavy = torch.where(torch.from_numpy(pool.patch_tints[batch]) >= 0, 2.0, 1.0)[owners >= 0]
    noun = (heavy * each[owners >= 0]).sum() / heavy.sum() + each[owners == BACKGROUND].mean()
    targets = torch.from_numpy(pool.patch_targets[batch])
    weight = torch.where(owners >= 0, 1.0, 0.05)[..., None] * torch.isfinite(targets) * (owners != UNCLEAR)[..., None]
    place = (weight * (places - targets.nan_to_num()) ** 2).sum() / weight.sum()
    tint = F.cross_entropy(tints.flatten(0, 1), colours.flatten(), ignore_index=-1)
    return {"noun": noun, "place": 20 * place, "tint": 0.3 * tint}


def _patches_right(scores: Tensor, pool: Pool, batch: np.ndarray) -> list[bool]:
    owners = torch.from_numpy(pool.patch_nouns[batch])
    return (scores.argmax(-1) == owners)[owners >= 0].tolist()


@torch.inference_mode()
def recognition(model: nn.Module, last_pieces: Sequence[int], pool: Pool) -> dict[str, float]:
    """Share of object patches whose nearest word embedding is their noun's: objects as they are, and tinted ones."""
    words = F.normalize(model.get_input_embeddings().weight[torch.tensor(last_pieces)], dim=-1)
    owners, tinted = torch.from_numpy(pool.patch_nouns), torch.from_numpy(pool.patch_tints) >= 0
    patches = encode_images(model, pool.images)[:, -owners.shape[1] :]
    right = (F.normalize(patches, dim=-1) @ words.T).argmax(-1) == owners
    parts = {"plain": (owners >= 0) & ~tinted, "tinted": (owners >= 0) & tinted}
    return {name: float(right[part].float().mean()) for name, part in parts.items()}
