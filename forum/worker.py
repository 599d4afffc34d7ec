"""The worker: claims jobs, lets their handlers do them, and commits. `forum worker` is one; several do not meet."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from forum import jobs
from forum.extensions import db

log = logging.getLogger("forum")

PAUSE = 0.5  # seconds between two looks at an empty table
PLAN_EVERY = 30.0  # seconds
AFTER_TROUBLE = 5.0  # seconds, when the database does not answer
PATIENCE = 3  # times in a row; before that somebody may only have written for long


def work(
    app: Flask,
    *,
    once: bool = False,
    must_stop: Callable[[], bool] = lambda: False,
    lease: timedelta = jobs.LEASE,
    pause: float = PAUSE,
) -> int:
    """Do jobs until told to stop, or with `once` until none is due; return how many ended, well or not.

    Who must stop ends the job in hand first, or its step where it is done in steps.
    """
    ended, planned, troubles = 0, 0.0, 0
    while not must_stop():
        try:
            if not planned or time.monotonic() - planned >= PLAN_EVERY:
                planned = time.monotonic()
                with app.app_context():
                    _plan()
            with app.app_context():
                task = _claim(lease)
            troubles = 0
            if task is not None:
                with app.app_context():
                    _do(app, task, lease, must_stop)
                ended += 1
                continue
        except SQLAlchemyError as trouble:
            troubles += 1
            level = logging.ERROR if troubles >= PATIENCE else logging.WARNING
            log.log(level, "worker: the database does not answer: %s", type(trouble).__name__)
            if once:
                raise
            _wait(AFTER_TROUBLE, must_stop)
            continue
        if once:
            break
        _wait(pause, must_stop)
    return ended


def _wait(seconds: float, must_stop: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not must_stop() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, PAUSE))


def _plan() -> None:
    with jobs.reading():
        missing = jobs.missing_periods()
    for kind, moment, key in missing:
        jobs.enqueue(kind, {}, run_at=moment, key=key)
        db.session.commit()


def _claim(lease: timedelta) -> jobs.Task | None:
    with jobs.reading():  # on SQLite a claim takes the lock for writing: not twice a second for nothing
        if not jobs.is_any_due():
            return None
    task = jobs.claim(lease)
    db.session.commit()
    return task


def _do(app: Flask, task: jobs.Task, lease: timedelta, must_stop: Callable[[], bool]) -> None:
    # The commit is inside: on SQLite the lease cannot be renewed, nor the renewing ended, while the job's own writing waits.
    with _renewing(app, task, lease):
        try:
            try:
                _run(task, lease, must_stop)
            except jobs.LeaseLost:
                raise
            except Exception as error:
                db.session.rollback()
                is_dead = jobs.fail(task, _in_words(error))
                # Not the error's own words: they may hold somebody's address.
                name, end = type(error).__name__, " for good" if is_dead else ""
                # A database that was busy for too long is no fault: the job comes back.
                level = logging.WARNING if isinstance(error, OperationalError) and not is_dead else logging.ERROR
                log.log(level, "worker: job %s (%s) failed%s: %s", task.id, task.kind, end, name)
            db.session.commit()
        except jobs.LeaseLost:
            db.session.rollback()
            log.warning("worker: job %s (%s) was taken over by another worker", task.id, task.kind)
        finally:
            db.session.rollback()


def _in_words(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"


def _run(task: jobs.Task, lease: timedelta, must_stop: Callable[[], bool]) -> None:
    handler = jobs.HANDLERS[task.kind]
    if task.tries > handler.tries:  # its lease ran out each time
        jobs.fail(task, "its worker ended before it did", for_good=True)
        return
    outcome = handler.work(task)
    if isinstance(outcome, Iterator):
        for progress in outcome:
            jobs.note(task, progress, lease)
            db.session.commit()
            if must_stop():
                jobs.give_back(task)
                return
        outcome = None
    if isinstance(outcome, jobs.GiveUp):
        jobs.fail(task, outcome.reason, for_good=True)
    else:
        jobs.finish(task)


@contextmanager
def _renewing(app: Flask, task: jobs.Task, lease: timedelta) -> Iterator[None]:
    """Keep the lease while the block runs, from a thread and a connection of its own."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease.total_seconds() / 3):
            try:
                with app.app_context(), db.engine.begin() as connection:
                    connection.execute(jobs.renewed(task, lease))
            except SQLAlchemyError:  # on SQLite: the job itself is writing, and then nobody can take it over either
                continue

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
