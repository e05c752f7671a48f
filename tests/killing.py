"""Kill -9, for the laws of jobs that are stopped at any moment."""

import os
import signal
import time


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
