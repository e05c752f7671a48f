"""Laws of the arms: one formula for the IDs and for their controls, which have the same size."""

import numpy as np
import pytest

import tiny
from linmech.experiments.arms import arms, displacements, relabelled, steering_vectors
from linmech.figures.effects import ARM_LOOKS
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids

HIDDEN = tiny.HIDDEN
ARMS = ("ids", "noise", "span", "shuffled", "nouns", "covariance", "orthogonal")


def as_ids(grid: np.ndarray) -> Ids:
    """IDs of that grid, of some nouns and some noise."""
    draw = np.random.default_rng(5)
    nouns = {name: draw.normal(size=HIDDEN) for name in ("cat", "dog", "hat")}
    names = ("column", "row") if grid.ndim == 3 else ("frame",)
    return Ids(
        grid, grid, grid, axes_of(grid), 1, "tiny", nouns=nouns, noise=draw.normal(size=(8, HIDDEN)), coordinates=names
    )


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
    made = arms(as_ids(ids - ids.mean((0, 1))), along, "item", draws=20, few=3)
    assert tuple(made) == ARMS and set(ARM_LOOKS) == {"axis", *ARMS}
    assert [len(made[arm]) for arm in ARMS] == [1, 20, 3, 3, 3, 3, 1]
    for vectors in made.values():
        np.testing.assert_allclose(vectors, -vectors[:, ::-1], atol=1e-12)
        norms = np.linalg.norm(vectors, axis=-1)
        np.testing.assert_allclose(norms, np.broadcast_to(np.linalg.norm(made["ids"][0], axis=-1), norms.shape))


def test_span_and_shuffled_stay_in_the_span_noise_leaves_it_and_orthogonal_is_orthogonal():
    ids, h, v = additive_ids()
    made = arms(as_ids(ids), 0, "item", draws=5)
    for arm in ("ids", "span", "shuffled", "orthogonal"):
        inside = made[arm] @ np.stack([h, v]).T @ np.stack([h, v])
        np.testing.assert_allclose(inside, made[arm], atol=1e-9)
    assert np.abs(made["orthogonal"] @ h).max() < 1e-9 < 0.1 < np.abs(made["orthogonal"] @ v).min()
    assert np.linalg.norm(made["noise"] @ np.stack([h, v]).T) < 0.7 * np.linalg.norm(made["noise"])


def test_ids_of_one_coordinate_have_no_orthogonal_arm_and_those_of_unequal_ones_go_as_far_along_the_other():
    draw = np.random.default_rng(2)
    assert tuple(arms(as_ids(draw.normal(size=(8, HIDDEN))), 0, "item", draws=1, few=1)) == ARMS[:-1]
    ids = draw.normal(size=(3, 8, HIDDEN))
    made = arms(as_ids(ids), 1, "item", draws=1, few=1)
    assert made["ids"].shape == made["orthogonal"].shape == (1, 8, HIDDEN)
    across = steering_vectors(ids, 0)
    for target, as_far in ((0, 0), (7, 2)):
        one, other = made["orthogonal"][0, target], across[as_far]
        assert one @ other == pytest.approx(np.linalg.norm(one) * np.linalg.norm(other))


def test_draws_depend_on_seed_and_item_and_on_nothing_else():
    ids, _, _ = additive_ids()
    one = arms(as_ids(ids), 0, "a", 3)
    for arm, vectors in arms(as_ids(ids), 0, "a", 3).items():
        np.testing.assert_array_equal(vectors, one[arm])
    np.testing.assert_array_equal(arms(as_ids(ids), 0, "a", 3, draws=2)["noise"], one["noise"][:2])
    for other in (arms(as_ids(ids), 0, "b", 3), arms(as_ids(ids), 0, "a", 3, seed=1)):
        assert all(
            np.abs(other[arm] - one[arm]).max() > 0.01 for arm in ("noise", "span", "shuffled", "nouns", "covariance")
        )


def test_ids_of_zero_steer_nowhere_in_every_arm():
    for vectors in arms(as_ids(np.zeros((4, 4, HIDDEN))), 0, "item").values():
        assert not vectors.any()


def test_a_displacement_is_so_many_axes_and_its_controls_are_as_long():
    ids = as_ids(additive_ids()[0])
    cells = np.array([-2.0, -0.5, 3.0])
    made = displacements(ids, 1, cells, "item", draws=2)
    assert set(made) == {"axis", *ARMS} - {"ids"}
    np.testing.assert_allclose(made["axis"][0], cells[:, None] * ids.axes[1], atol=1e-12)
    for vectors in made.values():
        norms = np.linalg.norm(vectors, axis=-1)
        np.testing.assert_allclose(norms, np.broadcast_to(np.abs(cells) * np.linalg.norm(ids.axes[1]), norms.shape))
        unit = vectors / norms[..., None] * np.sign(cells)[:, None]
        np.testing.assert_allclose(unit, np.broadcast_to(unit[:, :1], unit.shape), atol=1e-9)


def test_the_axis_of_a_displacement_is_that_of_the_objects_that_are_not_held_out():
    draw = np.random.default_rng(3)
    every, train = draw.normal(size=(2, 4, 4, HIDDEN))
    ids = Ids(every, train, every, axes_of(train), 1, "tiny")
    np.testing.assert_allclose(displacements(ids, 0, np.ones(1), "x")["axis"][0, 0], axes_of(train)[0], atol=1e-12)


def test_noun_differences_lie_in_the_span_of_the_nouns_and_covariance_in_that_of_the_noise():
    ids = as_ids(additive_ids()[0])
    made = arms(ids, 0, "item", few=3)
    nouns = np.array(list(ids.nouns.values()))
    for arm, span in (("nouns", nouns - nouns.mean(0)), ("covariance", ids.noise)):
        inside = made[arm] @ np.linalg.pinv(span) @ span
        np.testing.assert_allclose(inside, made[arm], atol=1e-9)


@pytest.mark.parametrize("along", [0, 1])
def test_relabelled_cells_have_other_shorter_axes_in_the_same_span(along):
    grid = additive_ids()[0] + 0.1 * np.random.default_rng(2).normal(size=(4, 4, HIDDEN))
    made, cells = as_ids(grid - grid.mean((0, 1))), np.array([-2.0, 1.0])
    runs = relabelled(made, along, cells, "layer", runs=5)
    own = displacements(made, along, cells, "item", draws=0)["axis"][0]
    np.testing.assert_allclose(runs[:, 0], -2 * runs[:, 1])
    span = np.linalg.svd(made.ids_train.reshape(16, -1), full_matrices=False)[2][:15]
    np.testing.assert_allclose(runs @ span.T @ span, runs, atol=1e-9)
    assert np.linalg.norm(runs[:, 0], axis=-1).mean() < 0.8 * np.linalg.norm(own[0])
    assert len(np.unique(runs[:, 0, 0].round(9))) == 5
    np.testing.assert_array_equal(runs, relabelled(made, along, cells, "layer", runs=7)[:5])
    assert relabelled(made, along, cells, "layer", runs=0).shape == (0, 2, HIDDEN)
