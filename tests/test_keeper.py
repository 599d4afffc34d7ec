"""Beside the server there is a worker as long as the server is there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# A server in miniature: gunicorn's hooks, and nothing to serve.
SERVER = """
import signal, sys, time
from types import SimpleNamespace
from forum import keeper
server = SimpleNamespace()
def end(*_):
    keeper.on_exit(server)
    sys.exit()
signal.signal(signal.SIGTERM, end)
keeper.when_ready(server)
while True:
    time.sleep(0.1)
"""


def children(number):
    """The processes that this one started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if int(line.split()[1]) == number]


def is_there(number):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def wait(holds, seconds=30):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    return found


@pytest.fixture
def server(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    environment |= {"FORUM_INSTANCE": str(tmp_path / "instance")}
    process = subprocess.Popen([sys.executable, "-c", SERVER], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def worker_of(server):
    keepers = children(server.pid)
    workers = children(keepers[0]) if keepers else []
    return workers[0] if workers else None


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_dies_is_replaced_and_the_last_one_goes_with_the_server(server, ending):
    first = wait(lambda: worker_of(server))
    os.kill(first, signal.SIGKILL)
    second = wait(lambda: (found := worker_of(server)) not in {first, None} and found)
    (keeper,) = children(server.pid)
    server.send_signal(ending)
    server.wait(30)
    wait(lambda: not is_there(second) and not is_there(keeper))
