"""Laws of writing activation files: stopped anywhere, a run goes on after its last commit and loses nothing."""

import errno
import random
import time

import numpy as np
import pandas as pd
import pytest

from killing import killed
from layer_files import HIDDEN, LAYERS, ORIGIN, commits, fill, index, residuals, store
from linmech.activations.layer_files import Origin, open_layer
from linmech.activations.store import Store
from linmech.errors import LinmechError


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


@pytest.mark.parametrize("moved", range(len(LAYERS) + 1))
@pytest.mark.parametrize("sealed", range(len(LAYERS) + 1))
def test_interrupted_sealing_and_moving_lose_nothing(written, tmp_path, sealed, moved):
    folder, values = written
    first = store(tmp_path / "again")
    fill(first, values)
    first._commit()
    for file in first._files[: max(sealed, moved)]:
        file.seal()
    first.folder.mkdir()
    for file in first._files[:moved]:
        file.path.replace(first.folder / file.path.name)
    second = store(tmp_path / "again")
    assert second.rows_done == 14
    second.finish()
    for layer in LAYERS:
        again = (tmp_path / "again" / f"layer_{layer}.h5").read_bytes()
        assert again == (folder / f"layer_{layer}.h5").read_bytes()


@pytest.mark.parametrize("left", [["origin.json"], ["commits.jsonl"], ["layer_0.h5"], ["origin.json", "layer_0.h5"]])
def test_interrupted_removal_of_the_work_folder_loses_nothing(written, left):
    folder, values = written
    work = folder.with_name(".tiny.growing")
    work.mkdir()
    for name in left:
        (work / name).write_text("{}")
    again = store(folder)
    assert again.rows_done == 14 and not work.exists()
    again.finish()
    with open_layer(folder / "layer_0.h5") as reader:
        np.testing.assert_array_equal(reader.read(), values[0])


@pytest.mark.parametrize("lost", range(len(LAYERS)))
def test_a_file_that_is_lost_while_they_are_moved_is_computed_again(written, tmp_path, lost, capsys):
    first = store(tmp_path / "again")
    fill(first, written[1])
    first._commit()
    first._files[lost].path.unlink()
    assert store(tmp_path / "again").rows_done == 0
    assert "starting over, because what is there is damaged" in capsys.readouterr().out


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


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
@pytest.mark.parametrize("seed", range(3))
def test_kill_9_at_any_moment_loses_no_committed_row(written, tmp_path, seed):
    draw, log, work = random.Random(seed), tmp_path / "log", tmp_path / ".again.growing"

    def job():
        made = store(tmp_path / "again")
        log.write_text(str(made.rows_done))
        for stop in (4, 8, 12, 14):
            fill(made, written[1], stop=stop)
            time.sleep(0.02)  # so that all takes longer than until the first kill
        made.finish()

    committed, kills = 0, 0
    while killed(job, draw.uniform(0, 0.06 + 0.002 * kills)):
        assert not log.exists() or int(log.read_text() or committed) >= committed, "a committed row was given up"
        committed = max(committed, commits(work))
        log.unlink(missing_ok=True)
        kills += 1
    assert kills and not work.exists()
    for layer in LAYERS:
        again = (tmp_path / "again" / f"layer_{layer}.h5").read_bytes()
        assert again == (written[0] / f"layer_{layer}.h5").read_bytes()


def test_a_disk_that_does_not_take_what_was_written_is_an_error_and_its_rows_are_looked_at_again(
    written, tmp_path, monkeypatch
):
    def refuse(paths):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr("linmech.activations.store.to_disk", refuse)
        fill(store(tmp_path / "again"), written[1])
    second = store(tmp_path / "again")
    assert second.rows_done == 4
    fill(second, written[1])
    second.finish()
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
