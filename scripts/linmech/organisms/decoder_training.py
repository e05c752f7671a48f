"""Phases 2 and 3 of an organism's training: the decoder on frozen features, then both together (see training.py)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from linmech.organisms.inputs import decoder_inputs, encode_images, image_features, places
from linmech.organisms.lesson_pool import Pool
from linmech.organisms.lesson_slots import ATTENTION, Slots, Tokeniser
from linmech.organisms.recipe import Recipe
from linmech.organisms.schedule import schedule, set_rate
from linmech.organisms.start import early_blocks
from linmech.seeds import rng


def answer_logits(model: nn.Module, features: Tensor, slots: Slots, batch: Tensor, tokeniser: Tokeniser) -> Tensor:
    """Logits (image slot vocabulary) after each question of the batch; the model's attention must be ATTENTION."""
    tokens, last = slots.tokens[batch], slots.last[batch]
    images, count, length = tokens.shape
    before, after = tokeniser.before, tokeniser.after
    inputs = decoder_inputs(model, features, tokens.flatten(1), before, after)
    prefix = inputs["inputs_embeds"].shape[1] - count * length
    both = (len(before), prefix - len(after)) if tokeniser.two_way else (0, 0)
    where = places(model, len(before), prefix - len(before) - len(after), len(after), count, length)
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


def train_decoder(model: nn.Module, course: Course, recipe: Recipe, seed: int) -> None:
    """Phase 2: Muon on the decoder's matrices, AdamW on norms and head; encoder and word embeddings stay as they are.

    AdamW would carry the word embeddings away from the patches that the encoder matched to them within fifty steps.
    """
    features = encode_images(model, course.pool.images)
    matrices = [p for p in model.get_decoder().layers.parameters() if p.ndim == 2]
    known = {id(p) for p in [*matrices, *model.get_input_embeddings().parameters()]}
    language = [*model.get_decoder().parameters(), *model.get_output_embeddings().parameters()]
    others = [p for p in language if id(p) not in known]
    optimisers = [
        (torch.optim.Muon(matrices, lr=recipe.muon_rate, weight_decay=0.01, momentum=0.95), recipe.muon_rate),
        (torch.optim.AdamW(others, lr=recipe.adam_rate, weight_decay=0.01, betas=(0.9, 0.98)), recipe.adam_rate),
    ]
    images, blocks = len(course.pool.images), list(model.get_decoder().layers)
    first = (round(recipe.binding_share * images), [blocks[i] for i in early_blocks(len(blocks))])
    plan = [first] * recipe.binding_steps + [(images, blocks)] * recipe.decoder_steps
    _fit(model, "decoder", plan[: recipe.decoder_steps], recipe, optimisers, features.__getitem__, course, seed)


def train_jointly(model: nn.Module, course: Course, recipe: Recipe, seed: int) -> None:
    """Phase 3: the whole model at a low rate, AdamW."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.joint_rate, weight_decay=0.01, betas=(0.9, 0.98))

    def features(batch: Tensor) -> Tensor:
        return image_features(model, course.pool.images[batch.numpy()])

    plan = [(len(course.pool.images), list(model.get_decoder().layers))] * recipe.joint_steps
    _fit(model, "joint", plan, recipe, [(optimiser, recipe.joint_rate)], features, course, seed)


def _fit(
    model: nn.Module, name: str, plan: Sequence[tuple[int, list[nn.Module]]], recipe: Recipe, optimisers: list,
    features: Callable[[Tensor], Tensor], course: Course, seed: int,
) -> None:  # fmt: skip
    """Step k of `plan` = (first images that it draws from, blocks that it runs); prints accuracy by kind as it goes."""
    pool, slots, steps = course.pool, course.slots, len(plan)
    decoder, config = model.get_decoder(), model.get_decoder().config
    usual, config._attn_implementation = config._attn_implementation, ATTENTION
    all_blocks, all_count = decoder.layers, config.num_hidden_layers
    parameters = [p for optimiser, _ in optimisers for group in optimiser.param_groups for p in group["params"]]
    tally: dict[str, list[bool]] = {}
    started = time.time()
    for step, (images, blocks) in enumerate(plan):
        decoder.layers, config.num_hidden_layers = nn.ModuleList(blocks), len(blocks)
        drawn = rng(seed, name, step).choice(images, recipe.decoder_batch, replace=False)
        batch = torch.from_numpy(np.sort(drawn))
        with torch.autocast("cpu", torch.bfloat16):
            logits = answer_logits(model, features(batch), slots, batch, course.tokeniser).float()
        F.cross_entropy(logits.flatten(0, 1), slots.answers[batch].flatten()).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimiser, rate in optimisers:
            set_rate(optimiser, rate * schedule(step, steps))
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        right = (logits.argmax(-1) == slots.answers[batch]).tolist()
        for image, marks in zip(batch.tolist(), right, strict=True):
            for lesson, mark in zip(pool.lessons[image], marks, strict=True):
                tally.setdefault(lesson.kind, []).append(mark)
        if step % 50 == 49 or step == steps - 1:
            told = " ".join(f"{kind} {np.mean(marks):.2f}" for kind, marks in sorted(tally.items()))
            print(f"{name} {step + 1} {told} | {time.time() - started:.0f} s", flush=True)
            tally = {}
    decoder.layers, config.num_hidden_layers, config._attn_implementation = all_blocks, all_count, usual


@torch.inference_mode()
def evaluate(model: nn.Module, course: Course, batch: int = 64) -> dict[str, dict]:
    """Accuracy by question kind: the share of questions whose most probable next token is the answer, and how many."""
    config = model.get_decoder().config
    usual, config._attn_implementation = config._attn_implementation, ATTENTION
    pool, slots = course.pool, course.slots
    marks: dict[str, list[bool]] = {}
    for start in range(0, len(pool.images), batch):
        chosen = torch.arange(start, min(start + batch, len(pool.images)))
        features = image_features(model, pool.images[chosen.numpy()])
        right = answer_logits(model, features, slots, chosen, course.tokeniser).argmax(-1) == slots.answers[chosen]
        for image, row in zip(chosen.tolist(), right.tolist(), strict=True):
            for lesson, mark in zip(pool.lessons[image], row, strict=True):
                marks.setdefault(lesson.kind, []).append(mark)
    config._attn_implementation = usual
    return {kind: {"accuracy": float(np.mean(m)), "questions": len(m)} for kind, m in sorted(marks.items())}
