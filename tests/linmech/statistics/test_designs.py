"""Laws of balanced designs: levels are seen equally often, at every length, and draws differ."""

import itertools

import numpy as np

from linmech.statistics.designs import balanced

LEVELS = np.array(list(itertools.product(range(4), range(6), range(2))) * 5)


def spread(taken):
    """How many more times a level was seen than another one of its factor, at most."""
    return max(np.ptp(np.bincount(factor, minlength=factor_all.max() + 1))
               for factor, factor_all in zip(LEVELS[taken].T, LEVELS.T, strict=True))  # fmt: skip


def test_levels_are_seen_equally_often_at_every_length():
    taken = balanced(LEVELS, 96, np.random.default_rng(0))
    assert len(set(taken)) == 96
    assert max(spread(taken[:count]) for count in range(1, 97)) <= 2 and spread(taken[:48]) <= 1
    assert spread(np.random.default_rng(0).permutation(len(LEVELS))[:48]) > 2


def test_a_shorter_design_begins_a_longer_one_and_draws_differ():
    long = balanced(LEVELS, 60, np.random.default_rng(1))
    assert balanced(LEVELS, 20, np.random.default_rng(1)) == long[:20]
    assert balanced(LEVELS, 20, np.random.default_rng(2)) != long[:20]


def test_all_things_are_taken_once_where_more_are_asked_for():
    assert sorted(balanced(LEVELS, 10**6, np.random.default_rng(0))) == list(range(len(LEVELS)))
    assert balanced(LEVELS[:0], 3, np.random.default_rng(0)) == []
