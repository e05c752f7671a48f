"""Laws of an experiment's table as a file: a killed job resumes without a trace, and IDs belong to their weights."""

import dataclasses
import os
import signal
import time

import pandas as pd
import pytest

import tiny
from killing import forked
from linmech.errors import LinmechError
from linmech.experiments import running
from linmech.experiments.steering import Settings, steer
from linmech.experiments.tables import write_moved
from linmech.ids.files import save_ids
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset
from steered import make_dataset, random_ids


@pytest.fixture
def job(tmp_path):
    """Arguments of write_moved for a tiny model on disk; every file made once."""
    make_dataset(tmp_path / "pairs", items=4)
    model = Declared("tiny", str(tiny.llava_folder(tmp_path)), tiny.LAYERS).identified()
    save_ids(tmp_path / "ids.h5", [dataclasses.replace(random_ids(3), fingerprint=model.fingerprint)])
    return {
        "model": model, "ids": tmp_path / "ids.h5", "layers": [3], "datasets": [Dataset(tmp_path / "pairs")],
        "settings": Settings("left-right", items=3, draws=1, few=1, commit_every=1), "experiment": steer,
    }  # fmt: skip


def test_a_job_killed_with_signal_9_resumes_to_the_identical_table(tmp_path, job, monkeypatch):
    output = tmp_path / "out" / "tiny.parquet"
    child = forked(lambda: write_moved(output, **job))
    chunk = output.parent / ".tiny.progress" / "pairs" / "chunk_000000.parquet"
    for _ in range(3000):
        if chunk.exists():
            break
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]) and chunk.exists() and not output.exists()
    committed, ran = len(list(chunk.parent.glob("chunk_*.parquet"))), []
    genuine = running.rows_of
    monkeypatch.setattr(running, "rows_of", lambda *given: ran.append(given[0].id) or genuine(*given))
    write_moved(output, **job)
    assert len(ran) == 3 - committed < 3
    write_moved(tmp_path / "whole.parquet", **job)
    pd.testing.assert_frame_equal(
        pd.read_parquet(output), pd.read_parquet(tmp_path / "whole.parquet"), check_exact=True
    )
    assert not (output.parent / ".tiny.progress").exists()


def test_ids_of_other_weights_and_of_absent_layers_are_refused(tmp_path, job):
    with pytest.raises(LinmechError, match="has no layer 2"):
        write_moved(tmp_path / "x.parquet", **job | {"layers": [2, 3]})
    other = dataclasses.replace(job["model"], fingerprint="other")
    with pytest.raises(LinmechError, match="other weights"):
        write_moved(tmp_path / "x.parquet", **job | {"model": other})
