"""Work for after the answer: rows in the same database, done by the worker (`forum/worker.py`).

A job is written in the transaction that wants it, and so is there exactly when that is. A worker claims it with a lease that it
keeps renewing; of a worker that dies the lease runs out and another one does the job again. What a handler writes and that the job
is finished are one transaction: that happens once. What it does outside the database (a mail, a file) may happen again after
a crash, and the handler must be able to bear that.

A handler begins without a transaction. On SQLite whoever writes keeps everybody else from writing: slow work comes before the
first write, and what must be read for it is read under `reading()`.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, Select, String, Text, delete, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from forum import clock
from forum.errors import AlreadyDone
from forum.extensions import Model, db, may_write

LEASE = timedelta(seconds=60)
TRIES = 10  # with the delays below: for a day and a half
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)
KEPT = timedelta(days=14)
LONGEST_PERIOD = timedelta(days=7)  # shorter than KEPT: the key of a period must outlive it
SLOW = timedelta(seconds=30)
LONGEST_ERROR = 1000  # characters

_UNFINISHED = "finished_at IS NULL AND failed_at IS NULL"


class Job(Model):
    """Something to do, being done or done. A failed one that was dropped is finished too."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "run_at", "id", sqlite_where=text(_UNFINISHED), postgresql_where=text(_UNFINISHED)),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(Text, default="")  # for who looks after the jobs
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)  # emptied at the end: it may hold somebody's secret link
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(32))  # who holds it now
    leased_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]  # the last try
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)  # of the last try
    failed_at: Mapped[datetime | None] = mapped_column(index=True)  # no more tries: a dead letter
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    took_ms: Mapped[int | None]


@dataclass(frozen=True)
class Task:
    """A claimed job as its handler sees it. `done` is what an earlier try committed."""

    id: int
    kind: str
    payload: dict[str, Any]
    tries: int
    done: int
    lease: str
    started_at: datetime


@dataclass(frozen=True)
class Progress:
    """A handler that is a generator yields these: what it wrote up to here is committed together with how far it is."""

    done: int
    total: int | None = None


@dataclass(frozen=True)
class GiveUp:
    """A handler returns this when another try is pointless: what it wrote is kept and the job is a dead letter."""

    reason: str


class LeaseLost(Exception):
    """Another worker has the job by now; what this one wrote for it must not stay."""


Work = Callable[[Task], "GiveUp | Iterator[Progress] | None"]


@dataclass(frozen=True)
class Handler:
    """Who does a kind of job, how often it is tried, and when it comes back by itself."""

    work: Work
    tries: int = TRIES
    every: timedelta | None = None
    daily: time | None = None


HANDLERS: dict[str, Handler] = {}


def handles(
    kind: str, *, tries: int = TRIES, every: timedelta | None = None, daily: time | None = None
) -> Callable[[Work], Work]:
    """Let the decorated function do jobs of this kind.

    With `every` (a week at most) or `daily` (a time of day in the site's zone) there is one such job in each period, by itself. A
    period in which no worker ran is left out.
    """
    if every is not None and not timedelta(0) < every <= LONGEST_PERIOD:
        raise ValueError(f"a period is at most {LONGEST_PERIOD.days} days")

    def register(work: Work) -> Work:
        HANDLERS[kind] = Handler(work, tries, every, daily)
        return work

    return register


@contextmanager
def reading() -> Iterator[None]:
    """Read inside the block in a transaction of its own that ends with it and keeps nobody from writing.

    Raises RuntimeError where a transaction is open already: ending it would take back what was begun.
    """
    if db.session().in_transaction():
        raise RuntimeError("a transaction is open")
    token = may_write.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        may_write.reset(token)


# Who wants something done


def enqueue(
    kind: str, payload: Mapping[str, Any], run_at: datetime | None = None, key: str | None = None, title: str = ""
) -> Job:
    """Write a job, to be done once the running transaction is committed and `run_at` (default: now) has come.

    Of jobs with one key there is one: the job that has it is returned, whatever became of it. The payload is JSON. Raises
    KeyError for a kind that nobody handles.
    """
    HANDLERS[kind]
    now = clock.now()
    job = Job(kind=kind, payload=dict(payload), run_at=run_at or now, key=key, title=title, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(job)
    except IntegrityError:
        return db.session.scalars(select(Job).where(Job.key == key)).one()
    return job


def missing_periods() -> list[tuple[str, datetime, str]]:
    """Return kind, moment and key of each recurring job whose period has begun and that is not yet written."""
    wanted = [
        (kind, moment, f"{kind} {moment.isoformat()}")
        for kind, handler in sorted(HANDLERS.items())
        if (moment := _moment_of_period(handler)) is not None
    ]
    there = set(db.session.scalars(select(Job.key).where(Job.key.in_([key for *_, key in wanted]))))
    return [row for row in wanted if row[2] not in there]


def _moment_of_period(handler: Handler) -> datetime | None:
    if handler.daily is not None:
        return datetime.combine(clock.today(), handler.daily, clock.zone()).astimezone(UTC)
    if handler.every is not None:
        seconds = handler.every.total_seconds()
        return datetime.fromtimestamp(clock.now().timestamp() // seconds * seconds, UTC)
    return None


# Who does it


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (
        Job.finished_at.is_(None)
        & Job.failed_at.is_(None)
        & (Job.run_at <= now)
        & (Job.leased_until.is_(None) | (Job.leased_until < now))
        & Job.kind.in_(HANDLERS)  # another version of the program may know more kinds
    )


def is_any_due() -> bool:
    """Tell whether there is a job to claim."""
    return db.session.scalar(select(Job.id).where(_is_due(clock.now())).limit(1)) is not None


def claim(length: timedelta = LEASE) -> Task | None:
    """Take the job that has been due for longest, for so long; None when there is none. To be committed before the work."""
    now = clock.now()
    first = select(Job.id).where(_is_due(now)).order_by(Job.run_at, Job.id).limit(1)
    taken = (
        update(Job)
        .where(Job.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(lease=secrets.token_hex(16), leased_until=now + length, started_at=now, tries=Job.tries + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.tries, Job.done, Job.lease, Job.started_at)
        .execution_options(synchronize_session=False)
    )
    row = db.session.execute(taken).one_or_none()
    return Task(*row) if row else None


def renewed(task: Task, length: timedelta) -> Any:
    """Return the statement that lets a lease run for so long from now, if it is still held."""
    return _held(task).values(leased_until=clock.now() + length)


def note(task: Task, progress: Progress, length: timedelta = LEASE) -> None:
    """Keep how far a job is, and its lease. Raises LeaseLost."""
    now = clock.now()
    _change(task, done=progress.done, total=progress.total, leased_until=now + length)


def finish(task: Task) -> None:
    """Let a job be done. Raises LeaseLost."""
    now = clock.now()
    _change(task, **_LET_GO, finished_at=now, took_ms=_milliseconds(task, now), error=None, payload={})


def give_back(task: Task) -> None:
    """Let somebody else do this job, at once; this try does not count. Raises LeaseLost."""
    _change(task, **_LET_GO, tries=task.tries - 1)


def fail(task: Task, reason: str, *, for_good: bool = False) -> bool:
    """Let a job be tried again after a delay that grows; return whether this was the last try. Raises LeaseLost."""
    now = clock.now()
    is_dead = for_good or task.tries >= HANDLERS[task.kind].tries
    when: dict[str, Any] = {"failed_at": now} if is_dead else {"run_at": now + delay(task.tries)}
    _change(task, **_LET_GO, **when, took_ms=_milliseconds(task, now), error=reason[:LONGEST_ERROR])
    return is_dead


def delay(tries: int) -> timedelta:
    """Return how long to wait after so many tries: half a minute, then four times as long each time, six hours at most."""
    growth: int = 4 ** min(tries - 1, 10)
    return min(FIRST_DELAY * growth, LONGEST_DELAY)


_LET_GO: dict[str, Any] = {"lease": None, "leased_until": None}


def _held(task: Task) -> Any:
    return (
        update(Job)
        .where(Job.id == task.id, Job.lease == task.lease, Job.finished_at.is_(None), Job.failed_at.is_(None))
        .execution_options(synchronize_session=False)
    )


def _change(task: Task, **values: Any) -> None:
    if db.session.execute(_held(task).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(f"job {task.id}")


def _milliseconds(task: Task, now: datetime) -> int:
    return max(0, int((now - task.started_at) / timedelta(milliseconds=1)))


@handles("cleaning", daily=time(4, 10))
def clean(_task: Task) -> None:
    """Forget jobs that were finished two weeks ago."""
    db.session.execute(delete(Job).where(Job.finished_at < clock.now() - KEPT))


# Who looks after them


def running() -> Select[Job]:
    """Return the jobs that a worker holds, the longest held first."""
    held = Job.leased_until >= clock.now()
    return select(Job).where(Job.finished_at.is_(None), Job.failed_at.is_(None), held).order_by(Job.started_at, Job.id)


def waiting() -> Select[Job]:
    """Return the jobs that nobody holds yet, the next one first."""
    free = Job.leased_until.is_(None) | (Job.leased_until < clock.now())
    return select(Job).where(Job.finished_at.is_(None), Job.failed_at.is_(None), free).order_by(Job.run_at, Job.id)


def failed() -> Select[Job]:
    """Return the dead letters, the newest first."""
    return (
        select(Job)
        .where(Job.failed_at.is_not(None), Job.finished_at.is_(None))
        .order_by(Job.failed_at.desc(), Job.id.desc())
    )


def slow() -> Select[Job]:
    """Return the finished jobs that took long, the slowest first."""
    limit = SLOW / timedelta(milliseconds=1)
    return select(Job).where(Job.finished_at.is_not(None), Job.took_ms >= limit).order_by(Job.took_ms.desc(), Job.id)


def retry(job: Job) -> None:
    """Let a dead letter be tried anew, at once and as often as the first time. Raises AlreadyDone when it is none."""
    _settle(job, failed_at=None, error=None, tries=0, run_at=clock.now())


def drop(job: Job, by: str) -> None:
    """Let a dead letter rest; that and by whom stays until it is cleaned away. Raises AlreadyDone when it is none."""
    _settle(job, finished_at=clock.now(), payload={}, error=f"dropped by {by}; {job.error or ''}"[:LONGEST_ERROR])


def _settle(job: Job, **values: Any) -> None:
    dead = update(Job).where(Job.id == job.id, Job.failed_at.is_not(None), Job.finished_at.is_(None))
    if db.session.execute(dead.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyDone()
