"""Extraction: images per second through the activation cache's own path, and its share of the matrix-product ceiling.

    python tests/benchmarks/extraction.py --shape mid [--device cuda --dtype bfloat16 --batch 16 --images 64]

The ceiling is a square matrix product of the same dtype, measured in the same call; the work is counted as two floating
point operations per weight and token of the decoder's and the vision tower's matrices, attention scores left out.
Preprocessing is timed alone as well, because it runs on the CPU beside the model.
"""

import time

import torch
from clock import arguments, report, timed
from shapes import build, image

from linmech.encoding import encode
from linmech.extraction import Prompt, residuals
from linmech.models import VLM
from linmech.prompts import ask


def ceiling(dtype: torch.dtype, device: str, side: int) -> float:
    """Floating point operations per second of a `side` x `side` matrix product."""
    a, b = (torch.randn(side, side, dtype=dtype, device=device) for _ in range(2))
    seconds, _ = timed(lambda: [a @ b for _ in range(10)], 3, device)
    return 10 * 2 * side**3 / min(seconds)


def work(vlm: VLM, tokens: int) -> float:
    """Operations of one prompt: decoder matrices on all its tokens, vision matrices on all patches."""
    decoder = sum(weight.numel() for weight in vlm.layers.parameters() if weight.ndim == 2)
    seeing = [part for name, part in vlm.model.model.named_children() if name != "language_model"]
    vision = sum(weight.numel() for part in seeing for weight in part.parameters() if weight.ndim == 2)
    patches = vlm.model.config.image_seq_length
    return 2 * (decoder * tokens + vision * patches)


def main() -> None:
    """Print a table and one line of JSON."""
    given = arguments(
        __doc__, sample=0, batch={"type": int, "default": 8}, images={"type": int, "default": 16},
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

    def run() -> None:
        for start in range(0, given.images, given.batch):
            chosen = slice(start, start + given.batch)
            residuals(vlm, prompts[chosen], pictures[chosen], layers)

    with torch.inference_mode():
        started = time.perf_counter()
        tokens = encode(vlm, pictures[: given.batch], questions[: given.batch]).lengths[0]
        preparing = (time.perf_counter() - started) / min(given.batch, given.images)
        seconds, _ = timed(run, given.repeats, given.device)
        top = ceiling(dtype, given.device, given.side)
    rate = given.images / min(seconds)
    share = rate * work(vlm, tokens) / top
    what = f"{tokens} tokens, {rate:.2f} images/s at batch {given.batch}, {preparing * 1e3:.1f} ms preprocessing each; "
    report(given, f"{what}{100 * share:.0f} % of {top / 1e12:.2f} TFLOP/s", {"linmech": seconds})


if __name__ == "__main__":
    main()
