"""Phase 1 of an organism's training: patches against word embeddings, places and tints (see training.py)."""

import time
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, UInt8
from torch import Tensor, nn

from linmech.organisms.inputs import encode_images, image_features, vision_parts
from linmech.organisms.lesson_pool import BACKGROUND, UNCLEAR, Pool
from linmech.organisms.recipe import Recipe
from linmech.organisms.schedule import schedule, set_rate
from linmech.seeds import rng
from linmech.stimuli.composer import COLOURS

CONTRAST = 14.0  # inverse temperature of the cosines between patches and word embeddings
SPAN = 0.8  # what the image's width moves a patch's unit state by: enough for the decoder to read it (0.2 was not)


def train_encoder(model: nn.Module, last_pieces: Sequence[int], pool: Pool, recipe: Recipe, seed: int) -> None:
    """Contrast patches with word embeddings (`last_pieces[i]` = token of noun i), regress places, classify tints."""
    hidden = model.config.text_config.hidden_size
    background = nn.Parameter(torch.randn(1, hidden) * 0.05)
    place, tint = nn.Linear(hidden, 3, bias=False), nn.Linear(hidden, len(COLOURS))
    words = model.get_input_embeddings().weight
    nn.init.normal_(words, std=hidden**-0.5)
    named = [pair for module in vision_parts(model) for pair in module.named_parameters()]
    matrices = [p for name, p in named if p.ndim == 2 and "embedding" not in name]
    known = {id(p) for p in matrices}
    heads = [words, background, *place.parameters(), *tint.parameters()]
    others = heads + [p for _, p in named if id(p) not in known]
    optimisers = [
        (torch.optim.Muon(matrices, lr=recipe.muon_rate, weight_decay=0.01, momentum=0.95), recipe.muon_rate),
        (torch.optim.AdamW(others, lr=recipe.adam_rate, weight_decay=0.01, betas=(0.9, 0.98)), recipe.adam_rate),
    ]
    pieces = torch.tensor(last_pieces)
    started = time.time()
    for step in range(recipe.encoder_steps):
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
        sum(losses).backward()
        nn.utils.clip_grad_norm_(matrices + others, 1.0)
        for optimiser, rate in optimisers:
            set_rate(optimiser, rate * schedule(step, recipe.encoder_steps))
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        if step % 50 == 0 or step == recipe.encoder_steps - 1:
            right = _patch_accuracy(scores, pool, batch)
            told = " ".join(f"{name} {loss:.4f}" for name, loss in zip(("noun", "place", "tint"), losses, strict=True))
            print(
                f"encoder {step} {told} | object patches right {right:.3f} | {time.time() - started:.0f} s", flush=True
            )


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
) -> list[Tensor]:
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
    return [noun, 20 * place, 0.3 * tint]


def _patch_accuracy(scores: Tensor, pool: Pool, batch: np.ndarray) -> float:
    owners = torch.from_numpy(pool.patch_nouns[batch])
    return float((scores.argmax(-1) == owners)[owners >= 0].float().mean())


@torch.inference_mode()
def recognition(model: nn.Module, last_pieces: Sequence[int], pool: Pool) -> dict[str, float]:
    """Share of object patches whose nearest word embedding is their noun's: objects as they are, and tinted ones."""
    words = F.normalize(model.get_input_embeddings().weight[torch.tensor(last_pieces)], dim=-1)
    owners, tinted = torch.from_numpy(pool.patch_nouns), torch.from_numpy(pool.patch_tints) >= 0
    patches = encode_images(model, pool.images)[:, -owners.shape[1] :]
    right = (F.normalize(patches, dim=-1) @ words.T).argmax(-1) == owners
    parts = {"plain": (owners >= 0) & ~tinted, "tinted": (owners >= 0) & tinted}
    return {name: float(right[part].float().mean()) for name, part in parts.items()}
