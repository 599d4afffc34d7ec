"""Worker processes for the tests, which may be killed."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess

from flask import Flask

from forum import jobs
from forum.extensions import db
from forum.worker import work

LEASE = timedelta(seconds=1)


def start(app: Flask) -> BaseProcess:
    """Start a worker of its own. The test's transaction ends."""
    db.session.commit()
    db.engine.dispose()  # a connection belongs to one program
    worker = multiprocessing.get_context("fork").Process(target=lambda: work(app, lease=LEASE, pause=0.05), daemon=True)
    worker.start()
    return worker


@contextmanager
def at_work(app: Flask, many: int = 1) -> Iterator[list[BaseProcess]]:
    """Let so many workers work during the block, and kill them at its end."""
    workers = [start(app) for _ in range(many)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def kill_at_random(app: Flask, workers: list[BaseProcess], times: int, every: float) -> None:
    """Kill -9 one of these workers, so often; another takes its place each time."""
    for _ in range(times):
        time.sleep(random.uniform(0.5, 1.5) * every)
        number = random.randrange(len(workers))
        workers[number].kill()
        workers[number].join()
        workers[number] = start(app)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; each look is a transaction of its own."""
    end = time.monotonic() + seconds
    while True:
        with jobs.reading():
            if holds():
                return
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
