"""A tiny random LLaVA with a real processor: `tiny.llava_folder(tmp_path)` is a checkpoint folder for `load_model`.

Two vision layers (48 px, 9 patches), four decoder blocks of width 32, a byte-level BPE tokenizer learned in memory. The
weights are random and larger than at initialisation, so that every edit moves the logits by far more than rounding.
"""

import functools
import tempfile
from pathlib import Path

import torch
from PIL import Image

from linmech.models.vlm import VLM, load_model
from linmech.organisms.families.llava import build_llava

NOUNS = ("frog", "car", "teddy bear", "dog", "umbrella")
COLOURS = ("red", "blue")
SIDE, LAYERS, HIDDEN = 48, 4, 32


def llava_folder(folder: Path, seed: int = 0, vocabulary: int = 480) -> Path:
    """Save the tiny LLaVA of `seed` under `folder` and return its folder; few words are whole at 300 tokens."""
    model, processor = build_llava(
        NOUNS, COLOURS, seed=seed, side=SIDE, patch=16, hidden=HIDDEN, decoder_layers=LAYERS, vision_layers=2,
        vocabulary=vocabulary,
    )  # fmt: skip
    return _save(model, processor, Path(folder) / f"tiny-llava-{seed}-{vocabulary}", seed)


@functools.cache
def llava(seed: int = 0, vocabulary: int = 480, attention: str = "sdpa") -> VLM:
    """The loaded tiny LLaVA (float32, CPU), shared by the tests of a process; leave its weights as they are."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(llava_folder(Path(folder), seed, vocabulary), attention=attention)


def _save(model, processor, path: Path, seed: int) -> Path:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 1.5 * weight.shape[-1] ** -0.5, generator=generator)
    model.save_pretrained(path)
    processor.save_pretrained(path)
    return path


def hooks(vlm: VLM) -> int:
    """How many forward hooks are installed in a model."""
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in vlm.model.modules())


def image(seed: int = 0) -> Image.Image:
    """A random RGB image, 48 px."""
    noise = torch.randint(0, 256, (SIDE, SIDE, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return Image.fromarray(noise.numpy())


def vector(seed: int, places: int | None = None) -> torch.Tensor:
    """A random vector (hidden), or one for each of `places`."""
    shape = (HIDDEN,) if places is None else (places, HIDDEN)
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 3
