"""A law of the tests' own kills: one that is killed leaves no lock behind."""

import time

import pytest
from tqdm import tqdm
from tqdm.std import TqdmDefaultWriteLock

from killing import killed


class Bars(tqdm):
    """Bars whose class asked for a lock before tqdm itself did, as those of transformers may."""

    _lock = TqdmDefaultWriteLock()


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
@pytest.mark.parametrize("kind", [tqdm, Bars])
def test_a_job_that_is_killed_with_the_lock_of_its_bars_stops_no_other(kind, tmp_path):
    def job():
        with kind.get_lock():
            (tmp_path / "held").touch()
            time.sleep(60)

    while killed(job, 0.2) and not (tmp_path / "held").exists():
        pass
    for lock in TqdmDefaultWriteLock().locks:
        assert lock.acquire(timeout=5)
        lock.release()
