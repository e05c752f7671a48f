"""Mirror swap, every layer x (image, text, nouns) on one pair of prompts: ours beside one full forward per patch.

    python tests/benchmarks/mirror_swap.py --shape mid [--device cuda --dtype bfloat16]

The baseline keeps the donor's residuals of one run and then runs the control once per patch with a hook, on `--sample`
patches, scaled to all.
"""

import torch
from clock import arguments, report, timed
from shapes import build, image

from linmech.engine.hooks import edit, record
from linmech.engine.swaps import swap
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import ask

SELECTORS = ("image", "text", "nouns")


def hooks(vlm: VLM, control: Encoded, donor: Encoded, sites: list[tuple[int, str]], answers: list[int]) -> torch.Tensor:
    """Log-probabilities (site answer) by one full forward pass per site."""
    with record(vlm, {layer for layer, _ in sites}) as seen:
        vlm.model(**donor.inputs, use_cache=False, logits_to_keep=1)
    seen, found = dict(seen), []
    for layer, selector in sites:
        places = positions(control, 0, selector, vlm, pieces="all")

        def patched(now: torch.Tensor, layer: int = layer, places: list[int] = places) -> torch.Tensor:
            out = now.clone()
            out[:, places] = seen[layer][:, places]
            return out

        with edit(vlm, layer, patched):
            logits = vlm.model(**control.inputs, use_cache=False, logits_to_keep=1).logits[0, -1]
        found.append(logits.float().log_softmax(-1)[answers])
    return torch.stack(found)


def main() -> None:
    """Print a table and one line of JSON."""
    given = arguments(__doc__, sample=6)
    vlm = build(given.shape, getattr(torch, given.dtype), given.device)
    question = ask("left-right", "teddy bear", "car")
    control, donor = (encode(vlm, [image(given.shape, seed)], [question]) for seed in (0, 1))
    sites = [(layer, selector) for layer in range(1, vlm.n_layers + 1) for selector in SELECTORS]
    sample = sites[:: max(1, len(sites) // given.sample)]
    with torch.inference_mode():
        swap(vlm, control, donor, sites[:3])  # warms up, and runs the self-check
        ours, swapped = timed(lambda: swap(vlm, control, donor, sites), given.repeats, given.device)
        answers = [
            vlm.tokenizer(text, add_special_tokens=False)["input_ids"][0] for text in (" left", " right")
        ]  # one of each answer's forms is enough to compare the numbers
        theirs, found = timed(lambda: hooks(vlm, control, donor, sample, answers), 1, given.device)
        alone = swap(vlm, control, donor, sample, shortcut=False)
    short = [swapped.sites[sites.index(site)].d for site in sample]
    gap = max(abs(a - b.d) for a, b in zip(short, alone.sites, strict=True))
    effect = float((found - found.mean(0)).abs().max())
    rows = {"linmech": ours, "plain hooks": [s * len(sites) / len(sample) for s in theirs]}
    report(
        given, f"{control.lengths[0]} tokens, {len(sites)} patches; effect {effect:.2g}, short cut {gap:.1g} nats", rows
    )


if __name__ == "__main__":
    main()
