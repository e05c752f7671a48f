"""Laws of the IDs: axes are slopes, oblique ones are kept apart, and files are what was asked."""

import itertools

import h5py
import numpy as np
import pandas as pd
import pytest

from additive_world import HIDDEN, NOUNS, ids_of, questions_of
from derive_ids import main
from linmech.activations.layer_files import Origin
from linmech.activations.layer_writing import write_layer
from linmech.errors import LinmechError
from linmech.ids.axes import axes_of, coordinates_of, project, project_words
from linmech.ids.design import SKETCHES
from linmech.ids.files import Ids, load_ids, save_ids


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


def test_axes_of_one_coordinate_and_of_three_are_slopes_too():
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(3, HIDDEN))
    places = np.moveaxis(np.indices((2, 3, 4)), 0, -1) - [0.5, 1, 1.5]
    np.testing.assert_allclose(axes_of(places @ slopes), slopes, atol=1e-12)
    np.testing.assert_allclose(axes_of((np.arange(8) - 3.5)[:, None] * slopes[0]), slopes[:1], atol=1e-12)


def test_coordinates_of_nouns_are_told_cell_by_cell_and_of_cells_not_shown_there_are_none():
    axis = np.random.default_rng(0).normal(size=(1, HIDDEN))
    points = (np.arange(4) - 1.5)[:, None] * axis
    points[2] = np.nan
    told = coordinates_of({"cat": points}, axis)["cat"]
    assert told[2] is None and [place[0] for n, place in enumerate(told) if n != 2] == pytest.approx([-1.5, -0.5, 1.5])


def layer_ids(layer: int) -> Ids:
    grid = np.random.default_rng(layer).normal(size=(4, 4, HIDDEN)).astype(np.float32)
    known = {"fingerprint": "f", "manifest_sha256": "s", "statistics": {"cosine": None}}
    words, nouns = {"words": {"left": grid[0, 0]}}, {"cat": grid[1, 1]}
    return Ids(grid, grid + 1, grid + 2, axes_of(grid), layer, "m", words, nouns, grid[2], **known)


def test_ids_survive_the_file_layer_by_layer_and_other_files_are_refused(tmp_path):
    written = {layer: layer_ids(layer) for layer in (3, 12, 0)}
    save_ids(tmp_path / "a.h5", list(written.values()))
    back = load_ids(tmp_path / "a.h5")
    assert list(back) == [0, 3, 12] and list(load_ids(tmp_path / "a.h5", [12, 3])) == [3, 12]
    for layer, ids in back.items():
        for name in ("ids", "ids_train", "ids_held_out", "axes"):
            np.testing.assert_allclose(getattr(ids, name), getattr(written[layer], name), rtol=1e-6)
        assert (ids.layer, ids.model, ids.fingerprint, ids.manifest_sha256) == (layer, "m", "f", "s")
        assert ids.statistics == {"cosine": None} and list(ids.words["words"]) == ["left"]
        np.testing.assert_allclose(ids.nouns["cat"], written[layer].nouns["cat"])
        np.testing.assert_allclose(ids.noise, written[layer].noise)
        assert (ids.kind, ids.coordinates) == ("spatial", ("column", "row"))
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["layer_3/ids"].attrs["axes"] == '["column", "row", "hidden"]'
        assert file["layer_3/axes"].attrs["names"] == '["horizontal", "vertical"]'
    with pytest.raises(LinmechError, match="has no layer 5"):
        load_ids(tmp_path / "a.h5", [3, 5])
    (tmp_path / "b.h5").write_bytes(b"no")
    for name in ("b.h5", "absent.h5"):
        with pytest.raises(LinmechError, match="derive_ids"):
            load_ids(tmp_path / name)


@pytest.fixture
def cache(tmp_path, planted):
    """Layers 3 and 4 of a reading, and of a reading of words; layer 4 is twice layer 3."""
    items, _, index, values = planted
    questions_of(items).to_parquet(tmp_path / "questions.parquet")
    origin = Origin("tiny", "abc", "def", "nouns")
    words = pd.DataFrame({"item": ["1", "1", "2", "2"], "role": ["right", "left", "right", "left"]})
    vectors = np.arange(4 * HIDDEN, dtype=np.float32).reshape(4, HIDDEN)
    for layer, factor in ((3, 1), (4, 2)):
        write_layer(tmp_path / f"layer_{layer}.h5", layer, index, origin, [factor * values], hidden=HIDDEN)
        write_layer(tmp_path / f"words_{layer}.h5", layer, words, origin, [vectors], hidden=HIDDEN)
    return tmp_path


def files(folder, name: str) -> list:
    return [folder / f"{name}_{layer}.h5" for layer in (3, 4)]


def test_the_script_writes_ids_words_and_statistics_of_nouns_held_out_from_the_axes(cache, planted):
    given = (files(cache, "layer"), cache, {"words": files(cache, "words")}, cache / "ids.h5")
    main(*given)
    found, truth = load_ids(cache / "ids.h5"), planted[1]["ids"]
    assert list(found) == [3, 4]
    for layer, factor in ((3, 1), (4, 2)):
        ids = found[layer]
        np.testing.assert_allclose(ids.ids, factor * truth, atol=2e-4)
        np.testing.assert_allclose(ids.axes, axes_of(ids.ids_train.astype(float)), atol=1e-5)
        assert (ids.layer, ids.model, ids.fingerprint, ids.manifest_sha256) == (layer, "tiny", "abc", "def")
        assert len(ids.statistics["held_out"]) == 2 and ids.statistics["plane_share"] > 0.9
        np.testing.assert_allclose(ids.words["words"]["left"], np.arange(HIDDEN) + 2 * HIDDEN)
        assert list(ids.words["words"]) == ["left", "right"]
        assert list(ids.by_role) == ["reference", "subject"]
        for cells in ids.by_role.values():
            np.testing.assert_allclose(cells, factor * truth, atol=1e-3)
        np.testing.assert_allclose(ids.statistics["roles_cosine"], 1, atol=1e-4)
        assert list(ids.nouns) == NOUNS and ids.noise.shape == (SKETCHES, HIDDEN)
    first = (cache / "ids.h5").read_bytes()
    main(*given)
    assert (cache / "ids.h5").read_bytes() == first


def test_ids_of_a_layer_do_not_depend_on_the_layers_beside_it(cache, planted):
    items, _, index, values = planted
    main(files(cache, "layer")[1:], cache, {}, cache / "alone.h5")
    alone = load_ids(cache / "alone.h5")[4].ids
    np.testing.assert_array_equal(alone, ids_of(index, 2 * values, items, NOUNS).astype(np.float32))


def test_words_of_another_model_or_another_layer_are_refused(cache):
    with pytest.raises(LinmechError, match="of layer 4, not 3"):
        main(files(cache, "layer"), cache, {"words": files(cache, "words")[::-1]}, cache / "ids.h5")
    words = pd.DataFrame({"item": ["1"], "role": ["left"]})
    origin, ones = Origin("other", "xyz", "def", "nouns"), np.ones((1, HIDDEN), np.float32)
    write_layer(cache / "words_3.h5", 3, words, origin, [ones], hidden=HIDDEN)
    with pytest.raises(LinmechError, match="stale"):
        main(files(cache, "layer"), cache, {"words": files(cache, "words")}, cache / "ids.h5")
    assert not (cache / "ids.h5").exists()


def test_layers_of_two_runs_are_refused(cache, planted):
    items, _, index, values = planted
    origin = Origin("tiny", "abc", "def", "nouns", recipe="other")
    write_layer(cache / "layer_4.h5", 4, index, origin, [values], hidden=HIDDEN)
    with pytest.raises(LinmechError, match="another run"):
        main(files(cache, "layer"), cache, {}, cache / "ids.h5")


def test_nouns_may_be_named_that_take_no_part_in_the_axes(cache, planted):
    named = [NOUNS[1]]
    main(files(cache, "layer"), cache, {}, cache / "named.h5", held_out=named)
    assert [ids.statistics["held_out"] for ids in load_ids(cache / "named.h5").values()] == [named, named]
    for wrong, said in ((["gnu"], "no object is called 'gnu'"), (NOUNS, "names every object")):
        with pytest.raises(LinmechError, match=f"config key ids.held_out:? {said}"):
            main(files(cache, "layer"), cache, {}, cache / "wrong.h5", held_out=wrong)
