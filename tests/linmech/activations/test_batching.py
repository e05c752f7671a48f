"""Laws of batching: every prompt runs once, commits keep their order, one image runs once and little is padded."""

import numpy as np
import pytest

from linmech.activations.batching import passes, windows


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_prompt_runs_once_and_no_pass_reaches_over_two_commits(size, batch):
    draw = np.random.default_rng(0)
    rows, lengths = draw.integers(1, 4, 50), draw.integers(5, 30, 50)
    images = [f"image-{n}" for n in np.sort(draw.integers(0, 30, 50))]
    stretches = list(windows(rows, size))
    assert [n for stretch in stretches for n in stretch] == list(range(50))
    assert all(size <= rows[stretch].sum() < size + 4 for stretch in stretches[:-1])
    for stretch in stretches:
        plan = passes(stretch, images, lengths, batch)
        assert sorted(n for one in plan for n in one) == stretch and max(map(len, plan)) <= batch


def test_prompts_that_run_together_have_about_one_length():
    lengths = np.random.default_rng(0).integers(5, 60, 64)
    plan = passes(range(64), [f"image-{n}" for n in range(64)], lengths, 8)
    padded = sum(len(one) * lengths[one].max() for one in plan) / lengths.sum()
    unsorted = sum(8 * lengths[first : first + 8].max() for first in range(0, 64, 8)) / lengths.sum()
    assert padded < 1.1 < 1.4 < unsorted


def test_neighbours_about_one_image_share_a_pass_and_questions_without_one_do_not_count_as_neighbours():
    images = ["a", "a", "b", "c", "c", "c", ""]
    assert passes(range(7), images, np.array([9, 9, 9, 9, 9, 9, 1]), 2) == [[0, 1], [3, 4], [5], [6, 2]]
    assert passes(range(3), ["", "", ""], np.array([3, 1, 2]), 3) == [[1, 2, 0]]
