"""Laws of swapping: it equals replacing in a full forward pass, in every family, whichever way it takes."""

import pytest
import torch

import families
from linmech.engine import agreement
from linmech.engine import swaps as swapping
from linmech.engine.agreement import fan_out_agrees, largest_gap
from linmech.engine.beliefs import beliefs
from linmech.engine.donors import Donor
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.hooks import record
from linmech.engine.interventions import Intervention
from linmech.engine.prefix import Prefill, cross_attention_layers
from linmech.engine.swaps import block_alone_differs, swap
from linmech.models.encoding import encode, positions
from shown import QUESTION, SEEN, TOLERANCE, visual


@pytest.mark.parametrize(("name", "kind"), [*SEEN, ("idefics3", "image"), ("paligemma", "image")])
def test_swapping_equals_replacing_in_a_full_forward(name, kind):
    vlm = families.load(name)
    assert fan_out_agrees(vlm) == (name != "paligemma")
    control, donor = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    layers, selectors = (0, 2, vlm.n_layers), ("image", "text", "nouns")
    swapped = swap(vlm, control, donor, [(layer, selector) for layer in layers for selector in selectors])
    with torch.no_grad(), record(vlm, layers) as residuals:
        vlm.model(**donor.inputs, use_cache=False)
    residuals, edits = dict(residuals), []
    for layer in layers:
        for selector in selectors:
            places = positions(control, 0, selector, vlm, pieces="all")
            edits.append(Intervention(layer, tuple(places), residuals[layer][0, places], mode="replace"))
    full = sweep_full_encoded(vlm, control, edits)
    assert largest_gap([swapped.control, *swapped.sites], full) < TOLERANCE
    assert largest_gap([swapped.donor], beliefs(vlm, donor)) < TOLERANCE
    assert max(abs(one.d - full[0].d) for one in full) > 100 * TOLERANCE


ALONE = [("llava", "image"), ("gemma3", "image"), ("mllama", "image"), ("qwen2_vl", "video"), ("internvl", "video")]


@pytest.mark.parametrize(("name", "kind"), ALONE)
def test_a_site_has_the_same_numbers_alone_and_among_others_however_they_share_a_pass(name, kind):
    vlm = families.load(name)
    control, donor = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    part = {"image": "image_patch(0.5, 0.5)", "video": "frame(3)"}[kind]
    selectors = ("image", *[part] * (name != "mllama"), "subject", "text", "last")
    sites = [(layer, selector) for layer in (1, 3) for selector in selectors]
    source = Donor.of(vlm, donor, (1, 3))
    full = sweep_full_encoded(
        vlm, control, [Intervention.at(vlm, control, *site, source, pieces="all") for site in sites]
    )
    together = swap(vlm, control, donor, sites)
    assert largest_gap([together.control, *together.sites], full) < TOLERANCE
    alone = [swap(vlm, control, donor, [site]).sites[0] for site in sites]
    assert largest_gap(together.sites, alone) < TOLERANCE
    assert largest_gap(together.sites, swap(vlm, control, donor, sites, max_rows=2).sites) < TOLERANCE
    assert max(abs(one.d - full[0].d) for one in full[1:]) > 100 * TOLERANCE


def test_swapping_is_exact_on_a_model_on_which_the_fan_out_does_not_run(monkeypatch, capsys):
    vlm = families.load("llava")
    control, donor = (encode(vlm, [visual("image", seed)], [QUESTION]) for seed in (0, 1))
    sites = [(1, "image"), (2, "nouns"), (3, "text")]
    right = swap(vlm, control, donor, sites)

    def fails(*_, **__):
        raise AttributeError("this cache has no keys")

    monkeypatch.setattr(Prefill, "of", fails)
    monkeypatch.setattr(agreement, "_agrees", {})
    swapped = swap(vlm, control, donor, sites)
    assert "does not run on it (AttributeError: this cache has no keys)" in capsys.readouterr().out
    assert largest_gap([swapped.control, *swapped.sites], [right.control, *right.sites]) < TOLERANCE
    assert largest_gap([swapped.donor], [right.donor]) < TOLERANCE


def test_swapping_a_run_with_itself_changes_nothing_and_everything_at_the_last_layer_is_the_donor():
    vlm = families.load("llava")
    control, donor = (encode(vlm, [visual("image", seed)], [QUESTION]) for seed in (0, 1))
    sites = [(layer, selector) for layer in (0, 3) for selector in ("image", "text")]
    itself = swap(vlm, control, control, sites)
    assert largest_gap(itself.sites, [itself.control] * len(sites)) < TOLERANCE
    swapped = swap(vlm, control, donor, [(0, "image"), (vlm.n_layers, "text")])
    assert largest_gap(swapped.sites, [swapped.donor] * 2) < TOLERANCE


@pytest.mark.parametrize(("name", "kind"), [*SEEN, ("paligemma", "image")])
def test_image_and_text_together_are_the_donor_at_every_layer_and_a_run_swapped_with_itself_is_itself(name, kind):
    """Where blocks attend to the image itself (Mllama), after the last of those."""
    vlm = families.load(name)
    control, donor = (encode(vlm, [visual(kind, seed)], [QUESTION]) for seed in (0, 1))
    layers = range(max(cross_attention_layers(vlm), default=-1) + 1, vlm.n_layers + 1)
    whole = swap(vlm, control, donor, [(layer, "image+text") for layer in layers])
    assert largest_gap(whole.sites, [whole.donor] * len(layers)) < TOLERANCE
    assert abs(whole.donor.d - whole.control.d) > 100 * TOLERANCE
    selectors = ("image+text", "image", "text", "nouns", "last", "relation", "random_text(nouns, 5)")
    itself = swap(vlm, control, control, [(layer, selector) for layer in (0, 2) for selector in selectors])
    assert largest_gap(itself.sites, [itself.control] * len(itself.sites)) < TOLERANCE
    words = swap(vlm, control, donor, [(0, selector) for selector in selectors[2:]])
    assert largest_gap(words.sites, [words.control] * len(words.sites)) < TOLERANCE


@pytest.mark.parametrize(("name", "kind"), SEEN)
def test_the_short_way_is_taken_only_where_one_block_differs(name, kind):
    vlm = families.load(name)
    prefills = [Prefill.of(vlm, encode(vlm, [visual(kind, seed)], [QUESTION]).inputs) for seed in (0, 1)]
    scattered = name == "mllama" or (kind == "video" and name in ("internvl", "video_llama_3"))
    assert block_alone_differs(*prefills) != scattered


def test_a_short_cut_that_is_wrong_on_a_model_is_seen_and_not_taken(monkeypatch, capsys):
    vlm = families.load("llava")
    control, donor = (encode(vlm, [visual("image", seed)], [QUESTION]) for seed in (0, 1))
    right = swap(vlm, control, donor, [(2, "image")], shortcut=False)
    monkeypatch.setattr(swapping, "_agrees", {})
    same = swap(vlm, control, control, [(2, "image")])
    assert largest_gap(same.sites, [same.control]) < TOLERANCE and not any(swapping._agrees.values())  # shows nothing
    late = swapping.PrefixSwap
    monkeypatch.setattr(swapping, "PrefixSwap", lambda layer, stop: late(layer + 1, stop))  # swaps a layer too late
    assert largest_gap(swap(vlm, control, donor, [(2, "image")]).sites, right.sites) < TOLERANCE
    assert "swaps by the short cut are" in capsys.readouterr().out
