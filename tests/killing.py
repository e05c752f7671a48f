"""Kill -9, for the laws of jobs that are stopped at any moment."""

import os
import signal
import threading
import time

from tqdm import tqdm


def own_locks() -> None:
    """In a fork: give all of tqdm's bars a lock that no other process has.

    The usual one is a semaphore shared by all forks: killed while it is held, one would stop all others, and the test
    that comes next, for ever. A class of bars (transformers has its own) may have asked for a lock of its own.
    """
    lock, kinds = threading.RLock(), [tqdm]
    while kinds:
        kind = kinds.pop()
        kind.set_lock(lock)
        kinds += kind.__subclasses__()


def forked(job) -> int:
    """Run `job` in a forked process that may be killed at any moment; its id."""
    child = os.fork()
    if child == 0:
        status = 1
        own_locks()
        try:
            job()
            status = 0
        finally:
            os._exit(status)
    return child


def killed(job, seconds: float) -> bool:
    """Run `job` in a forked process and kill it -9 after `seconds`; whether it was still running."""
    child = forked(job)
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
