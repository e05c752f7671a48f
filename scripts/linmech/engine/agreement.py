"""Whether the fan-out holds for a model that nobody has tried it on: compared with plain passes on a random image
or video.

Two things are looked at. The tokens of the prefix must not depend on what is asked after them, or they cannot be frozen
(PaliGemma reads its prompt both ways). And edits must move the answers as they do in full forward passes: one that does
nothing, a token replaced by itself, and random ones of one and four token norms, at the subject and at the last token,
at two layers.
"""

from collections.abc import Sequence
from dataclasses import astuple
from weakref import WeakKeyDictionary

import torch
from torch.nn import Module

from linmech.engine.fanned import sweep_fanned
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Intervention
from linmech.engine.prefix import Prefill
from linmech.engine.rounding import ROUNDING, random_prompts
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores

_agrees: WeakKeyDictionary[Module, dict[str, bool]] = WeakKeyDictionary()


def fan_out_agrees(vlm: VLM, kind: str = "image") -> bool:
    """Whether the fan-out gives this model the numbers of plain forward passes on prompts of a `kind` (`Encoded.kind`);
    looked at once (`disagreement`).

    If not, one line says so, and every sweep and swap of the model on such prompts runs the slow exact way.
    """
    if vlm.plain:
        return False
    known = _agrees.setdefault(vlm.model, {})
    if kind not in known:
        problem = disagreement(vlm, kind)
        known[kind] = not problem
        if problem:
            print(
                f"model {vlm.name}, {kind}s: {problem}; its sweeps run one full forward pass per edit, exact but slow"
            )
    return known[kind]


@torch.no_grad()
def disagreement(vlm: VLM, kind: str = "image") -> str:
    """What is wrong with the fan-out on this model, in words; empty if nothing is.

    `kind`: "image", or "video" for eight frames.
    """
    draw = torch.Generator().manual_seed(0)
    prompt, other = random_prompts(vlm, kind, draw)
    layers = sorted({1, max(1, vlm.n_layers // 2)})
    drift, gap = ROUNDING[vlm.dtype]
    try:
        moved = prefix_drift(vlm, prompt, other)
        if moved > drift:
            return f"its tokens depend on what is asked after them (by {moved:.2g} of their norm)"
        edits = _edits(vlm, prompt, layers, draw)
        fast, full = sweep_fanned(vlm, prompt, edits), sweep_full_encoded(vlm, prompt, edits)
    except (LinmechError, RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        return f"the fan-out does not run on it ({type(error).__name__}: {error})".replace("\n", " ")
    effect = max(1.0, largest_gap(full[1:], full[:1] * len(edits)))
    if largest_gap(fast, full) > gap * effect:
        return f"the fan-out is {largest_gap(fast, full):.2g} nats away from plain forward passes"
    return ""


def prefix_drift(vlm: VLM, prompt: Encoded, other: Encoded) -> float:
    """How far the residuals of the tokens that two prompts begin with lie apart, as a share of their norm: the largest
    of all such tokens, at the first, the middle and the last layer.
    """
    layers = sorted({1, max(1, vlm.n_layers // 2), vlm.n_layers})
    one, two = (Prefill.of(vlm, encoded.inputs, layers).residuals for encoded in (prompt, other))
    pairs = zip(prompt.inputs["input_ids"][0].tolist(), other.inputs["input_ids"][0].tolist(), strict=False)
    same = next(place for place, (a, b) in enumerate(pairs) if a != b)
    apart = [
        (one[layer][:same].float() - two[layer][:same].float()).norm(dim=-1) / one[layer][:same].float().norm(dim=-1)
        for layer in layers
    ]
    return max(float(each.max()) for each in apart)


def largest_gap(some: Sequence[AnswerScores], others: Sequence[AnswerScores]) -> float:
    """The largest difference between two lists of beliefs in any of their numbers, nats."""
    return max(
        abs(a - b)
        for one, two in zip(some, others, strict=True)
        for a, b in zip(astuple(one), astuple(two), strict=True)
    )


def _edits(vlm: VLM, prompt: Encoded, layers: Sequence[int], draw: torch.Generator) -> list[Intervention]:
    own = Prefill.of(vlm, prompt.inputs, layers).residuals
    edits = []
    for layer in layers:
        for selector in ("subject", "last"):
            place = tuple(positions(prompt, 0, selector, vlm))
            random = torch.randn(vlm.hidden, generator=draw)
            random /= random.norm()
            edits.append(Intervention(layer, place, own[layer][list(place)].float().cpu(), mode="replace"))
            edits += [Intervention(layer, place, random, strength=size, relative=True) for size in (0.0, 1.0, 4.0)]
    return edits
