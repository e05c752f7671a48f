"""Laws of associations: nothing is told of few things, families count by their members, and chance is told rightly."""

import numpy as np
import pytest

from linmech.statistics.association import FEWEST, association

FAMILIES = [f"{n % 5}" for n in range(30)]


def world(seed, own=0.0, shared=0.0, third=0.0, size=30):
    """x and y that have something of their own, of their family and of the third in common."""
    draw = np.random.default_rng(seed)
    families = [f"{n % 5}" for n in range(size)]
    common, noise = draw.normal(size=size), draw.normal(size=(2, size))
    family = draw.normal(size=5)[[int(name) for name in families]]
    other = draw.normal(size=size)
    x, y = (noise[k] + own * common + shared * family + third * other for k in (0, 1))
    return x, y, other, families


def test_what_is_shared_is_found_and_by_what_it_is_shared_is_told():
    found = association(*world(1, own=2.0), n=400)
    assert found.plain > 0.5 and found.partial > 0.5 and found.within > found.high and found.p < 0.01
    found = association(*world(2, third=3.0), n=400)
    assert found.plain > 0.6 and abs(found.partial) < 0.4 and found.p > 0.05
    found = association(*world(3, shared=4.0), n=400)
    assert found.plain > 0.6 and found.partial > 0.6 and found.p > 0.05, "families differ, their members do not"


def test_where_nothing_is_p_is_below_a_twentieth_in_a_twentieth():
    small = [association(*world(seed), n=100).p < 0.05 for seed in range(100)]
    assert np.mean(small) < 0.12


def test_it_depends_on_ranks_and_seed_alone():
    x, y, other, families = world(4, own=1.0)
    one, again = (association(values, y, other, families, n=100) for values in (x, np.exp(x)))
    assert (one.plain, one.within, one.p) == pytest.approx((again.plain, again.within, again.p))
    assert association(x, y, other, families, n=100, seed=1).within == one.within


def test_nothing_is_told_of_few_things_and_nothing_within_families_of_one():
    x, y, other, families = world(5, own=1.0, size=FEWEST)
    few = association(x[:-1], y[:-1], other[:-1], families[:-1])
    assert np.isnan([few.plain, few.partial, few.within, few.p]).all() and np.isnan(few.x).all() and len(few.y) == 7
    alone = association(x, y, other, [f"{n}" for n in range(FEWEST)])
    assert np.isfinite([alone.plain, alone.partial]).all() and np.isnan([alone.within, alone.p]).all()
    assert association(np.ones(FEWEST), y, other, families, n=50).plain == 0
