"""Laws of the arms: one formula for the IDs and for their controls, which have the same size."""

import numpy as np
import pytest

import tiny
from linmech.experiments.arms import arms, steering_vectors
from linmech.figures.effects import ARM_LOOKS

HIDDEN = tiny.HIDDEN
ARMS = ("ids", "noise", "span", "shuffled", "orthogonal")


def additive_ids(seed: int = 0, hidden: int = HIDDEN) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """IDs = (column - 1.5) h + (row - 1.5) v, h and v orthogonal."""
    h, v = np.linalg.qr(np.random.default_rng(seed).normal(size=(hidden, 2)))[0].T
    column, row = np.indices((4, 4))[..., None] - 1.5
    return 3 * column * h + 2 * row * v, h, v


def test_a_steering_vector_is_the_mean_over_rows_of_algorithm_2():
    ids, _, _ = additive_ids()
    norm = np.linalg.norm
    by_hand = np.mean([ids[3, r] / norm(ids[3, r]) - ids[0, r] / norm(ids[0, r]) for r in range(4)], axis=0)
    np.testing.assert_allclose(steering_vectors(ids, 0)[3], by_hand, atol=1e-12)
    by_hand = np.mean([ids[c, 1] / norm(ids[c, 1]) - ids[c, 2] / norm(ids[c, 2]) for c in range(4)], axis=0)
    np.testing.assert_allclose(steering_vectors(ids, 1)[1], by_hand, atol=1e-12)


def test_steering_moves_along_its_own_axis_only_and_keeps_the_dose():
    ids, h, v = additive_ids()
    vectors = steering_vectors(ids, 0)
    np.testing.assert_allclose(vectors @ v, 0, atol=1e-12)
    assert (np.diff(vectors @ h) > 0.1).all()
    np.testing.assert_allclose(steering_vectors(ids, 1) @ h, 0, atol=1e-12)


@pytest.mark.parametrize("along", [0, 1])
def test_every_arm_has_the_norm_and_the_antisymmetry_of_the_ids(along):
    ids = np.random.default_rng(1).normal(size=(4, 4, HIDDEN))
    made = arms(ids - ids.mean((0, 1)), along, "item", draws=20, few=3)
    assert tuple(made) == ARMS and set(ARM_LOOKS) == set(ARMS) and [len(made[arm]) for arm in ARMS] == [1, 20, 3, 3, 1]
    for vectors in made.values():
        np.testing.assert_allclose(vectors, -vectors[:, ::-1], atol=1e-12)
        norms = np.linalg.norm(vectors, axis=-1)
        np.testing.assert_allclose(norms, np.broadcast_to(np.linalg.norm(made["ids"][0], axis=-1), norms.shape))


def test_span_and_shuffled_stay_in_the_span_noise_leaves_it_and_orthogonal_is_orthogonal():
    ids, h, v = additive_ids()
    made = arms(ids, 0, "item", draws=5)
    for arm in ("ids", "span", "shuffled", "orthogonal"):
        inside = made[arm] @ np.stack([h, v]).T @ np.stack([h, v])
        np.testing.assert_allclose(inside, made[arm], atol=1e-9)
    assert np.abs(made["orthogonal"] @ h).max() < 1e-9 < 0.1 < np.abs(made["orthogonal"] @ v).min()
    assert np.linalg.norm(made["noise"] @ np.stack([h, v]).T) < 0.7 * np.linalg.norm(made["noise"])


def test_ids_of_one_coordinate_have_no_orthogonal_arm_and_those_of_unequal_ones_go_as_far_along_the_other():
    draw = np.random.default_rng(2)
    assert tuple(arms(draw.normal(size=(8, HIDDEN)), 0, "item", draws=1, few=1)) == ARMS[:-1]
    ids = draw.normal(size=(3, 8, HIDDEN))
    made = arms(ids, 1, "item", draws=1, few=1)
    assert made["ids"].shape == made["orthogonal"].shape == (1, 8, HIDDEN)
    across = steering_vectors(ids, 0)
    for target, as_far in ((0, 0), (7, 2)):
        one, other = made["orthogonal"][0, target], across[as_far]
        assert one @ other == pytest.approx(np.linalg.norm(one) * np.linalg.norm(other))


def test_draws_depend_on_seed_and_item_and_on_nothing_else():
    ids, _, _ = additive_ids()
    one = arms(ids, 0, "a", 3)
    for arm, vectors in arms(ids, 0, "a", 3).items():
        np.testing.assert_array_equal(vectors, one[arm])
    np.testing.assert_array_equal(arms(ids, 0, "a", 3, draws=2)["noise"], one["noise"][:2])
    for other in (arms(ids, 0, "b", 3), arms(ids, 0, "a", 3, seed=1)):
        assert all(np.abs(other[arm] - one[arm]).max() > 0.01 for arm in ("noise", "span", "shuffled"))


def test_ids_of_zero_steer_nowhere_in_every_arm():
    for vectors in arms(np.zeros((4, 4, HIDDEN)), 0, "item").values():
        assert not vectors.any()
