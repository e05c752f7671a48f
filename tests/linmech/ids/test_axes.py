"""Laws of the IDs: axes are slopes, oblique ones are kept apart, and files are what was asked."""

import itertools

import h5py
import numpy as np
import pandas as pd
import pytest

from additive_world import HIDDEN
from derive_ids import main
from linmech.activations.layer_files import Origin, write_layer
from linmech.errors import LinmechError
from linmech.ids.axes import axes_of, project, project_words
from linmech.ids.files import SpatialIds, load_ids, save_ids


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
