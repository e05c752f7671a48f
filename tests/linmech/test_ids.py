"""Laws of the IDs: an additive truth is recovered exactly, nuisances leave them alone, statistics are held-out ones."""

import itertools

import h5py
import numpy as np
import pandas as pd
import pytest

from derive_ids import main
from linmech.activations import Origin, write_layer
from linmech.additive import Sums, describe_rows
from linmech.errors import LinmechError
from linmech.ids import SpatialIds, axes_of, load_ids, project, project_words, save_ids
from linmech.plane import statistics

HIDDEN, NOUNS = 24, [f"noun{k}" for k in range(8)]


def world(seed: int = 0, *, placements: int = 120, sizes=(10.0, 20.0), nouns=NOUNS, hidden: int = HIDDEN):
    """Questions and the true effects: pairs of nouns in two different cells, as `layouts.grid` makes them."""
    rng = np.random.default_rng(seed)
    cells = list(itertools.permutations(range(16), 2))
    rows = []
    for shift in range(1, 4):
        for k, noun in enumerate(nouns):
            for n in rng.permutation(len(cells))[:placements]:
                (a, b), size = cells[n], float(rng.choice(sizes))
                item = f"{noun}/{shift}/{n}/{size}"
                place = {
                    "subject_column": a // 4,
                    "subject_row": a % 4,
                    "reference_column": b // 4,
                    "reference_row": b % 4,
                }
                rows.append({"item": item, "image": item, "subject": noun, "size": size} | place)
                rows[-1]["reference"] = nouns[(k + shift) % len(nouns)]
    column, row = np.meshgrid(np.arange(4) - 1.5, np.arange(4) - 1.5, indexing="ij")
    h, v = rng.normal(size=(2, hidden))
    ids = column[..., None] * h + row[..., None] * v + 0.05 * rng.normal(size=(4, 4, hidden))
    truth = {
        "ids": ids - ids.mean((0, 1)),
        "partner": rng.normal(size=(16, hidden)),
        "role": rng.normal(size=(2, hidden)),
    }
    truth |= {"noun": 30 * rng.normal(size=(len(nouns), hidden)), "size": rng.normal(size=hidden)}
    return pd.DataFrame(rows).drop_duplicates("item"), truth


def residuals(questions: pd.DataFrame, truth: dict, noise: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    index = pd.DataFrame(
        [(item, role) for item in questions["item"] for role in ("subject", "reference")], columns=["item", "role"]
    )
    table = describe_rows(index, questions)
    values = truth["ids"].reshape(16, -1)[table["cell"]] + truth["partner"][table["partner"]]
    values += (
        truth["role"][(table["role"] == "subject").astype(int)] + table["size"].to_numpy()[:, None] * truth["size"]
    )
    values += truth["noun"][[NOUNS.index(noun) for noun in table["noun"]]]
    return index, (values + noise * np.random.default_rng(9).normal(size=values.shape)).astype(np.float32)


def summed(index, values, questions, size: int = 500) -> Sums:
    sums = Sums(describe_rows(index, questions), values.shape[1])
    for start in range(0, len(values), size):
        sums.add(slice(start, min(start + size, len(values))), values[start : start + size])
    return sums


@pytest.fixture(scope="module")
def planted():
    questions, truth = world()
    index, values = residuals(questions, truth)
    return questions, truth, index, values


@pytest.fixture(scope="module")
def sums(planted):
    return summed(planted[2], planted[3], planted[0])


def test_an_additive_truth_is_recovered_for_all_and_for_any_part_of_the_nouns(planted, sums):
    truth = planted[1]["ids"]
    for nouns in (NOUNS, NOUNS[:3], NOUNS[3:]):
        np.testing.assert_allclose(sums.cells(nouns), truth, atol=2e-5)


def test_the_papers_mean_is_biased_by_partner_and_size_where_least_squares_is_not(planted, sums):
    truth = planted[1]["ids"]
    assert np.abs(sums.cells(NOUNS, "mean") - truth).max() > 0.1 > 1e3 * np.abs(sums.cells(NOUNS) - truth).max()


def test_the_papers_mean_is_the_mean_over_objects_of_object_centred_cell_means(planted, sums):
    questions, _, index, values = planted
    table = describe_rows(index, questions).assign(n=np.arange(len(index)))
    expected = np.zeros((16, HIDDEN))
    for _, part in table.groupby("noun"):
        means = np.stack([values[part["n"][part["cell"] == cell]].astype(float).mean(0) for cell in range(16)])
        expected += (means - means.mean(0)) / len(NOUNS)
    np.testing.assert_allclose(sums.cells(NOUNS, "mean").reshape(16, -1), expected, atol=1e-6)


def test_least_squares_equals_a_dense_solution_of_the_whole_file(planted, sums):
    questions, truth, index, values = planted
    noisy = values + np.random.default_rng(1).normal(size=values.shape).astype(np.float32)
    table = describe_rows(index, questions)
    design = np.concatenate(
        [pd.get_dummies(table[name]).to_numpy(float) for name in ("cell", "noun", "role", "partner", "size")], 1
    )
    cells = np.linalg.lstsq(design, noisy.astype(float), rcond=None)[0][:16]
    np.testing.assert_allclose(
        summed(index, noisy, questions).cells(NOUNS).reshape(16, -1), cells - cells.mean(0), atol=1e-8
    )


def test_the_size_of_the_chunks_does_not_matter(planted, sums):
    questions, _, index, values = planted
    np.testing.assert_allclose(summed(index, values, questions, 37).cells(NOUNS), sums.cells(NOUNS), atol=1e-9)


def test_rows_that_say_nothing_of_the_cell_have_ids_of_exactly_zero(planted):
    questions, truth, index, _ = planted
    values = residuals(questions, truth | {"ids": 0 * truth["ids"], "partner": 0 * truth["partner"], "size": 0})[1]
    assert not summed(index, values, questions).cells(NOUNS).any()


def test_a_cell_that_is_never_shown_is_an_error_not_a_zero(planted):
    questions, _, index, values = planted
    shown = (describe_rows(index, questions)["cell"] != 6).to_numpy()
    one = summed(index[shown].reset_index(drop=True), values[shown], questions)
    with pytest.raises(LinmechError, match="placements"):
        one.cells(NOUNS)
    with pytest.raises(LinmechError, match="never shown"):
        one.cells(NOUNS, "mean")
    with pytest.raises(LinmechError, match="ids.estimator"):
        one.cells(NOUNS, "median")


def test_an_overflowed_residual_is_an_error(planted):
    questions, _, index, values = planted
    broken = values.copy()
    broken[3, 0] = np.inf
    with pytest.raises(LinmechError, match="not finite"):
        summed(index, broken, questions)


def test_rows_off_the_grid_of_unknown_items_and_of_other_words_are_errors(planted):
    questions, _, index, _ = planted
    with pytest.raises(LinmechError, match="off the grid"):
        describe_rows(index[:2], questions.assign(subject_column=-1))
    with pytest.raises(LinmechError, match="not in questions.parquet"):
        describe_rows(index[:2], questions[5:])
    with pytest.raises(LinmechError, match="no cell"):
        describe_rows(index[:2].assign(role="left"), questions)


def test_subject_and_reference_of_one_question_have_their_own_cell_and_each_others_as_partner(planted):
    questions, _, index, _ = planted
    table = describe_rows(index, questions)
    one, two, question = table.iloc[0], table.iloc[1], questions.iloc[0]
    assert (one["noun"], two["noun"]) == (question["subject"], question["reference"])
    assert one["cell"] == two["partner"] == 4 * question["subject_column"] + question["subject_row"]
    assert two["cell"] == one["partner"] == 4 * question["reference_column"] + question["reference_row"]


def test_axes_are_the_slopes_and_the_papers_are_parallel_to_them():
    rng = np.random.default_rng(0)
    h, v = rng.normal(size=(2, HIDDEN))
    column, row = np.indices((4, 4))[..., None] - 1.5
    np.testing.assert_allclose(axes_of(column * h + row * v), [h, v], atol=1e-12)
    grid = rng.normal(size=(4, 4, HIDDEN))
    paper = np.mean([grid[b] - grid[a] for a, b in itertools.combinations(range(4), 2)], axis=(0, 1))
    np.testing.assert_allclose(axes_of(grid, "mean")[0], paper, atol=1e-12)
    np.testing.assert_allclose(axes_of(grid)[0] * 5 / 3, paper, atol=1e-12)
    np.testing.assert_allclose(axes_of(grid)[1], axes_of(grid.transpose(1, 0, 2))[0], atol=1e-12)


def test_projection_keeps_oblique_axes_apart():
    axes = np.array([[1.0, 0, 0], [0.9, 0.1, 0]])
    points = np.array([[2.0, 0, 5], [0.9, 0.1, -3]])
    np.testing.assert_allclose(project(points, axes), [[2, 0], [0, 1]], atol=1e-9)
    words = project_words({"left": np.array([9.0, 0, 0]), "right": np.array([11.0, 0, 4])}, axes)
    np.testing.assert_allclose(words["left"], [-1, 0], atol=1e-9)
    np.testing.assert_allclose(words["right"], [1, 0], atol=1e-9)


def noisy_grid(seed: int, noise: float, hidden: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    h, v = rng.normal(size=(2, hidden))
    column, row = np.indices((4, 4))[..., None] - 1.5
    one, two = (column * h + row * v + noise * rng.normal(size=(4, 4, hidden)) for _ in range(2))
    return one - one.mean((0, 1)), two - two.mean((0, 1))


def test_held_out_share_is_lower_than_the_share_on_the_points_that_made_the_axes():
    train, held_out = noisy_grid(0, 2.0)
    assert statistics(train, train, draws=2)["plane_share"] > statistics(held_out, train, draws=2)["plane_share"] + 0.02


def test_pure_noise_has_no_held_out_plane_and_its_in_sample_plane_is_no_evidence():
    rng = np.random.default_rng(0)
    train, held_out = rng.normal(size=(2, 4, 4, 200))
    found = statistics(held_out, train)
    assert found["plane_share"] < 0.03 and found["plane_share"] < 2 * found["random"]["high"]["plane_share"]
    assert statistics(train, train, draws=2)["plane_share"] > 0.08


def test_a_true_plane_stands_out_from_both_nulls():
    train, held_out = noisy_grid(1, 0.3)
    found = statistics(held_out, train)
    assert found["plane_share"] > 0.9 > 0.1 > found["random"]["high"]["plane_share"]
    assert min(found["correlation"]) > 0.99 and min(found["agreement"]) > 0.95 and abs(found["cosine"]) < 0.3
    assert max(found["shuffled"]["correlation"]) < 0.9 and found["plane_share"] > found["shuffled"]["plane_share"]
    assert sum(found["axis_share"]) == pytest.approx(found["plane_share"], abs=0.05)


def test_statistics_of_nothing_are_none_and_not_zero():
    found = statistics(np.zeros((4, 4, 9)), np.zeros((4, 4, 9)), draws=3)
    assert found["plane_share"] is None and found["cosine"] is None and found["random"]["plane_share"] is None


def test_ids_survive_the_file_and_other_files_are_refused(tmp_path):
    grid = np.random.default_rng(0).normal(size=(4, 4, HIDDEN)).astype(np.float32)
    ids = SpatialIds(grid, grid + 1, grid + 2, axes_of(grid), 3, "m", {"left": grid[0, 0]}, {"cosine": None}, "f", "s")
    save_ids(tmp_path / "a.h5", ids)
    back = load_ids(tmp_path / "a.h5")
    for name in ("ids", "ids_train", "ids_held_out", "axes"):
        np.testing.assert_allclose(getattr(back, name), getattr(ids, name), rtol=1e-6)
    assert (back.layer, back.model, back.fingerprint, back.manifest_sha256) == (3, "m", "f", "s")
    assert back.statistics == {"cosine": None} and list(back.words) == ["left"]
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["ids"].attrs["axes"] == '["column", "row", "hidden"]'
    (tmp_path / "b.h5").write_bytes(b"no")
    for name in ("b.h5", "absent.h5"):
        with pytest.raises(LinmechError, match="derive_ids"):
            load_ids(tmp_path / name)


@pytest.fixture
def cache(tmp_path, planted):
    questions, _, index, values = planted
    questions.to_parquet(tmp_path / "questions.parquet")
    origin = Origin("tiny", "abc", "def", "nouns")
    write_layer(tmp_path / "layer_3.h5", 3, index, origin, [(slice(0, len(values)), values)], hidden=HIDDEN)
    words = pd.DataFrame({"item": ["1", "1", "2", "2"], "role": ["right", "left", "right", "left"]})
    vectors = np.arange(4 * HIDDEN, dtype=np.float32).reshape(4, HIDDEN)
    write_layer(tmp_path / "words.h5", 3, words, origin, [(slice(0, 4), vectors)], hidden=HIDDEN)
    return tmp_path


def test_the_script_writes_ids_words_and_statistics_of_nouns_held_out_from_the_axes(cache, planted):
    names = (cache / "layer_3.h5", cache / "questions.parquet", cache / "words.h5")
    main(*names, cache / "ids.h5")
    ids, truth = load_ids(cache / "ids.h5"), planted[1]["ids"]
    np.testing.assert_allclose(ids.ids, truth, atol=1e-4)
    np.testing.assert_allclose(ids.axes, axes_of(ids.ids_train.astype(float)), atol=1e-5)
    assert (ids.layer, ids.model, ids.fingerprint, ids.manifest_sha256) == (3, "tiny", "abc", "def")
    assert len(ids.statistics["held_out"]) == 2 and ids.statistics["plane_share"] > 0.9
    np.testing.assert_allclose(ids.words["left"], np.arange(HIDDEN) + 2 * HIDDEN)
    assert list(ids.words) == ["left", "right"]
    first = (cache / "ids.h5").read_bytes()
    main(*names, cache / "ids.h5")
    assert (cache / "ids.h5").read_bytes() == first


def test_words_of_another_model_are_refused(cache, planted):
    words = pd.DataFrame({"item": ["1"], "role": ["left"]})
    origin = Origin("other", "xyz", "def", "nouns")
    write_layer(cache / "words.h5", 3, words, origin, [(slice(0, 1), np.ones((1, HIDDEN), np.float32))], hidden=HIDDEN)
    with pytest.raises(LinmechError):
        main(cache / "layer_3.h5", cache / "questions.parquet", cache / "words.h5", cache / "ids.h5")
    assert not (cache / "ids.h5").exists()
