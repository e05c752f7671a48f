"""A flipped byte in a file of activations, finished or growing, or in sprites is never a number."""

import numpy as np
import pandas as pd
import pytest

from damage import flipped
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.layer_writing import write_layer
from linmech.activations.store import Store
from linmech.activations.sum_files import read_sums, write_sums
from linmech.errors import LinmechError
from linmech.ids.axes import axes_of
from linmech.ids.design import Sums
from linmech.ids.files import Ids, load_ids, save_ids
from linmech.stimuli.sprites import load_sprites

ORIGIN = Origin("m", "f", "h", "subject")


def index_of(count):
    return pd.DataFrame({"item": [f"item {n}" for n in range(count)], "role": "subject"})


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(3, 20, 8)).astype(np.float32)


def test_a_layer_file_is_whole_or_refused(tmp_path, values):
    path, index = tmp_path / "layer_0.h5", index_of(20)
    write_layer(path, 0, index, ORIGIN, [values[0]], hidden=8)
    refused = 0
    for _ in flipped(path, 41):
        try:
            with open_layer(path, fingerprint="f", manifest_sha256="h") as layer:
                assert (
                    np.array_equal(layer.read(), values[0])
                    and layer.index.to_numpy().tolist() == index.to_numpy().tolist()
                )
                assert layer.attrs["layer"] == 0 and layer.attrs["model"] == "m"
        except LinmechError:
            refused += 1
    assert refused > 20


def test_a_file_of_ids_is_whole_or_refused(tmp_path, values):
    path, grid = tmp_path / "ids.h5", values[0, :16].reshape(4, 4, 8)
    stored = [Ids(grid, grid, grid, axes_of(grid), 2, "m", statistics={"share": 0.5}, nouns={"cat": grid[0, 0]})]
    save_ids(path, stored)
    refused = 0
    for _ in flipped(path, 61):
        try:
            (found,) = load_ids(path).values()
            assert np.array_equal(found.ids, grid) and found.model == "m" and found.statistics == {"share": 0.5}
            assert list(found.nouns) == ["cat"] and found.coordinates == ("column", "row")
        except LinmechError:
            refused += 1
    assert refused > 20


def test_an_archive_of_sprites_is_whole_or_refused(tmp_path):
    path, pixels = tmp_path / "sprites.npz", np.random.default_rng(0).integers(0, 256, (9, 9, 4), dtype=np.uint8)
    np.savez(path, **{"cat/0": pixels})
    refused = 0
    for _ in flipped(path, 7):
        try:
            assert np.array_equal(load_sprites(path)["cat", 0], pixels)
        except LinmechError as error:
            refused += 1
            assert "run render_sprites again" in str(error)
    assert refused > 20


def filled(folder, values, rows):
    store = Store(folder, range(3), index_of(20), ORIGIN, hidden=8, chunk=5)
    start = store.rows_done
    for first in range(start, rows, 5):
        part = slice(first, first + 5)
        store.append([f"item {n}" for n in range(20)][part], ["subject"] * 5, values[:, part])
    return store, start


def changed(path, place, by=4):
    data = bytearray(path.read_bytes())
    data[place] ^= by
    path.write_bytes(data)


def whole(folder, values):
    for layer in range(3):
        with open_layer(folder / f"layer_{layer}.h5") as file:
            assert np.array_equal(file.read(), values[layer])
    return True


@pytest.mark.parametrize("row", range(20))
def test_a_flipped_byte_in_a_file_that_grows_costs_the_rows_from_its_commit_on(tmp_path, values, row, capsys):
    store, _ = filled(tmp_path / "cache", values, 20)
    grown = store._files[1]
    changed(grown.path, grown.start + row * grown.row_bytes + 9)
    store, start = filled(tmp_path / "cache", values, 20)
    assert start == row // 5 * 5 and (start == 0 or f"going on after row {start}" in capsys.readouterr().out)
    store.finish()
    assert whole(tmp_path / "cache", values)


@pytest.mark.parametrize("place", range(0, 2000, 97))
def test_a_flipped_byte_before_the_rows_starts_over(tmp_path, values, place, capsys):
    store, _ = filled(tmp_path / "cache", values, 20)
    assert store._files[2].start > place
    changed(store._files[2].path, place)
    store, start = filled(tmp_path / "cache", values, 20)
    assert start == 0 and "starting over, because what is there is damaged" in capsys.readouterr().out
    store.finish()
    assert whole(tmp_path / "cache", values)


def test_a_byte_that_flips_after_the_last_look_is_seen_by_who_reads(tmp_path, values):
    store, _ = filled(tmp_path / "cache", values, 20)
    changed(store._files[1].path, store._files[1].start + 3 * store._files[1].row_bytes)
    store.finish()
    with pytest.raises(LinmechError, match="layer_1.h5 is damaged"):
        whole(tmp_path / "cache", values)


@pytest.mark.parametrize("name", ["commits.jsonl", "origin.json"])
def test_a_flipped_bit_in_what_is_noted_beside_them_is_never_a_number(tmp_path, values, name):
    starts = []
    for number in range(60):
        store, _ = filled(tmp_path / f"{number}", values, 15)
        changed(store.work / name, number * 7 % (store.work / name).stat().st_size, 1 << number % 8)
        store, start = filled(tmp_path / f"{number}", values, 20)
        starts.append(start)
        store.finish()
        assert whole(tmp_path / f"{number}", values)
    assert set(starts) <= {0, 5, 10, 15} and 0 in starts


def test_rows_that_a_power_cut_has_taken_are_computed_again(tmp_path, values, capsys):
    store, _ = filled(tmp_path / "cache", values, 20)
    lost = store._files[0]
    size = lost.path.stat().st_size
    with lost.path.open("r+b") as stream:
        stream.truncate(lost.start + 13 * lost.row_bytes)
        stream.truncate(size)
    with (store.work / "commits.jsonl").open("a") as stream:
        stream.write("[20, [1")
    store, start = filled(tmp_path / "cache", values, 20)
    assert start == 10 and "rows from 10 on are damaged, and are computed again" in capsys.readouterr().out
    store.finish()
    assert whole(tmp_path / "cache", values)


def test_a_file_of_sums_is_whole_or_refused(tmp_path):
    path, draw = tmp_path / "sums.h5", np.random.default_rng(0)
    arrays = [draw.normal(size=shape) for shape in ((1, 1, 4, 4), (1, 1, 4, 8), (2, 1), (2, 8))]
    write_sums(path, [Sums(["cat"], ["subject"], (2, 2), slice(1, 4), *arrays, 20, 3.5)], {"model": "m"})
    refused = 0
    for _ in flipped(path, 53):
        try:
            (found,) = read_sums(path)
            assert (found.nouns, found.shape, found.rows, found.norm) == (["cat"], (2, 2), 20, 3.5)
            held = (found.products, found.sums, found.signs, found.sketch)
            assert all(np.array_equal(one, other) for one, other in zip(held, arrays, strict=True))
        except LinmechError:
            refused += 1
    assert refused > 20
