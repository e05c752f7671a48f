"""Laws of shards: merged, they are the cache of one job; other shards than those that are asked for are refused."""

import shutil

import h5py
import numpy as np
import pytest

import tiny
from discs import SIDE, laid_out
from extracted import ROLES
from linmech.activations.batching import share
from linmech.activations.caching import cache_rows
from linmech.activations.layer_files import open_layer
from linmech.activations.prompts import prompts_of
from linmech.activations.shards import merge
from linmech.activations.sum_files import read_sums
from linmech.activations.sums import cache_sums
from linmech.errors import LinmechError
from linmech.models.declared import Declared
from stored import composed

SHARDS = 3
HOW = {"roles": ROLES, "chunk": 6, "batch": 3}


@pytest.fixture(scope="module")
def model(checkpoint) -> Declared:
    return Declared("tiny", str(checkpoint), tiny.LAYERS).identified()


@pytest.fixture(scope="module")
def rows(tmp_path_factory, model, stimuli):
    """A folder with one job's rows, `whole`, and those of each shard."""
    folder = tmp_path_factory.mktemp("rows")
    cache_rows(model, stimuli, folder / "whole", **HOW)
    for shard in range(SHARDS):
        cache_rows(model, stimuli, folder / f"{shard}", **HOW, shard=shard, shards=SHARDS)
    return folder


@pytest.fixture(scope="module")
def grid(tmp_path_factory, sprites):
    laid = laid_out("grid", nouns=("apple", "cup", "hat"), pairs=3, placements=8, sizes=[20])
    return composed(tmp_path_factory.mktemp("grid") / "grid", laid, sprites, SIDE)


def layer(folder, number, shards=SHARDS) -> list:
    return [folder / f"{shard}" / f"layer_{number}.h5" for shard in range(shards)]


@pytest.mark.parametrize(("prompts", "size", "shards"), [(44, 6, 3), (44, 7, 5), (9, 1, 9), (100, 256, 1), (0, 4, 1)])
def test_shards_hold_every_prompt_once_in_order_and_begin_where_rows_are_committed(prompts, size, shards):
    rows = np.full(prompts, 2)
    found = [range(prompts)[share(rows, size, shard, shards)] for shard in range(shards)]
    assert [number for part in found for number in part] == list(range(prompts))
    assert all(part.start % -(-size // 2) == 0 for part in found) and (not prompts or all(found))


def test_more_shards_than_commits_are_refused_with_the_number_that_is_possible():
    with pytest.raises(LinmechError, match="20 rows in commits of 8 are too few for 4 shards; set shards .* to 3"):
        share(np.full(10, 2), 8, 0, 4)


def test_merged_shards_are_the_file_of_one_job_to_the_bit(rows, stimuli, tmp_path):
    for number in range(tiny.LAYERS + 1):
        merge(layer(rows, number), tmp_path / "layer.h5", prompts_of(stimuli.items(), ROLES), chunk=6)
        with open_layer(tmp_path / "layer.h5") as one, open_layer(rows / "whole" / f"layer_{number}.h5") as other:
            assert one.index.equals(other.index) and len(one.index) == 44 and one.attrs == other.attrs
            np.testing.assert_array_equal(one.read(), other.read())


def test_shards_of_another_order_wording_or_layer_or_too_few_of_them_are_refused(rows, stimuli, tmp_path):
    prompts, out = prompts_of(stimuli.items(), ROLES), tmp_path / "layer.h5"
    right = layer(rows, 1)
    wrong = [right[::-1], right[:2], [*right[:2], right[1]], [*right[:2], layer(rows, 2)[2]]]
    for paths in wrong:
        with pytest.raises(LinmechError, match="is no shard of this reading as it is asked now; delete it and run"):
            merge(paths, out, prompts, chunk=6)
    with pytest.raises(LinmechError, match="is no shard of this reading"):
        merge(right, out, prompts_of(stimuli.items(), ROLES, wording=1), chunk=6)
    shutil.copy(right[0], damaged := tmp_path / "damaged.h5")
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged.write_bytes(content)
    with pytest.raises(LinmechError, match="damaged"):
        merge([damaged, *right[1:]], out, prompts, chunk=6)
    assert not out.exists()


def test_merged_sums_are_those_of_one_job_to_rounding_and_of_its_origin(model, grid, tmp_path):
    how = {**HOW, "coordinates": ["column", "row"]}
    cache_sums(model, grid, tmp_path / "whole", **how)
    for shard in range(SHARDS):
        cache_sums(model, grid, tmp_path / f"{shard}", **how, shard=shard, shards=SHARDS)
    prompts = prompts_of(grid.items(), ROLES)
    merge(layer(tmp_path, 3), tmp_path / "layer.h5", prompts, chunk=6)
    (one,), (other,) = read_sums(tmp_path / "layer.h5"), read_sums(tmp_path / "whole" / "layer_3.h5")
    assert one.rows == other.rows == 2 * len(prompts)
    for name in ("products", "sums", "signs", "sketch", "norm"):
        scale = np.abs(getattr(other, name)).max()
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-12 * scale)
    with h5py.File(tmp_path / "layer.h5") as merged, h5py.File(tmp_path / "whole" / "layer_3.h5") as whole:
        assert dict(merged.attrs) == dict(whole.attrs)
    with pytest.raises(LinmechError, match="is no shard of this reading"):
        merge(layer(tmp_path, 3)[::-1], tmp_path / "layer.h5", prompts, chunk=6)
