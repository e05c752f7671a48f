"""Load a vision-language model of any family that follows the common shape.

The decoder is `model.get_decoder()`, its blocks are `decoder.layers`; visual positions are those whose input id equals
the *configuration's* image (or video) token id. A family is not named anywhere: what differs is read off the model.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch.nn import Module, ModuleList
from transformers import AutoModelForImageTextToText, AutoProcessor

from linmech.errors import LinmechError
from linmech.job import cure
from linmech.models.checkpoints import resolve
from linmech.models.faults import Fault
from linmech.models.precision import known_type, warn_of_slow
from linmech.models.processing import pin
from linmech.models.video_newlines import newline_after_rows
from linmech.models.vision_windows import attend_in_windows_at_once

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SHOWN = 300  # letters of an error of transformers


@dataclass(frozen=True)
class VLM:
    """A frozen model with its processor. `layers[l - 1]` writes `resid_post[l]`, l = 1..n_layers.

    `fault`: what is planted in it. `plain`: it is to be run by plain forward passes alone.
    """

    model: Module
    processor: object
    name: str
    folder: Path
    fault: Fault | None = None
    plain: bool = False

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


def load_model(
    source: str | Path, *, dtype: str = "float32", device: str = "cpu", revision: str | None = None, name: str = "",
    attention: str | None = None, frame_newlines: str | None = None, frame_patches: str | None = None,
    pixels: Sequence[int] | None = None, tiles: int | None = None, date: str | None = None,
    pad_to_square: bool | None = None,
) -> VLM:  # fmt: skip
    """The VLM in a local folder or hub repository: evaluation mode, no gradients, safetensors only, no remote code.

    `dtype` "auto" is bfloat16 on a GPU, and on a CPU the faster of bfloat16 and float32, as measured now; `attention`
    chooses the implementation ("sdpa", "eager"; default: the library's); `device` "auto" spreads a model over all GPUs;
    `frame_newlines` "rows" is LLaVA-Video's layout (`video_newlines`); `frame_patches` "all" keeps those that do not
    change from frame to frame, which VideoLLaMA3 drops; `pixels` are the least and most of an image's area, `tiles` how
    many it is cut into at most, `date` today in the chat template (`processing`), `pad_to_square` puts a border around
    pictures whose ends would be cut off (`framing`). Raises LinmechError on missing files, tensors that are missing,
    unknown or of another shape, an architecture that transformers does not have, a tokenizer that does not fit the
    model, or a key that does nothing with it.
    """
    if dtype not in (*DTYPES, "auto"):
        raise LinmechError(f"model {source}: unknown dtype {dtype!r}; use one of {', '.join(DTYPES)}, auto")
    check_device(device, f"model {source}")
    dtype = known_type(dtype, device)
    folder = resolve(source, revision)
    warn_of_slow(dtype, device, name or folder.name)
    options = {"attn_implementation": attention} if attention else {}
    options |= {"device_map": "auto"} if device == "auto" else {}
    try:
        processor = AutoProcessor.from_pretrained(folder, trust_remote_code=False)
        model, found = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=DTYPES[dtype], use_safetensors=True, trust_remote_code=False, output_loading_info=True,
            ignore_mismatched_sizes=True, **options,
        )  # fmt: skip
    except SafetensorError as error:
        raise LinmechError(f"model {folder}: a safetensors file is damaged ({error}); copy it again") from error
    except Exception as error:  # whatever transformers makes of its files
        if isinstance(error, (MemoryError, RuntimeError)) and cure(error):  # of this machine, not the files' fault
            raise
        told = f"{type(error).__name__}: {str(error)[:SHOWN]}"
        raise LinmechError(f"model {folder}: transformers cannot load it ({told}); check its config.json") from error
    _check_tensors(folder, found)
    pin(
        processor, model, folder, name=name or folder.name, pixels=pixels, tiles=tiles, date=date,
        frame_newlines=frame_newlines, pad_to_square=pad_to_square,
    )  # fmt: skip
    if frame_newlines == "rows":
        newline_after_rows(model, processor)
    if frame_patches == "all":
        _keep_patches(model, processor)
    attend_in_windows_at_once(model)
    model = model if device == "auto" else model.to(device)
    vlm = VLM(model.eval().requires_grad_(False), processor, name or folder.name, folder)
    _check_tokenizer(vlm)
    return vlm


def _keep_patches(model: Module, processor: object) -> None:
    """Keep every patch of every frame: a video and its reverse then have the same tokens."""
    videos = getattr(processor, "video_processor", None)
    if not hasattr(videos, "use_token_compression"):
        raise LinmechError(f"frame_patches: {type(model).__name__} drops no patches of a video; remove the key")
    videos.use_token_compression = False


def check_device(device: str, who: str) -> None:
    """LinmechError, beginning with `who` asks for it, where this machine lacks a device."""
    kind, _, number = device.partition(":")
    there = {
        "cpu": lambda: True, "auto": lambda: True, "mps": torch.backends.mps.is_available,
        "cuda": lambda: int(number or 0) < torch.cuda.device_count(),
    }  # fmt: skip
    if not there.get(kind, lambda: False)():
        here = f"this machine has {torch.cuda.device_count()} GPUs, counted from 0"
        raise LinmechError(f"{who}: device {device!r} is not available ({here}); use another, or device: cpu")


def _check_tensors(folder: Path, found: Mapping[str, Collection]) -> None:
    """Refuse a checkpoint that does not fill its class: what is missing would be drawn at random."""
    for what in ("missing", "mismatched", "unexpected"):
        if keys := sorted(key if isinstance(key, str) else key[0] for key in found[f"{what}_keys"]):
            raise LinmechError(
                f"model {folder}: {len(keys)} tensors are {what} in its safetensors, {keys[0]} among them; copy all of "
                "its files again, or correct the architecture in config.json"
            )


def _check_tokenizer(vlm: VLM) -> None:
    """Refuse a tokenizer that does not belong to the model (some classes silently build an empty one)."""
    size, rows = len(vlm.tokenizer), vlm.model.get_input_embeddings().num_embeddings
    added = sum(number >= rows for number in vlm.tokenizer.get_added_vocab().values())  # InternVL's <video>
    if not vlm.visual_ids or max(vlm.visual_ids) >= min(size, rows) or size - added > rows:
        raise LinmechError(
            f"{vlm.folder}/tokenizer.json has {size} tokens, but config.json has {rows} embeddings and the image token "
            f"{list(vlm.visual_ids)}; put the model's own tokenizer there"
        )
    if not vlm.processor.chat_template:
        raise LinmechError(f"{vlm.folder}/chat_template.jinja is missing; put the model's own chat template there")
    if vlm.tokenizer.pad_token is None:
        vlm.tokenizer.pad_token = vlm.tokenizer.eos_token
