"""Keeps a worker beside the server: started when the server is ready, anew whenever it dies, ended with the server.

`forum start` gives these hooks to gunicorn. The keeper is a small process of its own, so that a worker's death is seen
at once and the server's, even by kill -9, leaves no worker behind.
"""

import os
import signal
import subprocess
import sys
import time
from typing import Any

LOOK_EVERY = 0.2  # seconds
BEFORE_ANOTHER = 1.0  # seconds
LAST_JOB = 30.0  # seconds that a worker gets for the job in hand


def when_ready(server: Any) -> None:
    """Start the keeper (a hook of gunicorn's)."""
    server.keeper = subprocess.Popen([sys.executable, "-m", "forum.keeper", str(os.getpid())])  # noqa: S603


def on_exit(server: Any) -> None:
    """Let the worker end the job in hand before the server is gone (a hook of gunicorn's)."""
    keeper = getattr(server, "keeper", None)
    if keeper is None or keeper.poll() is not None:
        return
    keeper.terminate()
    try:
        keeper.wait(LAST_JOB)
    except subprocess.TimeoutExpired:
        keeper.kill()


def keep(server: int) -> None:
    """Run a worker, and another when it ends, until the server of this number is gone or somebody says stop."""
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: told.append(received))
    command = [sys.executable, "-c", "from forum.cli import main; main()", "worker", "--beside", str(os.getpid())]
    while not told and os.getppid() == server:
        worker = subprocess.Popen(command)  # noqa: S603
        while worker.poll() is None and not told and os.getppid() == server:
            time.sleep(LOOK_EVERY)
        if worker.poll() is None:
            worker.terminate()
            worker.wait()
        elif not told:
            time.sleep(BEFORE_ANOTHER)


if __name__ == "__main__":
    keep(int(sys.argv[1]))
