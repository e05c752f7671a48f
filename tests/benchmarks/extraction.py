"""Extraction: images per second through the activation cache's own path, and its share of the matrix-product ceiling.

    python tests/benchmarks/extraction.py --shape mid [--device cuda --dtype bfloat16 --batch 16 --images 64]

The ceiling is a square matrix product of the same dtype, measured in the same call; the work is counted as two floating
point operations per weight and token of the decoder's and the vision tower's matrices, attention scores left out.
Images per second count from the first batch on: workers need seconds to start, and a job reads for minutes.
Preprocessing is timed alone as well, because it runs on the CPU beside the model.
"""

import time
from functools import partial

import torch
from clock import arguments, report, timed
from PIL.Image import Image
from shapes import build, image

from linmech.activations.extraction import Prompt, residuals
from linmech.activations.preparation import prepared
from linmech.activations.transfers import one_ahead
from linmech.models.encoding import encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import ask


def ceiling(dtype: torch.dtype, device: str, side: int) -> float:
    """Floating point operations per second of a `side` x `side` matrix product."""
    a, b = (torch.randn(side, side, dtype=dtype, device=device) for _ in range(2))
    seconds, _ = timed(lambda: [a @ b for _ in range(10)], 3, device)
    return 10 * 2 * side**3 / min(seconds)


def work(vlm: VLM, tokens: int, visual: int) -> float:
    """Operations of one prompt: decoder matrices on all its tokens, vision matrices on all patches.

    Patches are counted as the vision blocks see them: four to a visual token where the family merges them.
    """
    decoder = sum(weight.numel() for weight in vlm.layers.parameters() if weight.ndim == 2)
    seeing = [part for name, part in vlm.model.model.named_children() if name != "language_model"]
    vision = sum(weight.numel() for part in seeing for weight in part.parameters() if weight.ndim == 2)
    patches = visual * getattr(vlm.model.config.vision_config, "spatial_merge_size", 1) ** 2
    return 2 * (decoder * tokens + vision * patches)


def picture(shape: str, name: str) -> Image:
    """The random image of a name; picklable, for the workers."""
    return image(shape, int(name))


def main() -> None:
    """Print a table and one line of JSON."""
    given = arguments(
        __doc__, sample=0, batch={"type": int, "default": 8}, images={"type": int, "default": 16},
        workers={"type": int, "default": 0, "help": "processes that compose and preprocess ahead"},
        side={"type": int, "default": 2048, "help": "of the matrices that measure the ceiling"},
    )  # fmt: skip
    dtype = getattr(torch, given.dtype)
    vlm = build(given.shape, dtype, given.device)
    questions = [ask("left-right", "teddy bear", "car")] * given.images
    pictures = [image(given.shape, seed) for seed in range(given.images)]
    prompts = [
        Prompt(f"{n}", question, {"subject": "subject", "reference": "reference"}, f"{n}")
        for n, question in enumerate(questions)
    ]
    layers = range(vlm.n_layers + 1)
    parts = [prompts[start : start + given.batch] for start in range(0, given.images, given.batch)]
    asked = [([prompt.visual for prompt in part], [prompt.question for prompt in part]) for part in parts]

    def run() -> float:
        """Seconds from the first batch's residuals to the last ones'."""
        ready = prepared(vlm.processor, vlm.name, asked, partial(picture, given.shape), given.workers)
        found = one_ahead(residuals(vlm, part, inputs, layers) for part, inputs in zip(parts, ready, strict=True))
        next(found)
        first = time.perf_counter()
        for _ in found:
            pass
        return time.perf_counter() - first

    with torch.inference_mode():
        started = time.perf_counter()
        first = encode(vlm, pictures[: given.batch], questions[: given.batch])
        tokens, visual = first.lengths[0], len(positions(first, 0, "image", vlm))
        preparing = (time.perf_counter() - started) / min(given.batch, given.images)
        seconds = [run() for _ in range(given.repeats)]
        top = ceiling(dtype, given.device, given.side)
    rate = (given.images - given.batch) / min(seconds)
    share = rate * work(vlm, tokens, visual) / top
    what = f"{tokens} tokens, {rate:.2f} images/s at batch {given.batch}, {preparing * 1e3:.1f} ms preprocessing each; "
    report(given, f"{what}{100 * share:.0f} % of {top / 1e12:.2f} TFLOP/s", {"linmech": seconds})


if __name__ == "__main__":
    main()
