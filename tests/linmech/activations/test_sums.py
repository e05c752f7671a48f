"""Laws of the cache of sums: the IDs of the rows, a fraction of their size, and no row counted twice."""

import h5py
import numpy as np
import pytest

import tiny
from discs import SIDE, laid_out
from killing import killed
from linmech.activations import extraction, sums
from linmech.activations.caching import cache_rows
from linmech.activations.layer_files import open_layer
from linmech.activations.sum_files import read_sums, sums_of_layers
from linmech.activations.sums import cache_sums
from linmech.errors import LinmechError
from linmech.ids.additive import cells
from linmech.models.declared import Declared
from stored import composed

ROLES, COORDINATES = ["subject", "reference"], ["column", "row"]
NOUNS = ("apple", "cup", "hat")


@pytest.fixture(scope="module")
def model(checkpoint) -> Declared:
    return Declared("tiny", str(checkpoint), tiny.LAYERS).identified()


@pytest.fixture(scope="module")
def grid(tmp_path_factory, sprites):
    stimuli = laid_out("grid", nouns=NOUNS, pairs=6, placements=24, sizes=[20])
    return composed(tmp_path_factory.mktemp("grid") / "grid", stimuli, sprites, SIDE)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, model, grid):
    """A folder with the rows, and one with the sums."""
    folder = tmp_path_factory.mktemp("kept")
    cache_rows(model, grid, folder / "rows", roles=ROLES, chunk=16, batch=5)
    cache_sums(model, grid, folder / "sums", roles=ROLES, coordinates=COORDINATES, chunk=16, batch=5)
    return folder


def paths(folder) -> list:
    return [folder / f"layer_{layer}.h5" for layer in range(tiny.LAYERS + 1)]


def ids(folder, grid) -> np.ndarray:
    items = {item.id: item for item in grid.items()}
    return np.stack([cells(found, NOUNS) for found, _ in sums_of_layers(paths(folder), items, COORDINATES)])


def test_ids_from_sums_equal_those_from_rows_to_a_millionth(kept, grid):
    one, other = ids(kept / "rows", grid), ids(kept / "sums", grid)
    assert np.linalg.norm(one - other, axis=-1).max() <= 1e-6 * np.linalg.norm(one, axis=-1).max()
    assert np.abs(one[1:]).max() > 0.01


def test_sums_say_where_they_come_from_and_are_much_smaller_than_many_rows(kept, grid):
    items = {item.id: item for item in grid.items()}
    for folder in ("rows", "sums"):
        origins = [origin for _, origin in sums_of_layers(paths(kept / folder), items, COORDINATES)]
        assert [origin["layer"] for origin in origins] == ["0", "1", "2", "3", "4"]
        assert {origin["model"] for origin in origins} == {"tiny"}
    (found,) = read_sums(paths(kept / "sums")[2])
    assert found.rows == 2 * len(items) and found.sums.shape == (2, 3, found.products.shape[2], tiny.HIDDEN)


def test_a_reader_of_rows_is_told_that_there_are_only_sums(kept):
    with pytest.raises(LinmechError, match="holds sums, not rows: set keep: rows"), open_layer(paths(kept / "sums")[0]):
        pass


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_kill_9_between_commits_counts_every_row_once(kept, model, grid, tmp_path, monkeypatch):
    monkeypatch.setattr(sums, "COMMIT_S", 0.0)
    genuine = extraction.residuals

    def slow(*given):
        import time

        time.sleep(0.02)
        return genuine(*given)

    monkeypatch.setattr(extraction, "residuals", slow)
    how = {"roles": ROLES, "coordinates": COORDINATES, "chunk": 16, "batch": 5}
    kills, seconds = 0, 0.6
    while killed(lambda: cache_sums(model, grid, tmp_path / "tiny", **how), seconds):
        kills, seconds = kills + 1, seconds + 0.2
        assert kills < 60, "the run makes no headway"
    assert kills and not (tmp_path / ".tiny.sums.h5").exists()
    for one, other in zip(paths(tmp_path / "tiny"), paths(kept / "sums"), strict=True):
        (a,), (b,) = read_sums(one), read_sums(other)
        assert a.rows == b.rows
        np.testing.assert_array_equal(a.sums, b.sums)


def test_sums_of_other_weights_are_begun_anew(kept, model, grid, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sums, "COMMIT_S", 0.0)
    how = {"roles": ROLES, "coordinates": COORDINATES, "chunk": 16, "batch": 5}
    monkeypatch.setattr(sums.SumsStore, "finish", lambda store: None)
    cache_sums(model, grid, tmp_path / "tiny", **how)
    cache_sums(
        Declared("tiny", str(tiny.llava_folder(tmp_path, seed=1)), tiny.LAYERS).identified(),
        grid,
        tmp_path / "tiny",
        **how,
    )
    assert "starting over, because another run left it" in capsys.readouterr().out


def test_a_damaged_or_foreign_file_of_sums_is_an_error_not_a_number(kept, grid, tmp_path):
    path = paths(kept / "sums")[1]
    broken = tmp_path / "layer_1.h5"
    content = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        offset = file["sums/0"].id.get_chunk_info(0).byte_offset
    content[offset + 20] ^= 0xFF
    broken.write_bytes(content)
    with pytest.raises(LinmechError, match="layer_1.h5: no readable file of sums"):
        list(read_sums(broken))
    with pytest.raises(LinmechError, match="another run"):
        list(sums_of_layers([path, paths(kept / "rows")[2]], {item.id: item for item in grid.items()}, COORDINATES))
