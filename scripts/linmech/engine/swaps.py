"""Swap activations between two runs of one prompt, say about an image and its mirror image (Alg 1, Fig 4).

At layer l, the tokens of a selector take the residuals that the donor's run has there; all else goes on from the
control's run. Words after the image are replaced in a fanned-out suffix. For the whole image there is a shorter way:
what follows from the donor's image tokens in later layers is what they became in the donor's own run, so the run goes
on over the donor's keys and values and no image token is computed again. That holds where the visual tokens are one
block with the same tokens before it and the same rotary positions; elsewhere (Mllama, frames between texts) all
positions run. A model on which the fan-out does not run, or was seen to differ from plain forward
passes, gets those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import Module

from linmech.engine.agreement import fan_out_agrees, largest_gap
from linmech.engine.beliefs import readout, score
from linmech.engine.donors import Donor
from linmech.engine.fan_out import fanned_log_probs
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Intervention, PrefixSwap, Run, checked, lone
from linmech.engine.prefix import Prefill, cross_attention_layers
from linmech.engine.rounding import ROUNDING
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, extend, positions
from linmech.models.vlm import VLM
from linmech.questions.answers import AnswerScores, Pieces

_agrees: WeakKeyDictionary[Module, dict[str, bool]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Swapped:
    """Beliefs of the two clean runs, and of the control's run with each site (layer, selector) swapped, in order."""

    control: AnswerScores
    donor: AnswerScores
    sites: list[AnswerScores]


@torch.no_grad()
def swap(
    vlm: VLM, control: Encoded, donor: Encoded, sites: Sequence[tuple[int, str]], *, pieces: str = "all",
    answers: Sequence[str] | None = None, max_rows: int | None = None, shortcut: bool = True,
) -> Swapped:  # fmt: skip
    """Swap each of `sites`, (layer, selector), alone. `pieces` as in `positions`; `shortcut=False` never uses it.

    Raises LinmechError unless both prompts have the same tokens.
    """
    if control.inputs["input_ids"].tolist() != donor.inputs["input_ids"].tolist():
        raise LinmechError(
            "swapping needs two prompts of the same tokens; ask the same question of equal-sized images, and "
            "where a model drops patches of a video that do not change (VideoLLaMA3), set frame_patches: all"
        )
    lone(control)
    named = {selector: positions(control, 0, selector, vlm, pieces=pieces) for _, selector in sites}
    layers = sorted({layer for layer, _ in sites})
    if not fan_out_agrees(vlm, control.kind):
        source = Donor.of(vlm, donor, layers)
        edits = [Intervention.at(vlm, control, layer, selector, source, pieces=pieces) for layer, selector in sites]
        clean, *swapped = sweep_full_encoded(vlm, control, edits, answers=answers)
        return Swapped(clean, sweep_full_encoded(vlm, donor, [], answers=answers)[0], swapped)
    prefill = replace(Prefill.of(vlm, control.inputs), donor=Prefill.of(vlm, donor.inputs, layers))
    short = shortcut and block_alone_differs(prefill, prefill.donor) and _short_cut_agrees(vlm, control, donor)
    return _by_fan_out(prefill, control, donor, sites, named, short, answers, max_rows)


def _by_fan_out(
    prefill: Prefill, control: Encoded, donor: Encoded, sites: Sequence[tuple[int, str]], named: dict[str, list[int]],
    short: bool, answers: Sequence[str] | None = None, max_rows: int | None = None,
) -> Swapped:  # fmt: skip
    vlm, other = prefill.vlm, prefill.donor
    runs: list[Run] = [()]
    for layer, selector in sites:
        places = named[selector]
        if short and tuple(places) == prefill.visual:
            runs.append((PrefixSwap(layer, prefill.visual[-1] + 1),))
            continue
        if short:  # tokens before the block are the same in both runs
            places = [place for place in places if place >= prefill.visual[0]] or places[-1:]
        taken = other.residuals[layer][places].float()
        runs += checked(vlm, control, [Intervention(layer, tuple(places), taken, mode="replace")])[1:]

    def forward(extension: Pieces, rows: list[int], wanted: Tensor) -> Tensor:
        known = prefill.continued(extension)
        if known is None:
            both = (Prefill.of(vlm, extend(vlm, prompt, extension)) for prompt in (control, donor))
            known = replace(next(both), donor=next(both))
        return fanned_log_probs(known, [runs[row] for row in rows], wanted, len(extension) + 1, max_rows)

    def alone(extension: Pieces, rows: list[int], wanted: Tensor) -> Tensor:
        known = other.continued(extension) or Prefill.of(vlm, extend(vlm, donor, extension))
        return fanned_log_probs(known, [()] * len(rows), wanted, len(extension) + 1)

    asked = readout(vlm, control, 0, answers)
    clean, *swapped = score(vlm, [asked] * len(runs), forward)
    return Swapped(clean, score(vlm, [asked], alone)[0], swapped)


def _short_cut_agrees(vlm: VLM, control: Encoded, donor: Encoded) -> bool:
    """Whether swapping the image by the short cut has the numbers of full forward passes on this model: looked at on
    the first two prompts of each kind whose images matter, at a middle layer. If it has not, one line says so.
    """
    known = _agrees.setdefault(vlm.model, {})
    if control.kind in known:
        return known[control.kind]
    layer = max(1, vlm.n_layers // 2)
    prefill = replace(Prefill.of(vlm, control.inputs), donor=Prefill.of(vlm, donor.inputs, [layer]))
    short = _by_fan_out(prefill, control, donor, [(layer, "image")], {"image": list(prefill.visual)}, short=True)
    patch = Intervention.at(vlm, control, layer, "image", Donor.of(vlm, donor, [layer]), pieces="all")
    clean, swapped = sweep_full_encoded(vlm, control, [patch])
    effect, gap = largest_gap([swapped], [clean]), largest_gap([short.control, *short.sites], [clean, swapped])
    tolerance = ROUNDING[vlm.dtype][1] * max(1.0, effect)
    if gap > tolerance:
        print(f"model {vlm.name}, {control.kind}s: swaps by the short cut are {gap:.2g} nats off; none is taken")
    if max(effect, gap) > tolerance:  # else these two show nothing
        known[control.kind] = gap <= tolerance
    return gap <= tolerance


def block_alone_differs(control: Prefill, donor: Prefill) -> bool:
    """Whether the two runs differ only in one block of visual tokens and in what comes after it."""
    visual = control.visual
    if not visual or cross_attention_layers(control.vlm) or visual[-1] - visual[0] + 1 != len(visual):
        return False
    places = [run.arguments.get("position_ids") for run in (control, donor)]
    same_places = places[0] is None or torch.equal(*places)
    before = slice(0, visual[0])
    return same_places and torch.equal(control.embeddings[:, before], donor.embeddings[:, before])
