"""Load a vision-language model and turn images and questions into its inputs: the only room that knows model families.

The decoder is `model.get_decoder()`, its blocks are `decoder.layers`; visual positions are those whose input id equals
the *configuration's* image (or video) token id. Prompts go through the processor's own chat template, padded right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL.Image import Image
from torch import Tensor
from torch.nn import Module, ModuleList
from transformers import AutoModelForImageTextToText, AutoProcessor

from linmech.checkpoints import fingerprint, resolve
from linmech.errors import LinmechError
from linmech.prompts import Question
from linmech.selectors import select

__all__ = ["VLM", "Encoded", "encode", "extend", "fingerprint", "load_model", "positions"]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
PER_TOKEN = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


@dataclass(frozen=True)
class VLM:
    """A frozen model with its processor. `layers[l - 1]` writes `resid_post[l]`, l = 1..n_layers."""

    model: Module
    processor: object
    name: str
    folder: Path

    @property
    def tokenizer(self):
        """The processor's tokenizer."""
        return self.processor.tokenizer

    @property
    def decoder(self) -> Module:
        """The language model's stack of blocks, without its head."""
        return self.model.get_decoder()

    @property
    def layers(self) -> ModuleList:
        """The decoder's blocks."""
        return self.decoder.layers

    @property
    def n_layers(self) -> int:
        """The number of blocks, L."""
        return len(self.layers)

    @property
    def hidden(self) -> int:
        """The width of the residual stream."""
        return self.decoder.config.hidden_size

    @property
    def head(self) -> Module:
        """The unembedding (lm_head)."""
        return self.model.get_output_embeddings()

    @property
    def device(self) -> torch.device:
        """Where the inputs belong."""
        return self.model.get_input_embeddings().weight.device

    @property
    def dtype(self) -> torch.dtype:
        """The weights' type."""
        return self.model.get_input_embeddings().weight.dtype

    @property
    def visual_ids(self) -> tuple[int, ...]:
        """The input ids that stand for image patches or video frames."""
        config = self.model.config
        ids = (getattr(config, f"{what}_token_id", None) for what in ("image", "video"))
        return tuple(i for i in ids if i is not None)


@dataclass(frozen=True)
class Encoded:
    """A batch of prompts ready for the model.

    `inputs`: the processor's tensors on the model's device, right padded. `prompts`: the rendered chat prompts, image
    placeholder not expanded. `offsets[row]`: the character span, in the expanded prompt, of each real token.
    `lengths[row]`: the number of real tokens.
    """

    inputs: dict[str, Tensor]
    prompts: list[str]
    questions: list[Question]
    offsets: list[list[tuple[int, int]]]
    lengths: list[int]


def load_model(
    source: str | Path, *, dtype: str = "float32", device: str = "cpu", revision: str | None = None, name: str = "",
    attention: str | None = None,
) -> VLM:  # fmt: skip
    """The VLM in a local folder or hub repository: evaluation mode, no gradients, safetensors only, no remote code.

    `attention` chooses the implementation ("sdpa", "eager"; default: the library's). Raises LinmechError on missing
    files, an architecture that transformers does not have, or a tokenizer that does not fit the model.
    """
    if dtype not in DTYPES:
        raise LinmechError(f"model {source}: unknown dtype {dtype!r}; use one of {', '.join(DTYPES)}")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise LinmechError(f"model {source}: device {device!r} is not available; use device: cpu")
    folder = resolve(source, revision)
    options = {"attn_implementation": attention} if attention else {}
    try:
        processor = AutoProcessor.from_pretrained(folder, trust_remote_code=False)
        model = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=DTYPES[dtype], use_safetensors=True, trust_remote_code=False, **options
        )
    except (ValueError, OSError, ImportError, KeyError) as error:
        raise LinmechError(f"model {folder}: transformers cannot load it ({error}); check its config.json") from error
    vlm = VLM(model.to(device).eval().requires_grad_(False), processor, name or folder.name, folder)
    _check_tokenizer(vlm)
    return vlm


def encode(vlm: VLM, images: Sequence[Image | None], questions: Sequence[Question]) -> Encoded:
    """One prompt per (image, question) as a right-padded batch; images are RGB, or all None for text-only prompts.

    Raises LinmechError when counts differ, only some images are None, or the tokens do not reach the prompt's end.
    """
    blind = [image is None for image in images]
    if len(images) != len(questions) or not questions or any(blind) != all(blind):
        raise LinmechError("encode needs one image per question, and either all images or none of them None")
    prompts = [_render(vlm, question, not blind[0]) for question in questions]
    bos = vlm.tokenizer.bos_token
    batch = vlm.processor(
        text=prompts, images=None if blind[0] else [[image] for image in images], return_tensors="pt", padding=True,
        padding_side="right", return_offsets_mapping=True,
        add_special_tokens=not (bos and prompts[0].startswith(bos)),
    )  # fmt: skip
    spans, lengths = batch.pop("offset_mapping").tolist(), batch["attention_mask"].sum(1).tolist()
    offsets = [[(a, b) for a, b in row[:length]] for row, length in zip(spans, lengths, strict=True)]
    for row in offsets:
        if row[-1][1] < max(stop for _, stop in row):
            raise LinmechError(f"model {vlm.name}: its tokenizer adds tokens after the prompt; it cannot be continued")
    inputs = {
        key: value.to(vlm.device, vlm.dtype if value.is_floating_point() else None)
        for key, value in batch.items()
        if isinstance(value, Tensor)
    }
    return Encoded(inputs, prompts, list(questions), offsets, lengths)


def positions(encoded: Encoded, row: int, selector: str, vlm: VLM, pieces: str = "last") -> list[int]:
    """Token positions of `selector` in row `row`, ascending; see `selectors.select` for the selectors."""
    length = encoded.lengths[row]
    ids = encoded.inputs["input_ids"][row, :length].tolist()
    return select(
        selector, prompt=encoded.prompts[row], question=encoded.questions[row], offsets=encoded.offsets[row],
        visual=[i in vlm.visual_ids for i in ids], pieces=pieces,
    )  # fmt: skip


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


def _render(vlm: VLM, question: Question, seen: bool) -> str:
    content = [{"type": "image"}] * seen + [{"type": "text", "text": question.text}]
    return vlm.processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )


def _check_tokenizer(vlm: VLM) -> None:
    """Refuse a tokenizer that does not belong to the model (some classes silently build an empty one)."""
    size, rows = len(vlm.tokenizer), vlm.model.get_input_embeddings().num_embeddings
    if not vlm.visual_ids or max(vlm.visual_ids) >= size or size > rows:
        raise LinmechError(
            f"{vlm.folder}/tokenizer.json has {size} tokens, but config.json has {rows} embeddings and the image token "
            f"{list(vlm.visual_ids)}; put the model's own tokenizer there"
        )
    if not vlm.processor.chat_template:
        raise LinmechError(f"{vlm.folder}/chat_template.jinja is missing; put the model's own chat template there")
    if vlm.tokenizer.pad_token is None:
        vlm.tokenizer.pad_token = vlm.tokenizer.eos_token
