"""Prompts as a model's inputs: images or videos and questions through the processor's own chat template, padded right.

Right padding leaves every token of a causal decoder at the position, and with the numbers, that it has alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jinja2 import TemplateError
from torch import Tensor
from transformers.video_utils import VideoMetadata

from linmech.errors import LinmechError
from linmech.models.framing import squared
from linmech.models.processing import Pinned
from linmech.models.visual_tokens import VisualTokens, visual_tokens
from linmech.models.vlm import VLM
from linmech.questions.asking import Question
from linmech.questions.selectors import select
from linmech.stimuli.visuals import Video, Visual

PLACE = re.compile(r"(image_patch|frame)\(([\d., ]+)\)")
PER_TOKEN = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


@dataclass(frozen=True)
class Encoded:
    """A batch of prompts ready for the model.

    `inputs`: the processor's tensors, right padded. `prompts`: the rendered chat prompts, image
    placeholder not expanded. `sizes[row]`: frames (1 for an image, 0 for none), height and width in pixels of the
    visual as it was given. `offsets[row]`: the character span, in the expanded prompt, of each real token.
    `lengths[row]`: the number of real tokens.
    """

    inputs: dict[str, Tensor]
    prompts: list[str]
    questions: list[Question]
    offsets: list[list[tuple[int, int]]]
    lengths: list[int]
    sizes: list[tuple[int, int, int]]

    @property
    def kind(self) -> str:
        """ "video" for a batch about videos of several frames, "image" for any other."""
        return "video" if max(frames for frames, _, _ in self.sizes) > 1 else "image"

    def to(self, device: torch.device, dtype: torch.dtype) -> "Encoded":
        """The batch on a device, its real-valued inputs as `dtype`; pinned memory is copied while Python goes on."""
        moved = {
            key: value.to(device, dtype if value.is_floating_point() else None, non_blocking=True)
            for key, value in self.inputs.items()
        }
        return replace(self, inputs=moved)

    def pin_memory(self) -> "Encoded":
        """The batch in page-locked memory (torch's DataLoader asks for it)."""
        return replace(self, inputs={key: value.pin_memory() for key, value in self.inputs.items()})


def encode(vlm: VLM, visuals: Sequence[Visual], questions: Sequence[Question]) -> Encoded:
    """One prompt per (visual, question) as a right-padded batch on the model's device; see `prepare`."""
    return prepare(vlm.processor, visuals, questions, vlm.name).to(vlm.device, vlm.dtype)


def prepare(processor: object, visuals: Sequence[Visual], questions: Sequence[Question], name: str = "") -> Encoded:
    """`encode` without a model, on the CPU and in float32, for a process that only prepares its prompts.

    All visuals are images (of any mode; they are shown as RGB), or all videos, or all None. `name` is the model's, for
    errors. Raises LinmechError when counts differ, kinds are mixed, the template drops a part, or the tokens do not
    reach the prompt's end.
    """
    kinds = {None if visual is None else "video" if isinstance(visual, Video) else "image" for visual in visuals}
    if len(visuals) != len(questions) or not questions or len(kinds) != 1:
        raise LinmechError("encode needs one visual per question, and all images, all videos or all None")
    (kind,) = kinds
    prompts = [_render(processor, question, kind, name) for question in questions]
    bos = processor.tokenizer.bos_token
    batch = processor(
        text=prompts, return_tensors="pt", padding=True, padding_side="right", return_offsets_mapping=True,
        add_special_tokens=not (bos and prompts[0].startswith(bos)), **_seen(processor, visuals, kind),
    )  # fmt: skip
    spans, lengths = batch.pop("offset_mapping").tolist(), batch["attention_mask"].sum(1).tolist()
    offsets = [[(a, b) for a, b in row[:length]] for row, length in zip(spans, lengths, strict=True)]
    for row in offsets:
        if row[-1][1] < max(stop for _, stop in row):
            raise LinmechError(f"model {name}: its tokenizer adds tokens after the prompt; it cannot be continued")
    inputs = {
        key: value
        for key, value in batch.items()
        if isinstance(value, Tensor) and key != "labels"  # PaliGemma's processor makes some
    }
    return Encoded(inputs, prompts, list(questions), offsets, lengths, [_size(visual) for visual in visuals])


def positions(encoded: Encoded, row: int, selector: str, vlm: VLM, pieces: str = "last") -> list[int]:
    """Token positions of `selector` in row `row`, ascending; see `selectors.select` for the selectors of words.

    Beside those: `image_patch(x, y)`, the visual tokens that show the point (x, y), both shares of the image's size
    from 0 to below 1, and `frame(t)`, those that show frame t, counted from 0. `image+text`: those of either.
    """
    if "+" in selector:
        return sorted({i for part in selector.split("+") for i in positions(encoded, row, part, vlm, pieces)})
    length = encoded.lengths[row]
    ids = encoded.inputs["input_ids"][row, :length].tolist()
    marks = vlm.visual_ids
    visual = [i in marks for i in ids]
    place = PLACE.fullmatch(selector)
    if place:
        seen = [position for position, is_seen in enumerate(visual) if is_seen]
        tokens = visual_tokens(vlm, encoded.inputs, row, encoded.sizes[row], len(seen))
        return [seen[token] for token in _placed(selector, place, tokens)]
    return select(
        selector, prompt=encoded.prompts[row], question=encoded.questions[row], offsets=encoded.offsets[row],
        visual=visual, pieces=pieces,
    )  # fmt: skip


def _placed(selector: str, place: re.Match, tokens: VisualTokens) -> list[int]:
    """The visual tokens that a selector of places names."""
    numbers = [float(number) for number in place[2].split(",") if number.strip()]
    if len(numbers) != (2 if place[1] == "image_patch" else 1):
        raise LinmechError(f"selector {selector!r}: write image_patch(x, y) with shares of the image, or frame(t)")
    found = tokens.at(*numbers) if place[1] == "image_patch" else tokens.of_frame(int(*numbers))
    if not found:
        raise LinmechError(f"selector {selector!r} names no token; x and y lie from 0 to below 1, frames count from 0")
    return found


def extend(vlm: VLM, encoded: Encoded, pieces: tuple[int, ...]) -> dict[str, Tensor]:
    """The inputs with `pieces` put after every prompt's last token (before its padding).

    Raises LinmechError if the model has a per-token input that this function does not know how to lengthen.
    """
    if not pieces:
        return encoded.inputs
    inputs, width = dict(encoded.inputs), encoded.inputs["input_ids"].shape[1]
    for key, value in inputs.items():
        if key not in PER_TOKEN:
            if key.endswith("_mask") and value.ndim > 1 and value.shape[1] == width:
                raise LinmechError(f"model {vlm.name}: cannot lengthen its {key}; choose answers of one token")
            continue
        filler = {"input_ids": torch.tensor(pieces), "attention_mask": torch.ones(len(pieces))}
        new = filler.get(key, torch.zeros(len(pieces))).to(value)
        rows = [torch.cat([line[:n], new, line[n:]]) for line, n in zip(value, encoded.lengths, strict=True)]
        inputs[key] = torch.stack(rows)
    return inputs


def _size(visual: Visual) -> tuple[int, int, int]:
    if visual is None:
        return 0, 0, 0
    return visual.frames.shape[:3] if isinstance(visual, Video) else (1, visual.height, visual.width)


def _seen(processor: object, visuals: Sequence[Visual], kind: str | None) -> dict:
    """The processor's arguments for the visuals."""
    if kind is None:
        return {}
    if fill := Pinned.of(processor).fill:
        visuals = [squared(visual, fill) for visual in visuals]
    if kind == "image":
        return {"images": [[image.convert("RGB")] for image in visuals], **Pinned.of(processor).call}
    told = [
        VideoMetadata(
            total_num_frames=len(video.frames), fps=video.per_second, frames_indices=list(range(len(video.frames))),
            height=video.frames.shape[1], width=video.frames.shape[2], duration=len(video.frames) / video.per_second,
        )
        for video in visuals
    ]  # fmt: skip
    frames = [np.ascontiguousarray(video.frames) for video in visuals]  # reversed frames are views
    return {"videos": frames, "video_metadata": told, "do_sample_frames": False}


def _render(processor: object, question: Question, kind: str | None, name: str) -> str:
    """The chat prompt; LinmechError where the template fails, or leaves out the question or the visual."""
    content = [{"type": kind}] * (kind is not None) + [{"type": "text", "text": question.text}]
    try:
        prompt = processor.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True,
            **Pinned.of(processor).written,
        )  # fmt: skip
    except (TemplateError, TypeError) as error:
        raise LinmechError(
            f"model {name}: its chat template cannot write a question ({error}); give it the template of its "
            "transformers class"
        ) from error
    marks = {getattr(processor, f"{what}_token", None) for what in (kind, "boi")} - {None} if kind else set()
    if prompt.count(question.text) != 1:
        raise LinmechError(f"model {name}: its chat template drops or changes the question in {prompt!r}; use another")
    if (marks or kind == "video") and (shown := sum(prompt.count(mark) for mark in marks)) != 1:
        raise LinmechError(
            f"model {name}: its chat template writes {shown} placeholders for one {kind}; this model or template takes "
            f"no {kind}s: use another"
        )
    return prompt
