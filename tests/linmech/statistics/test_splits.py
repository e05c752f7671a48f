"""Laws of holding out: what is set apart depends on names and seed, and a choice is measured where it was not made."""

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.statistics.choosing import choose_and_show, choose_then_measure, difference_by_chance
from linmech.statistics.splits import split


def test_split_depends_on_seed_and_names_only():
    nouns = [f"noun{i}" for i in range(10)]
    apart = split(nouns, 0.3, 0)
    assert len(apart) == 3 and apart == split(reversed(nouns * 2), 0.3, 0)
    assert len({split(nouns, 0.3, seed) for seed in range(20)}) > 10
    assert len(split(nouns[:2], 0.01, 0)) == 1
    with pytest.raises(LinmechError):
        split(["one"], 0.3, 0)


def test_choosing_on_the_same_items_finds_effects_in_noise_and_the_held_out_choice_does_not():
    rng, images = np.random.default_rng(7), [f"i{k}" for k in range(80)]
    same, other, covered = [], [], 0
    for seed in range(200):
        scores = rng.normal(size=(11, 80))
        same.append(np.sort(scores.mean(axis=1))[-3:].mean())
        choice = choose_then_measure(scores, images, best=3, seed=seed, n=300)
        other.append(choice.measured.estimate)
        covered += choice.measured.low <= 0 <= choice.measured.high
    assert np.mean(same) > 0.1 and abs(np.mean(other)) < 0.02 and covered / 200 > 0.88
    scores[4] += 3
    assert choose_then_measure(scores, images).chosen == (4,)


def test_what_is_chosen_and_shown_on_the_same_items_is_told_beside_what_it_finds_by_chance():
    draw = np.random.default_rng(3)
    one, other = draw.normal(size=(2, 11, 80))
    by_chance = difference_by_chance(one, other, 3, n=500)
    assert 0.08 < by_chance.estimate < 0.2 and by_chance.low < by_chance.estimate < by_chance.high
    assert difference_by_chance(one, other, 3, n=500) == by_chance
    assert difference_by_chance(other, one, 3, n=500).estimate == pytest.approx(by_chance.estimate, abs=0.02)
    assert abs(difference_by_chance(one, other, 11, n=500).estimate) < 0.02, "nothing is chosen"
    one[[2, 5, 7]] += np.array([[1.0], [2.0], [3.0]])
    shown = choose_and_show(one, np.zeros_like(one), 3)
    assert shown.chosen == (2, 5, 7) and shown.difference == pytest.approx(2, abs=0.3)
    assert shown.spread == pytest.approx(1, abs=0.3) and np.isnan(choose_and_show(one, other, 1).spread)
