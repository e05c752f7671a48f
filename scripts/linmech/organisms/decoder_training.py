"""Phases 2 and 3 of an organism's training: the decoder on frozen features, then both together (see training.py)."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Tensor, nn

from linmech.organisms.inputs import autocast, decoder_inputs, encode_images, encode_shown, places, shown
from linmech.organisms.lessons.pool import Pool
from linmech.organisms.lessons.slots import ATTENTION, Slots, Tokeniser
from linmech.organisms.recipe import Recipe
from linmech.organisms.start import early_blocks
from linmech.seeds import rng
from linmech.trainer.loop import Phase, muon_and_adamw


def answer_logits(
    model: nn.Module, features: Tensor, slots: Slots, batch: Tensor, tokeniser: Tokeniser, frames: int = 0
) -> Tensor:
    """Logits (image slot vocabulary) after each question of the batch; the model's attention must be ATTENTION.

    `frames`: of the videos shown, where it is not the tokeniser's number.
    """
    tokens, last = (part[batch].to(model.device) for part in (slots.tokens, slots.last))
    images, count, length = tokens.shape
    before, after = tokeniser.before, tokeniser.after
    inputs = decoder_inputs(model, features, tokens.flatten(1), before, after)
    prefix = inputs["inputs_embeds"].shape[1] - count * length
    both = (len(before), prefix - len(after)) if tokeniser.two_way else (0, 0)
    patches = prefix - len(before) - len(after)
    where = places(model, len(before), patches, len(after), count, length, frames or tokeniser.frames)
    out = model.get_decoder()(
        **inputs, position_ids=where, use_cache=False, prefix=prefix, slots=count, both=both
    ).last_hidden_state
    slot_states = out[:, prefix:].reshape(images, count, length, -1)
    chosen = slot_states.gather(2, last[..., None, None].expand(-1, -1, 1, slot_states.shape[-1]))[:, :, 0]
    return model.get_output_embeddings()(chosen)


@dataclass(frozen=True)
class Course:
    """A pool with its tokenised lessons."""

    pool: Pool
    slots: Slots
    tokeniser: Tokeniser


def decoder_phase(model: nn.Module, course: Course, recipe: Recipe, seed: int) -> Phase:
    """Phase 2: Muon on the decoder's matrices, AdamW on norms and head; encoder and word embeddings stay as they are.

    AdamW would carry the word embeddings away from the patches that the encoder matched to them within fifty steps.
    """
    features = encode_images(model, course.pool.images)
    images, blocks = len(course.pool.lessons), list(model.get_decoder().layers)
    early = set(early_blocks(len(blocks), recipe.binding_blocks))
    if recipe.positions == "rotary":  # write_places
        blocks[0].requires_grad_(False)
        early.add(0)
    matrices = [p for p in model.get_decoder().layers.parameters() if p.ndim == 2 and p.requires_grad]
    known = {id(p) for p in [*matrices, *model.get_input_embeddings().parameters()]}
    language = [*model.get_decoder().parameters(), *model.get_output_embeddings().parameters()]
    others = [p for p in language if id(p) not in known and p.requires_grad]
    first = (round(recipe.binding_share * images), [blocks[i] for i in sorted(early)])

    def loss_of(step: int) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
        binding = step < recipe.binding_steps
        count, running = first if binding else (images, blocks)
        batch = _batch(count, recipe, seed, "decoder", step)
        frames = frames_of(course.pool, batch, recipe, seed, step)[:, : binding and recipe.binding_frames or None]
        states = shown(model, features, frames, course.tokeniser.between)
        seen = frames.shape[1] if course.tokeniser.frames else 0
        return _answer_loss(model, states, course, batch, running, recipe, seen)

    return Phase("decoder", muon_and_adamw(matrices, others, recipe.muon_rate, recipe.adam_rate), loss_of)


def joint_phase(model: nn.Module, course: Course, recipe: Recipe, seed: int) -> Phase:
    """Phase 3: the whole model at a low rate, AdamW."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.joint_rate, weight_decay=0.01, betas=(0.9, 0.98))

    def loss_of(step: int) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
        batch = _batch(len(course.pool.lessons), recipe, seed, "joint", step)
        with autocast(model, recipe):
            frames = frames_of(course.pool, batch, recipe, seed, recipe.decoder_steps + step)
            features = encode_shown(model, course.pool.images, frames, course.tokeniser.between)
        return _answer_loss(model, features, course, batch, list(model.get_decoder().layers), recipe)

    return Phase("joint", [(optimiser, recipe.joint_rate)], loss_of)


def _batch(count: int, recipe: Recipe, seed: int, name: str, step: int) -> Tensor:
    """The images of a step, among the first `count`."""
    return torch.from_numpy(np.sort(rng(seed, name, step).choice(count, recipe.decoder_batch, replace=False)))


def frames_of(pool: Pool, batch: Tensor, recipe: Recipe, seed: int, step: int) -> Int[np.ndarray, "visual frame"]:
    """The frames of what a step shows; `recipe.shuffled`: in an order drawn anew, of which nothing is asked."""
    frames = pool.frames[batch.numpy()]
    return rng(seed, "shuffled", step).permuted(frames, axis=1) if recipe.shuffled else frames


def _answer_loss(
    model: nn.Module,
    features: Tensor,
    course: Course,
    batch: Tensor,
    blocks: Sequence[nn.Module],
    recipe: Recipe,
    frames: int = 0,
) -> tuple[dict[str, Tensor], dict[str, list[bool]]]:
    answers = course.slots.answers[batch].to(model.device)
    with _answering(model, blocks), autocast(model, recipe):
        logits = answer_logits(model, features, course.slots, batch, course.tokeniser, frames).float()
    loss = F.cross_entropy(logits.flatten(0, 1), answers.flatten())
    return {"answer": loss}, _by_kind(course.pool, batch, logits.argmax(-1) == answers)


@contextlib.contextmanager
def _answering(model: nn.Module, blocks: Sequence[nn.Module]) -> Iterator[None]:
    """Let the decoder run only `blocks`, and attend as `answer_logits` asks; it is as before afterwards."""
    decoder, config = model.get_decoder(), model.get_decoder().config
    usual, everything = (config._attn_implementation, config.num_hidden_layers), decoder.layers
    config._attn_implementation, config.num_hidden_layers = ATTENTION, len(blocks)
    decoder.layers = nn.ModuleList(blocks)
    try:
        yield
    finally:
        decoder.layers, (config._attn_implementation, config.num_hidden_layers) = everything, usual


def _by_kind(pool: Pool, batch: Tensor, right: Tensor) -> dict[str, list[bool]]:
    """Which of the answers (image slot) about a batch are right, by kind of question."""
    marks: dict[str, list[bool]] = {}
    for image, row in zip(batch.tolist(), right.tolist(), strict=True):
        for lesson, mark in zip(pool.lessons[image], row, strict=True):
            marks.setdefault(lesson.kind, []).append(mark)
    return marks


@torch.inference_mode()
def evaluate(model: nn.Module, course: Course, batch: int = 64) -> dict[str, dict]:
    """Accuracy by question kind: the share of questions whose most probable next token is the answer, and how many."""
    pool, slots = course.pool, course.slots
    marks: dict[str, list[bool]] = {}
    for start in range(0, len(pool.lessons), batch):
        chosen = torch.arange(start, min(start + batch, len(pool.lessons)))
        features = encode_shown(model, pool.images, pool.frames[chosen.numpy()], course.tokeniser.between)
        with _answering(model, list(model.get_decoder().layers)):
            logits = answer_logits(model, features, slots, chosen, course.tokeniser)
        for kind, own in _by_kind(pool, chosen, logits.argmax(-1).cpu() == slots.answers[chosen]).items():
            marks.setdefault(kind, []).extend(own)
    return {kind: {"accuracy": float(np.mean(m)), "questions": len(m)} for kind, m in sorted(marks.items())}
