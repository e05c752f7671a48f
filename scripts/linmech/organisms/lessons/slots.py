"""Lessons as token slots: several questions about one image in one sequence, none of which sees another."""

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers import AttentionInterface
from transformers.video_utils import VideoMetadata

from linmech.organisms.lessons.curriculum import LISTED, Lesson
from linmech.organisms.lessons.pool import Pool
from linmech.questions.asking import ask
from linmech.questions.kinds import KINDS, has_orders
from linmech.seeds import rng

ATTENTION = "prefix_and_slots"


def prefix_and_slots(
    module, query, key, value, attention_mask, scaling=None, dropout=0.0, prefix=0, slots=1, both=(0, 0), **_
):
    """Attention of `slots` questions that all see the `prefix` (the image) and themselves, not one another; where the
    keys are the image's (cross-attention), every token sees them all. Tokens from both[0] to before both[1] see one
    another both ways.

    Plain matrix products: the backward pass of PyTorch's fused attention is several times slower on a CPU.
    """
    batch, heads, tokens, size = query.shape
    length = (tokens - prefix) // slots
    query = query * (size**-0.5 if scaling is None else scaling)
    if not getattr(module, "is_causal", False):
        return ((query @ key.transpose(-1, -2)).softmax(-1) @ value).transpose(1, 2).contiguous(), None
    (image_query, slot_query), (image_key, slot_key), (image_value, slot_value) = (
        x.split([prefix, tokens - prefix], 2) for x in (query, key, value)
    )
    own_query, own_key, own_value = (
        x.reshape(batch, heads, slots, length, size) for x in (slot_query, slot_key, slot_value)
    )

    def later(rows: int) -> Tensor:
        return torch.full((rows, rows), -1e9, dtype=query.dtype, device=query.device).triu(1)

    ahead = later(prefix)
    ahead[both[0] : both[1], both[0] : both[1]] = 0
    first = (image_query @ image_key.transpose(-1, -2) + ahead).softmax(-1) @ image_value
    to_image = (slot_query @ image_key.transpose(-1, -2)).view(batch, heads, slots, length, prefix)
    to_own = own_query @ own_key.transpose(-1, -2) + later(length)
    image_weights, own_weights = torch.cat([to_image, to_own], -1).softmax(-1).split([prefix, length], -1)
    rest = image_weights.reshape(batch, heads, slots * length, prefix) @ image_value
    rest = rest + (own_weights @ own_value).view(batch, heads, slots * length, size)
    return torch.cat([first, rest], 2).transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, prefix_and_slots)


class Tokeniser:
    """Token ids of a question from its first token on and of its answer, exactly as in the whole chat prompt.

    `frames`: of the videos that are asked about, one a second; 0 = images. `before` and `after`: the tokens around the
    image that every question has; `between`: those between two frames, if any (VideoLLaMA3's times). `two_way`: whether
    the image's tokens see one another both ways (Gemma-3, whose processor marks them for that).
    """

    def __init__(self, processor, frames: int = 0):
        self.processor, self.frames, self.known = processor, frames, {}
        one, other = self._whole("x"), self._whole("y")
        self.prefix = _first_difference(one, other)
        visual = {"images": [Image.new("RGB", (64, 64))]}
        if frames:
            told = VideoMetadata(total_num_frames=frames, fps=1.0, frames_indices=list(range(frames)))
            shows = np.zeros((frames, 64, 64, 3), np.uint8)
            visual = {"videos": [shows], "video_metadata": [told], "do_sample_frames": False}
        inputs, others = (processor(text=[self._prompt(text)], **visual) for text in "xy")
        one, other = inputs["input_ids"][0], others["input_ids"][0]
        known = processor.video_token_ids if frames else processor.image_token_ids
        marks = [piece for piece in one if piece in known]  # InternVL counts <img> and </img> in
        patch = max(marks, key=marks.count)
        seen = [place for place, piece in enumerate(one) if piece == patch]
        gaps = [one[left + 1 : right] for left, right in itertools.pairwise(seen)]
        self.between = [gap for gap in gaps if gap]
        assert len(self.between) in (0, frames - 1), self.between
        self.two_way = any(inputs.get("token_type_ids", [[]])[0])
        self.before, self.after = one[: seen[0]], one[seen[-1] + 1 : _first_difference(one, other)]

    def _prompt(self, text: str) -> str:
        content = [{"type": "video" if self.frames else "image"}, {"type": "text", "text": text}]
        return self.processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)

    def _whole(self, text: str) -> list[int]:
        return self.processor.tokenizer(self._prompt(text)).input_ids

    def question(self, text: str, said: str = "") -> list[int]:
        """Everything that follows `after`, up to and with the generation prompt, and the word " said" behind it."""
        if text not in self.known:
            self.known[text] = self._whole(text)[self.prefix :]
        return self.known[text] + (self.pieces(said) if said else [])

    def pieces(self, word: str) -> list[int]:
        """The tokens of " word"."""
        return self.processor.tokenizer(f" {word}", add_special_tokens=False).input_ids

    def answer(self, word: str) -> int:
        """The one token of " word". Raises ValueError if the tokenizer splits it."""
        (token,) = self.pieces(word)
        return token


def _first_difference(one: list[int], other: list[int]) -> int:
    return next(place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)


def phrase(lesson: Lesson, draw: np.random.Generator) -> str:
    """The lesson's question in a random wording and option order."""
    options = tuple(sorted((lesson.answer, lesson.other))) if lesson.kind == "colour" else None
    wording = int(draw.integers(len(KINDS[lesson.kind].templates)))
    order = int(draw.integers(1 + has_orders(lesson.kind)))
    nouns = lesson.subject, lesson.reference, lesson.third
    return ask(lesson.kind, *nouns, order=order, wording=wording, options=options).text


def _next_piece(answer: list[int], other: list[int], draw: np.random.Generator | None) -> int:
    """Which of an answer's tokens is asked for: a drawn one, or the first in which it differs from the other's."""
    if draw:
        return int(draw.integers(len(answer)))
    return next(place for place, piece in enumerate(answer) if other[place : place + 1] != [piece])


@dataclass(frozen=True)
class Slots:
    """Tokenised lessons: `tokens` (image slot token), `last` = index of each slot's last prompt token, `answers`."""

    tokens: Tensor
    last: Tensor
    answers: Tensor


def tokenise(pool: Pool, tokeniser: Tokeniser, seed: int, listed: float = 0.0, *, spelled: bool = False) -> Slots:
    """All lessons of a pool as padded slots of one length.

    A share `listed` of those of LISTED's kinds is asked as a list, in which the answer follows the noun itself. Of an
    answer of several tokens (a noun) one is asked for, behind those before it: the first that the false answer has not,
    or any (`spelled`).
    """
    asked, answers = [], []
    for number, group in enumerate(pool.lessons):
        draw, chosen = rng(seed, "phrase", number), rng(seed, "listed", number).random(len(group)) < listed
        asked.append([
            tokeniser.question(LISTED[lesson.kind], lesson.subject)
            if in_list and lesson.kind in LISTED
            else tokeniser.question(phrase(lesson, draw))
            for lesson, in_list in zip(group, chosen, strict=True)
        ])  # fmt: skip
        answers.append([])
        spelling = rng(seed, "spelled", number)
        for ids, lesson in zip(asked[-1], group, strict=True):
            pieces = tokeniser.pieces(lesson.answer)
            told = _next_piece(pieces, tokeniser.pieces(lesson.other), spelling if spelled else None)
            ids += pieces[:told]
            answers[-1].append(pieces[told])
    length = max(len(ids) for group in asked for ids in group)
    tokens = torch.tensor([[ids + [0] * (length - len(ids)) for ids in group] for group in asked])
    return Slots(tokens, torch.tensor([[len(ids) - 1 for ids in group] for group in asked]), torch.tensor(answers))
