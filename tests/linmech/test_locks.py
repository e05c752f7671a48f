"""Laws of the lock: one process writes, another is told which, and a killed one leaves nothing behind."""

import multiprocessing
import os
import signal
import time

import pandas as pd
import pytest

from linmech.activations.layer_files import Origin
from linmech.activations.store import Store
from linmech.errors import LinmechError
from linmech.locks import hold, release


def _holding(output, ready):
    hold(output)
    ready.set()
    time.sleep(60)


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of tmp_path / "cache"."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_holding, args=(tmp_path / "cache", ready))
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_a_second_writer_is_told_who_writes_and_goes_on_once_that_one_was_killed(tmp_path, other):
    with pytest.raises(LinmechError, match=rf"cache is being written by process {other.pid} since .*: wait until"):
        hold(tmp_path / "cache")
    hold(tmp_path / "other")
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    hold(tmp_path / "cache")
    release(tmp_path / "cache")
    release(tmp_path / "other")
    assert not list(tmp_path.iterdir())


def test_a_cache_that_another_process_writes_is_refused_and_left_as_it_is(tmp_path, other):
    index = pd.DataFrame({"item": ["a"], "role": ["subject"]})
    with pytest.raises(LinmechError, match="cache is being written by process"):
        Store(tmp_path / "cache", [0], index, Origin("m", "f", "h", "s"), hidden=4)
    assert [path.name for path in tmp_path.iterdir()] == [".cache.lock"]


def test_a_process_may_hold_a_lock_twice_and_give_it_back_and_take_it_again(tmp_path):
    for _ in range(2):
        hold(tmp_path / "cache")
        hold(tmp_path / "cache")
        release(tmp_path / "cache")
        release(tmp_path / "cache")


def test_a_disk_without_locks_is_said_and_no_error(tmp_path, monkeypatch, capsys):
    def flock(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("linmech.locks.fcntl.flock", flock)
    hold(tmp_path / "cache")
    assert "knows no locks (Operation not supported)" in capsys.readouterr().out
