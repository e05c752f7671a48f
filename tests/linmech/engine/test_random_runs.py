"""Laws of the engine under random use: any edits and any swaps, sharing passes in any way, equal plain full passes."""

import random

import pytest
import torch

import families
from linmech.engine.agreement import largest_gap
from linmech.engine.donors import Donor
from linmech.engine.full_passes import sweep_full_encoded
from linmech.engine.interventions import MODES, Intervention
from linmech.engine.swaps import swap
from linmech.engine.sweeps import sweep_encoded
from linmech.models.encoding import encode
from linmech.questions.asking import ask
from shown import QUESTION, SEEN, TOLERANCE, visual

ASKED = [QUESTION, ask("in-between", "dog", "car", "frog"), ask("above-below", "wine glass", "cup", wording=1, order=1)]
PARTS = {"image": "image_patch(0.2, 0.7)", "video": "frame(2)"}


def random_step(vlm, length, draw):
    places = sorted(draw.sample(range(draw.choice([0, length - 8]), length), draw.randint(1, 4)))
    shape = draw.choice([(vlm.hidden,), (len(places), vlm.hidden)])
    vector = 2 * torch.randn(shape, generator=torch.Generator().manual_seed(draw.randrange(1000)))
    how = dict(mode=draw.choice(MODES), strength=draw.choice([0, 0.5, 1, -1, 3]), relative=draw.random() < 0.5)
    return Intervention(draw.randint(0, vlm.n_layers), tuple(places), vector, **how)


@pytest.mark.parametrize(("name", "kind"), [*SEEN, ("idefics3", "image")])
def test_random_edits_and_swaps_equal_full_passes(name, kind):
    vlm, draw = families.load(name), random.Random(f"{name} {kind}")
    question = draw.choice(ASKED)
    control, other = (encode(vlm, [visual(kind, draw.randrange(99))], [question]) for _ in range(2))
    length = control.lengths[0]
    runs = [[random_step(vlm, length, draw) for _ in range(draw.randint(1, 3))] for _ in range(draw.randint(1, 8))]
    rows = draw.choice([None, 2, 3, 5])
    assert (
        largest_gap(sweep_encoded(vlm, control, runs, max_rows=rows), sweep_full_encoded(vlm, control, runs))
        < TOLERANCE
    )
    selectors = ["image", "text", "nouns", "last", "relation", "neighbours", "random_text(2, 1)"]
    selectors += [PARTS[kind]] * (name != "mllama")
    pieces = draw.choice(["all", "last"])
    sites = [(draw.randint(0, vlm.n_layers), draw.choice(selectors)) for _ in range(draw.randint(1, 6))]
    donor = Donor.of(vlm, other, {layer for layer, _ in sites})
    patches = [Intervention.at(vlm, control, *site, donor, pieces=pieces) for site in sites]
    swapped = swap(vlm, control, other, sites, pieces=pieces, max_rows=rows)
    full = sweep_full_encoded(vlm, control, patches)
    assert largest_gap([swapped.control, *swapped.sites], full) < TOLERANCE
