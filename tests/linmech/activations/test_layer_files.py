"""Laws of the activation files: whole or absent, in order, and refused when they are not what was asked."""

import h5py
import numpy as np
import pandas as pd
import pytest

from layer_files import LAYERS, ORIGIN, fill, index, residuals, store
from linmech import hdf5
from linmech.activations.layer_files import Origin, open_layer
from linmech.errors import LinmechError


def test_what_goes_in_comes_out_in_order_with_its_names(written):
    folder, values = written
    for n, layer in enumerate(LAYERS):
        with open_layer(folder / f"layer_{layer}.h5", fingerprint="f" * 64, manifest_sha256="a" * 64) as reader:
            np.testing.assert_array_equal(reader.read(), values[n])
            pd.testing.assert_frame_equal(reader.index, index(), check_dtype=False)
            assert reader.attrs["layer"] == layer and reader.attrs["selector"] == "subject,reference"
            assert (
                reader.attrs["axes"] == '["row", "hidden"]'
                and "before the final norm" in reader.attrs["layer_convention"]
            )
    assert not list(folder.parent.glob(".*")), "the work folder must be gone"


def test_pieces_of_any_size_make_up_the_whole(written):
    folder, values = written
    with open_layer(folder / "layer_2.h5") as reader:
        for size in (1, 3, 14, 100):
            pieces = list(reader.chunks(size))
            np.testing.assert_array_equal(np.concatenate([piece for _, piece in pieces]), values[1])
            assert all(len(piece) == rows.stop - rows.start <= size for rows, piece in pieces)


def test_streamed_means_equal_means_of_the_whole_array(written, monkeypatch):
    folder, values = written
    monkeypatch.setattr("linmech.activations.layer_files.READ_ROWS", 3)
    labels = [(role, n % 3) if n != 5 else None for n, role in enumerate(index()["role"])]
    with open_layer(folder / "layer_3.h5") as reader:
        means = reader.mean_by(labels)
        chosen = reader.read(np.array([label == ("subject", 0) for label in labels]))
    assert set(means) == set(labels) - {None}
    for label, mean in means.items():
        rows = [n for n, other in enumerate(labels) if other == label]
        np.testing.assert_allclose(mean, values[2][rows].astype(float).mean(0), rtol=1e-12)
    np.testing.assert_allclose(chosen.mean(0), means["subject", 0], atol=1e-6)


def test_labels_of_the_wrong_length_are_refused(written):
    with open_layer(written[0] / "layer_0.h5") as reader:
        with pytest.raises(LinmechError, match="14 rows, but 3 labels"):
            reader.mean_by(["a"] * 3)
        with pytest.raises(LinmechError, match="14 rows, but 3 were chosen"):
            reader.read(np.ones(3, bool))


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.001])
def test_truncated_file_is_refused(written, kept):
    path = written[0] / "layer_2.h5"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(LinmechError, match="truncated|head is lost") as error, open_layer(path):
        pass
    assert str(path) in str(error.value) and "run cache_activations again" in str(error.value)


def test_damaged_numbers_are_refused(written):
    path = written[0] / "layer_2.h5"
    data = path.read_bytes()
    place = data.index(written[1][1, 3].tobytes())
    damaged = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    path.write_bytes(damaged)
    with pytest.raises(LinmechError, match="its checksum differs.*run cache_activations again"), open_layer(path):
        pass
    path.write_bytes(damaged[: damaged.rindex(hdf5.MARK)])  # without the sum behind it
    with pytest.raises(LinmechError, match="no checksum behind it.*run cache_activations again"), open_layer(path):
        pass


def test_foreign_absent_and_incomplete_files_are_refused(written, tmp_path):
    with pytest.raises(LinmechError, match="not there"), open_layer(tmp_path / "none.h5"):
        pass
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["other"] = [1.0]
    with pytest.raises(LinmechError, match="not an activation file"), open_layer(tmp_path / "foreign.h5"):
        pass
    with h5py.File(written[0] / "layer_0.h5", "r+") as file:
        file.attrs["complete"] = False
    with pytest.raises(LinmechError, match="incomplete"), open_layer(written[0] / "layer_0.h5"):
        pass
    with h5py.File(written[0] / "layer_2.h5", "r+") as file:
        file.attrs["rows_total"] = 15
    with pytest.raises(LinmechError, match="14 of 15 rows"), open_layer(written[0] / "layer_2.h5"):
        pass


@pytest.mark.parametrize("key", ["fingerprint", "manifest_sha256"])
def test_stale_file_is_refused(written, key):
    with (
        pytest.raises(LinmechError, match=f"stale: its {key}"),
        open_layer(written[0] / "layer_0.h5", **{key: "b" * 64}),
    ):
        pass


@pytest.mark.parametrize(
    ("dtype", "value", "message"),
    [("float16", 7e4, "overflows float16"), ("float32", np.nan, "not finite"), ("float32", np.inf, "not finite")],
)
def test_numbers_that_the_file_cannot_hold_are_refused(tmp_path, dtype, value, message):
    values = residuals(14)
    values[1, 3, 2] = value
    made = store(tmp_path / "tiny", origin=Origin(**{**vars(ORIGIN), "dtype": dtype}))
    with pytest.raises(LinmechError, match=f"item-1 at layer 2 .*{message}"):
        fill(made, values)


def test_float16_halves_the_file_and_keeps_three_digits(tmp_path):
    values = residuals(14)
    made = store(tmp_path / "tiny", origin=Origin(**{**vars(ORIGIN), "dtype": "float16"}))
    fill(made, values)
    made.finish()
    with open_layer(tmp_path / "tiny" / "layer_0.h5") as reader:
        assert reader.residuals.dtype == np.float16
        np.testing.assert_allclose(reader.read(), values[0], rtol=1e-3, atol=1e-6)
    with pytest.raises(LinmechError, match="bfloat16"):
        Origin("m", "f", "a", "s", dtype="bfloat16")
