"""A process of its own for each mutant: what hangs or crashes there ends there."""

import os
import signal
import time


def in_child(work, limit):
    """Whether `work()` returns 0 within `limit` seconds, in a process of its own."""
    child = os.fork()
    if not child:
        status, nowhere = 1, os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            status = work()
        finally:
            os._exit(status)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False
