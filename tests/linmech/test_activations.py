"""Laws of the activation files: whole or absent, in order, resumable, and refused when they are not what was asked."""

import os
import random
import signal
import time

import h5py
import numpy as np
import pandas as pd
import pytest

from linmech.activation_store import Store
from linmech.activations import Origin, open_layer
from linmech.errors import LinmechError

ORIGIN = Origin("tiny", "f" * 64, "a" * 64, "subject,reference", recipe="r")
LAYERS, HIDDEN = (0, 2, 3), 5


def index(items: int = 7) -> pd.DataFrame:
    return pd.DataFrame([(f"item-{n}", role) for n in range(items) for role in ("subject", "reference")]).set_axis(
        ["item", "role"], axis=1
    )


def residuals(rows: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(len(LAYERS), rows, HIDDEN)).astype(np.float32)


def fill(store: Store, values: np.ndarray, step: int = 2, stop: int | None = None) -> None:
    for start in range(store.rows_done, len(store.index) if stop is None else stop, step):
        rows = store.index[start : start + step]
        store.append(rows["item"].tolist(), rows["role"].tolist(), values[:, start : start + len(rows)])


def store(folder, rows=None, origin=ORIGIN, **options) -> Store:
    return Store(folder, LAYERS, index() if rows is None else rows, origin, hidden=HIDDEN, chunk=4, **options)


@pytest.fixture
def written(tmp_path):
    """A finished folder of layer files and the values that went in."""
    values = residuals(len(index()))
    made = store(tmp_path / "tiny")
    fill(made, values)
    made.finish()
    return tmp_path / "tiny", values


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
    monkeypatch.setattr("linmech.activations.READ_ROWS", 3)
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
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with open_layer(path) as reader, pytest.raises(LinmechError, match="damaged"):
        reader.read()


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


@pytest.mark.parametrize("stop", [2, 4, 6, 12, 14])
def test_interrupted_store_goes_on_after_the_last_commit(written, tmp_path, stop, capsys):
    folder, values = written
    fill(store(tmp_path / "again"), values, stop=stop)
    second = store(tmp_path / "again")
    assert second.rows_done == stop // 4 * 4
    fill(second, values, step=3)
    second.finish()
    for layer in LAYERS:
        again = (tmp_path / "again" / f"layer_{layer}.h5").read_bytes()
        assert again == (folder / f"layer_{layer}.h5").read_bytes()


@pytest.mark.parametrize("merged", range(len(LAYERS) + 1))
@pytest.mark.parametrize("moved", [0, 1])
def test_interrupted_merge_loses_nothing(written, tmp_path, monkeypatch, merged, moved):
    folder, values = written
    first = store(tmp_path / "again")
    fill(first, values)
    first._commit()
    (first.work / "all_rows_committed").touch()
    for layer in LAYERS[:merged]:
        first._merge(layer)
    if moved and merged:
        first.folder.mkdir()
        first._merged(0).replace(first._final(0))
    second = store(tmp_path / "again")
    assert second.rows_done == 14
    second.finish()
    for layer in LAYERS:
        again = (tmp_path / "again" / f"layer_{layer}.h5").read_bytes()
        assert again == (folder / f"layer_{layer}.h5").read_bytes()


@pytest.mark.parametrize("left", [["origin.json"], ["all_rows_committed"], ["rows_0_4"], ["origin.json", "rows_0_4"]])
def test_interrupted_removal_of_the_work_folder_loses_nothing(written, left):
    folder, values = written
    work = folder.with_name(".tiny.chunks")
    work.mkdir()
    for name in left:
        (work / name).mkdir() if name.startswith("rows") else (work / name).write_text("{}")
    again = store(folder)
    assert again.rows_done == 14 and not work.exists()
    again.finish()
    with open_layer(folder / "layer_0.h5") as reader:
        np.testing.assert_array_equal(reader.read(), values[0])


def test_rows_lost_between_merge_and_move_are_computed_again(written, tmp_path):
    first = store(tmp_path / "again")
    fill(first, written[1])
    first._commit()
    (first.work / "all_rows_committed").touch()
    first._merge(0)
    first._merged(0).unlink()
    assert store(tmp_path / "again").rows_done == 0


@pytest.mark.parametrize("change", ["fingerprint", "manifest_sha256", "selector", "recipe", "model", "rows", "layers"])
def test_another_run_left_over_is_started_over_and_said(written, tmp_path, change, capsys):
    fill(store(tmp_path / "again"), written[1], stop=8)
    assert store(tmp_path / "again").rows_done == 8
    rows, origin, layers = index(), ORIGIN, LAYERS
    if change == "rows":
        rows = rows[::-1]
    elif change == "layers":
        layers = (0, 1, 2)
    else:
        origin = Origin(**{**vars(ORIGIN), change: "other"})
    assert Store(tmp_path / "again", layers, rows, origin, hidden=HIDDEN).rows_done == 0
    assert f"starting over, because another run left it ({change} changed)" in capsys.readouterr().out


def killed(job, seconds: float) -> bool:
    """Run `job` in a forked process and kill it -9 after `seconds`; whether it was still running."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            job()
            status = 0
        finally:
            os._exit(status)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, "the run failed by itself"
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
@pytest.mark.parametrize("seed", range(3))
def test_kill_9_at_any_moment_loses_no_committed_row(written, tmp_path, seed):
    draw, log, work = random.Random(seed), tmp_path / "log", tmp_path / ".again.chunks"

    def job():
        made = store(tmp_path / "again")
        log.write_text(str(made.rows_done))
        fill(made, written[1])
        time.sleep(0.01)
        made.finish()

    committed, kills = 0, 0
    while killed(job, draw.uniform(0, 0.06 + 0.002 * kills)):
        assert not log.exists() or int(log.read_text() or committed) >= committed, "a committed row was given up"
        committed = max([committed, *(int(piece.name.split("_")[2]) for piece in work.glob("rows_*"))])
        log.unlink(missing_ok=True)
        kills += 1
    assert kills and not work.exists()
    for layer in LAYERS:
        again = (tmp_path / "again" / f"layer_{layer}.h5").read_bytes()
        assert again == (written[0] / f"layer_{layer}.h5").read_bytes()


def test_finished_files_are_not_computed_again(written):
    again = store(written[0])
    assert again.rows_done == 14
    again.finish()
    assert store(written[0], origin=Origin(**{**vars(ORIGIN), "recipe": "new"})).rows_done == 0


def test_rows_out_of_turn_repeated_or_missing_are_refused(tmp_path):
    values, rows = residuals(14), index()
    made = store(tmp_path / "tiny")
    with pytest.raises(LinmechError, match="not the next"):
        made.append(["item-1"], ["subject"], values[:, :1])
    made.append(["item-0"], ["subject"], values[:, :1])
    with pytest.raises(LinmechError, match="not the next"):
        made.append(["item-0"], ["subject"], values[:, :1])
    with pytest.raises(LinmechError, match="1 of 14 rows"):
        made.finish()
    with pytest.raises(LinmechError, match="asked for twice"):
        store(tmp_path / "twice", rows=pd.concat([rows, rows[:1]]))
    with pytest.raises(LinmechError, match="no row"):
        store(tmp_path / "empty", rows=rows[:0])
    assert not (tmp_path / "tiny").exists()


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
