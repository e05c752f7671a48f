"""Phase 1 of an organism's training: patches against the words for what is in them (see recipe.py)."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from linmech.organisms.inputs import autocast, encode_images, image_features, projector_end, vision_parts
from linmech.organisms.lessons.pool import BACKGROUND, UNCLEAR, Pool
from linmech.organisms.lessons.repainting import recolour, repaint
from linmech.organisms.recipe import Recipe
from linmech.organisms.rotary_places import write_places
from linmech.organisms.towers import set_projector, tower_of, tower_states
from linmech.questions.relations import CELLS
from linmech.seeds import rng
from linmech.trainer.loop import Phase, muon_and_adamw

SPAN = 0.8  # what the image's width moves a patch's unit state by under a place loss: 0.2 was not read by the decoder
TINT_PART = 0.5  # of a colour word beside the noun in what the projector gives
RECOLOURED = 0.2  # share of the images whose channels are mixed
SAMPLE = 256  # images by which it is scaled


@dataclass(frozen=True)
class Named:
    """The tokens of the words that patches are contrasted with: the last one of each noun, and of each colour."""

    nouns: Int[Tensor, " noun"]
    colours: Int[Tensor, " colour"]

    def to(self, device: torch.device) -> "Named":
        """The same on `device`."""
        return Named(self.nouns.to(device), self.colours.to(device))


class Heads(nn.Module):
    """What phase 1 trains beside the model, and drops: a direction of the background, and heads on the tower.

    With `own`, nouns have a head of their own on the last layer; else they are read off the projector.
    """

    def __init__(self, hidden: int, own: bool, place_loss: str):
        super().__init__()
        self.background = nn.Parameter(torch.randn(1, hidden) * 0.05)
        self.noun = nn.Linear(hidden, hidden, bias=False) if own else None
        self.tint = nn.Linear(hidden, hidden, bias=False)
        rows = {"none": 0, "classes": CELLS * CELLS}.get(place_loss, 3)
        self.place = nn.Linear(hidden, rows, bias=False) if rows else None


def encoder_phase(model: nn.Module, named: Named, pool: Pool, recipe: Recipe, seed: int) -> Phase:
    """Contrast patches with the word embeddings of nouns and colours; what `recipe.place_loss` says of places.

    In the end the projector is set (`recipe.early`), where it was not trained here.
    """
    hidden, own, device = model.config.text_config.hidden_size, recipe.early > 0, model.device
    heads, named = Heads(hidden, own, recipe.place_loss).to(device), named.to(device)
    words = model.get_input_embeddings().weight
    nn.init.normal_(words, std=hidden**-0.5)
    parts = [tower_of(model)] if own else vision_parts(model)
    trained = [pair for module in parts for pair in module.named_parameters() if pair[1].requires_grad]
    matrices = [p for name, p in trained if p.ndim == 2 and "embedding" not in name]
    matrices += [heads.noun.weight, heads.tint.weight] if own else [heads.tint.weight]
    known = {id(p) for p in matrices}
    others = [words, *(p for p in (*heads.parameters(), *(p for _, p in trained)) if id(p) not in known)]
    cells = rng(seed, "scrambled cells").permutation(CELLS * CELLS)

    def loss_of(step: int) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
        batch = np.sort(rng(seed, "encoder", step).choice(len(pool.images), recipe.encoder_batch, replace=False))
        late = 3 * step > recipe.encoder_steps  # in the first third colours still help most
        pixels, colours = repaint(pool, batch, rng(seed, "repaint", step), recipe.repainted * late)
        pixels, recoloured = recolour(pixels, rng(seed, "recolour", step), RECOLOURED * late)
        with autocast(model, recipe):
            features = tower_states(model, pixels)[-1] if own else image_features(model, pixels)
        features = features[:, -pool.patch_nouns.shape[1] :].float()
        units = F.normalize(heads.noun(features) if own else features, dim=-1)
        targets = F.normalize(torch.cat([words[named.nouns], heads.background]), dim=-1)
        scores = recipe.contrast * units @ targets.T
        tints = (
            recipe.contrast * F.normalize(heads.tint(features), dim=-1) @ F.normalize(words[named.colours], dim=-1).T
        )
        colours = torch.from_numpy(colours).to(device)
        known = torch.where(torch.from_numpy(recoloured).to(device)[:, None], -1, colours)
        losses = {
            "noun": _noun_loss(scores, pool, batch, colours >= 0),
            "tint": 0.3 * F.cross_entropy(tints.flatten(0, 1), known.flatten(), ignore_index=-1).nan_to_num(),
        }
        if heads.place is not None:
            losses["place"] = _place_loss(units, heads.place.weight, pool, batch, recipe.place_loss, cells)
        return losses, {"object-patches": _patches_right(scores, pool, batch)}

    def finish() -> None:
        if own:
            head = _unit(heads.noun, model, pool)
            if (pool.patch_tints >= 0).any():  # else that head has learned nothing
                head = head + TINT_PART * _unit(heads.tint, model, pool)
            set_projector(model, pool.images[:SAMPLE], head, recipe.early, seed)
        elif recipe.norm:
            _set_norm(model, pool, recipe.norm)
        if recipe.positions == "rotary":
            write_places(model, round(pool.patch_nouns.shape[1] ** 0.5), recipe.norm, seed)

    optimisers = muon_and_adamw(matrices, others, recipe.muon_rate, recipe.adam_rate)
    return Phase("encoder", optimisers, loss_of, dict(heads.named_parameters()), finish)


@torch.no_grad()
def _set_norm(model: nn.Module, pool: Pool, norm: float) -> None:
    """Let the projected patches have that norm on average, by the projector's last layer."""
    scale = norm / image_features(model, pool.images[:SAMPLE]).norm(dim=-1).mean()
    for weight in projector_end(model):
        weight.mul_(scale)


@torch.no_grad()
def _unit(head: nn.Linear, model: nn.Module, pool: Pool) -> Float[Tensor, "hidden embed"]:
    """A head's weights, scaled so that what it gives has norm 1 on average."""
    return head.weight / head(tower_states(model, pool.images[:SAMPLE])[-1]).norm(dim=-1).mean()


def _noun_loss(
    scores: Float[Tensor, "image patch word"], pool: Pool, batch: np.ndarray, tinted: Bool[Tensor, "image patch"]
) -> Tensor:
    """Patches of tinted objects count twice; those of the background together as much as all objects."""
    owners = torch.from_numpy(pool.patch_nouns[batch]).to(scores.device)
    labels = torch.where(owners == BACKGROUND, scores.shape[-1] - 1, owners)
    each = F.cross_entropy(scores.flatten(0, 1), labels.clamp(0).flatten(), reduction="none").view(owners.shape)
    heavy = torch.where(tinted, 2.0, 1.0)[owners >= 0]
    return (heavy * each[owners >= 0]).sum() / heavy.sum() + each[owners == BACKGROUND].mean()


def _place_loss(
    units: Float[Tensor, "image patch hidden"], place: Float[Tensor, "row hidden"], pool: Pool, batch: np.ndarray,
    kind: str, cells: Int[np.ndarray, " cell"],
) -> Tensor:  # fmt: skip
    """What patches are told of places: of their object's centre, and a little of their own where there is none."""
    told = pool.patch_nouns[batch], pool.patch_targets[batch]
    owners, targets = (torch.from_numpy(part).to(units.device) for part in told)
    weight = torch.where(owners >= 0, 1.0, 0.05) * (owners != UNCLEAR)
    directions = F.normalize(place, dim=-1)
    cell = (targets[..., :2] * CELLS).long().clamp(0, CELLS - 1)
    number = cell[..., 0] * CELLS + cell[..., 1]
    if kind == "classes":
        scores = units @ directions.T / (SPAN / 10)
        each = F.cross_entropy(scores.flatten(0, 1), number.flatten(), reduction="none").view(owners.shape)
        return (weight * each).sum() / weight.sum()
    if kind == "scrambled":
        other = torch.from_numpy(cells).to(units.device)[number]
        centre = (torch.stack([other // CELLS, other % CELLS], -1) + 0.5) / CELLS
        targets = torch.cat([centre, targets[..., 2:]], -1)
    weight = weight[..., None] * torch.isfinite(targets)
    places = 0.5 + units @ directions.T / SPAN
    return 20 * (weight * (places - targets.nan_to_num()) ** 2).sum() / weight.sum()


def _patches_right(scores: Tensor, pool: Pool, batch: np.ndarray) -> list[bool]:
    owners = torch.from_numpy(pool.patch_nouns[batch]).to(scores.device)
    return (scores.argmax(-1) == owners)[owners >= 0].tolist()


@torch.inference_mode()
def recognition(model: nn.Module, named: Named, pool: Pool) -> dict[str, float]:
    """Share of object patches whose nearest word embedding is their noun's: objects as they are, and tinted ones."""
    words = F.normalize(model.get_input_embeddings().weight[named.nouns], dim=-1).cpu()
    owners, tinted = torch.from_numpy(pool.patch_nouns), torch.from_numpy(pool.patch_tints) >= 0
    patches = encode_images(model, pool.images)[:, -owners.shape[1] :].cpu()
    right = (F.normalize(patches, dim=-1) @ words.T).argmax(-1) == owners
    parts = {"plain": (owners >= 0) & ~tinted, "tinted": (owners >= 0) & tinted}
    return {name: float(right[part].float().mean()) for name, part in parts.items()}
