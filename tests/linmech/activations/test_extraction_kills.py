"""Laws of a killed extraction: it goes on after its last commit, and leaves no worker behind."""

import multiprocessing
import os
import random
import select
import signal
import time

import numpy as np
import pandas as pd
import pytest

from extracted import contents, run
from killing import killed
from layer_files import commits
from linmech.activations import extraction
from linmech.activations.layer_files import open_layer
from linmech.activations.preparation import end_with_parent
from linmech.activations.prompts import index_of


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_kill_9_at_random_moments_leaves_the_file_of_an_undisturbed_run(
    reference, prompts, stimuli, tmp_path, monkeypatch
):
    draw, log, work = random.Random(0), tmp_path / "log", tmp_path / ".tiny.growing"
    first_item = {prompt.item: n for n, prompt in enumerate(prompts)}
    genuine = extraction.residuals

    def slow(vlm, asked, *rest):
        with log.open("a") as stream:
            stream.write(f"{first_item[asked[0].item]} ")
        time.sleep(0.01)
        return genuine(vlm, asked, *rest)

    monkeypatch.setattr(extraction, "residuals", slow)
    kills, committed = 0, 0
    while killed(lambda: run(tmp_path / "tiny", prompts, stimuli.visual, batch=1), draw.uniform(0, 0.3 + 0.02 * kills)):
        started = [int(item) for item in log.read_text().split()] if log.exists() else []
        assert len(set(started)) == len(started) and min(started, default=committed) >= committed, "computed again"
        committed = max(committed, commits(work) // 2)
        log.unlink(missing_ok=True)
        kills += 1
        assert kills < 150, "the run makes no headway"
    assert kills
    with open_layer(tmp_path / "tiny" / "layer_0.h5") as reader:
        pd.testing.assert_frame_equal(reader.index, index_of(prompts), check_dtype=False)
    np.testing.assert_array_equal(contents(tmp_path / "tiny"), reference[1])
    assert not work.exists()


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_worker_ends_when_its_parent_is_killed():
    alive, hold = os.pipe()

    def worker():
        end_with_parent()
        os.write(hold, b"ready")
        time.sleep(600)

    parent = os.fork()
    if parent == 0:
        multiprocessing.get_context("fork").Process(target=worker).start()
        time.sleep(600)
    os.close(hold)
    assert os.read(alive, 5) == b"ready"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert select.select([alive], [], [], 30)[0] and os.read(alive, 5) == b"", "the worker lives on"
