"""Laws of donors: their residuals are taken where the selector names their own tokens, in every family."""

import pytest
import torch

import families
from linmech.engine.agreement import largest_gap
from linmech.engine.donors import Donor
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import Intervention
from linmech.engine.swaps import swap
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from shown import QUESTION, SEEN, TOLERANCE, visual


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_patching_from_a_donor_is_swapping_and_from_oneself_changes_nothing(name, kind):
    vlm = families.load(name)
    control, other = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    sites = [(layer, selector) for layer in (1, vlm.n_layers - 1) for selector in ("image", "nouns", "last")]
    itself, donor = (Donor.of(vlm, prompt, {layer for layer, _ in sites}) for prompt in (control, other))

    def patched(source):
        return sweep_encoded(
            vlm, control, [Intervention.at(vlm, control, *site, source, pieces="all") for site in sites]
        )

    found = patched(donor)
    assert largest_gap(found[1:], swap(vlm, control, other, sites).sites) < TOLERANCE
    assert max(abs(scores.d - found[0].d) for scores in found) > 100 * TOLERANCE
    assert largest_gap(patched(itself), found[:1] * (1 + len(sites))) < TOLERANCE


def test_a_donor_may_ask_something_else_and_only_a_share_of_it_may_be_taken():
    vlm = families.load("qwen2_vl")
    control = encode(vlm, [visual("image")], [QUESTION])
    other = encode(vlm, [visual("image", 1)], [ask("exists", "dog")])
    donor = Donor.of(vlm, other, [2])
    step = Intervention.at(vlm, control, 2, "subject", donor, strength=0.5)
    assert torch.equal(step.vector[0], donor.residuals[2][positions(other, 0, "subject", vlm)[0]])
    assert step.mode == "replace" and Intervention.at(vlm, control, 2, "subject", donor, mode="add").mode == "add"
    assert largest_gap(sweep_encoded(vlm, control, [step]), sweep_full_encoded(vlm, control, [step])) < TOLERANCE


def test_a_donor_of_other_layers_or_another_number_of_tokens_is_refused():
    vlm = families.load("llava")
    control, other = (encode(vlm, [visual("image")], [asked]) for asked in (QUESTION, ask("exists", "dog")))
    donor = Donor.of(vlm, other, [2])
    with pytest.raises(LinmechError, match=r"kept layers \[2\], not 1"):
        Intervention.at(vlm, control, 1, "subject", donor)
    with pytest.raises(LinmechError, match=r"'text': \d+ tokens of the prompt, \d+ of the donor's"):
        Intervention.at(vlm, control, 2, "text", donor)
