"""A job is there with its transaction, done once whatever happens to its worker, and a trouble is seen and not lost."""

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import pytest
from sqlalchemy import func, inspect, select, text

from forum import jobs, mail, migrating, versions
from forum.errors import AlreadyDone
from forum.extensions import db, sqlite_module
from forum.jobs import GiveUp, Job, Progress
from forum.versions import Version
from forum.worker import work
from tests.at_once import in_programs, in_threads
from tests.conftest import ON_POSTGRESQL, make_app
from tests.factories import make_article, make_comment
from tests.workers import LEASE, at_work, kill_at_random, until

SECOND = timedelta(seconds=1)


@pytest.fixture
def handles():
    """`jobs.handles` for one test: of the program's own kinds there is mail alone, so that nothing comes by itself."""
    known = dict(jobs.HANDLERS)
    jobs.HANDLERS.clear()
    jobs.HANDLERS["mail"] = known["mail"]
    yield jobs.handles
    jobs.HANDLERS.clear()
    jobs.HANDLERS.update(known)


def add(kind="count", number=1, **changes):
    """Write and commit a job; its payload names the version that it bumps."""
    job = jobs.enqueue(kind, {"name": f"job {number}"}, **changes)
    db.session.commit()
    return job


def run(app, **options):
    """Let a worker do what is due, beside no transaction of the test's own."""
    db.session.commit()
    return work(app, **(options or {"once": True}))


def bumped():
    """How often each job's writes were committed."""
    return dict(db.session.execute(select(Version.name, Version.number)).all())


@pytest.fixture
def count(handles):
    """A kind of job that counts: its version's number is how often it was done."""

    @handles("count")
    def count(task):
        versions.bump(task.payload["name"])

    return count


def state(job):
    db.session.commit()
    db.session.refresh(job)
    return job


# Written


def test_a_job_that_is_rolled_back_with_its_transaction_was_never_there(app, session, count):
    jobs.enqueue("count", {"name": "nooit"})
    session.rollback()
    assert run(app) == 0
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_job_is_done_after_its_transaction_and_forgets_what_it_was_given(app, session, count):
    job = add(title="Tellen")
    assert run(app) == 1
    assert bumped() == {"job 1": 1}
    done = state(job)
    assert (done.finished_at is not None, done.failed_at, done.payload, done.title) == (True, None, {}, "Tellen")
    assert (done.tries, done.lease, done.leased_until) == (1, None, None)
    assert run(app) == 0


def test_of_jobs_with_one_key_there_is_one_also_after_it_is_done(app, session, count):
    job = add(key="vandaag")
    assert add(number=2, key="vandaag").id == job.id
    run(app)
    assert add(number=3, key="vandaag").id == job.id
    run(app)
    assert bumped() == {"job 1": 1}


def test_who_write_one_key_at_once_write_one_job(app, session, count):
    assert len(set(in_threads(app, lambda number: add(number=number, key="samen").id, many=4))) == 1
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_kind_that_nobody_handles_is_refused_and_one_of_another_version_waits(app, session, count):
    with pytest.raises(KeyError, match="fly"):
        jobs.enqueue("fly", {})
    job = add()
    job.kind = "fly"
    session.commit()
    assert run(app) == 0
    assert state(job).tries == 0


def test_a_job_waits_for_its_moment_and_the_longest_due_comes_first(app, session, now, handles):
    done = []
    handles("note")(lambda task: done.append(task.payload["name"]))
    add("note", 1, run_at=now() + SECOND)
    add("note", 2, run_at=now() - SECOND)
    add("note", 3, run_at=now() - 2 * SECOND)
    assert run(app) == 2
    assert done == ["job 3", "job 2"]
    now.moment += SECOND
    assert run(app) == 1


# Tried again


def test_what_a_failed_try_wrote_is_taken_back_and_the_job_comes_again_later(app, session, now, handles, caplog):
    troubles = ["ann@example.org is weg", ""]

    @handles("shaky")
    def shaky(task):
        db.session.add(Version(name=task.payload["name"], number=1))
        db.session.flush()
        if trouble := troubles.pop(0):
            raise ArithmeticError(trouble)

    job = add("shaky")
    assert run(app) == 1
    assert bumped() == {}
    assert (state(job).tries, job.run_at, job.failed_at) == (1, now() + timedelta(seconds=30), None)
    assert job.error.startswith("ArithmeticError: ann@example.org is weg (test_jobs.py:")
    assert "ArithmeticError" in caplog.text
    assert "example.org" not in caplog.text
    assert run(app) == 0
    now.moment = job.run_at
    assert run(app) == 1
    assert bumped() == {"job 1": 1}
    assert (state(job).error, job.tries) == (None, 2)


def test_the_delays_grow_to_six_hours_and_reach_over_a_day():
    delays = [jobs.delay(tries) for tries in range(1, jobs.TRIES)]
    assert delays[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8)]
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(hours=6)
    assert timedelta(days=1) < sum(delays, timedelta()) < timedelta(days=2)
    assert jobs.delay(10**9) == timedelta(hours=6)


def test_after_its_last_try_a_job_is_a_dead_letter_that_can_be_tried_anew_or_dropped(app, session, now, handles):
    handles("broken", tries=2)(lambda _task: 1 / 0)
    job, other = add("broken", 1), add("broken", 2)
    for _ in range(2):
        run(app)
        now.moment += timedelta(minutes=1)
    assert session.scalars(jobs.failed()).all() == [state(other), state(job)]
    assert run(app) == 0
    jobs.retry(job)
    jobs.drop(other, "Adam")
    session.commit()
    assert session.scalars(jobs.failed()).all() == []
    assert (state(job).tries, job.failed_at, state(other).error.split(";")[0]) == (0, None, "dropped by Adam")
    for settle in (lambda: jobs.retry(job), lambda: jobs.drop(other, "Adam")):
        with pytest.raises(AlreadyDone):
            settle()
    session.commit()
    assert run(app) == 1


def test_who_gives_up_keeps_what_was_written_and_is_not_tried_again(app, session, handles):
    @handles("hopeless")
    def hopeless(task):
        versions.bump(task.payload["name"])
        return GiveUp("dit wordt niets")

    job = add("hopeless")
    run(app)
    assert bumped() == {"job 1": 1}
    assert (state(job).failed_at is not None, job.error) == (True, "dit wordt niets")


def test_a_job_that_ends_its_worker_each_time_is_a_dead_letter_too(app, session, now, handles):
    ran = []
    handles("deadly", tries=2)(ran.append)
    job = add("deadly")
    for _ in range(2):
        jobs.claim()
        session.commit()
        now.moment += 2 * jobs.LEASE
    assert run(app) == 1
    assert ran == []
    assert (state(job).failed_at is not None, job.error) == (True, "its worker ended before it did")


# Leases


def test_a_claimed_job_is_nobody_elses_until_its_lease_runs_out(app, session, now, count):
    job = add()
    first = jobs.claim()
    session.commit()
    assert first.id == job.id
    assert session.scalars(jobs.running()).all() == [job]
    assert jobs.claim() is None
    now.moment += jobs.LEASE + SECOND
    assert session.scalars(jobs.waiting()).all() == [job]
    second = jobs.claim()
    session.commit()
    assert (second.id, second.tries, second.lease != first.lease) == (job.id, 2, True)
    for late in (lambda: jobs.finish(first), lambda: jobs.note(first, Progress(1)), lambda: jobs.fail(first, "")):
        with pytest.raises(jobs.LeaseLost):
            late()
    jobs.finish(second)


def test_what_a_worker_wrote_for_a_job_that_was_taken_over_does_not_stay(app, session, handles, caplog):
    @handles("slept")
    def slept(task):
        with db.engine.begin() as other:
            other.execute(text("UPDATE job SET lease = 'a neighbour'"))
        versions.bump(task.payload["name"])

    job = add("slept")
    assert run(app) == 1
    assert bumped() == {}
    assert "taken over" in caplog.text
    assert (state(job).lease, job.finished_at) == ("a neighbour", None)


def test_a_lease_is_renewed_while_its_worker_lives(app, session, handles):
    @handles("long")
    def long(task):
        time.sleep(2.5 * LEASE.total_seconds())
        versions.bump(task.payload["name"])

    job = add("long")
    with at_work(app, 2):
        until(lambda: bumped() == {"job 1": 1})
    assert state(job).tries == 1


def test_workers_at_once_do_each_job_once(app, session, count):
    for number in range(60):
        jobs.enqueue("count", {"name": f"job {number}"})
    session.commit()
    done = in_programs(app, lambda _number: work(app, once=True), many=3)
    assert sum(map(int, done)) == 60
    assert bumped() == {f"job {number}": 1 for number in range(60)}
    assert set(session.scalars(select(Job.tries))) == {1}


def test_no_job_is_lost_or_done_twice_when_workers_are_killed(app, session, tmp_path, handles):
    begun = tmp_path / "begun"

    @handles("count")
    def count(task):
        with begun.open("a") as file:
            file.write(f"{task.id}\n")
        time.sleep(0.05)
        versions.bump(task.payload["name"])
        db.session.flush()
        time.sleep(0.05)

    for number in range(40):
        jobs.enqueue("count", {"name": f"job {number}"})
    session.commit()
    with at_work(app, 2) as workers:
        kill_at_random(app, workers, times=8, every=0.25)
        until(lambda: len(bumped()) == 40 and session.scalar(select(func.count(Job.finished_at))) == 40)
    assert bumped() == {f"job {number}": 1 for number in range(40)}
    assert len(begun.read_text().split()) >= 40
    assert session.scalar(select(func.count()).where(Job.failed_at.is_not(None))) == 0


# Steps


def test_a_job_in_steps_keeps_each_with_its_progress_and_goes_on_where_it_was(app, session, now, handles):
    seen = []

    @handles("steps")
    def steps(task):
        for number in range(task.done, 4):
            seen.append(number)
            if seen == [0, 1, 2]:
                raise ArithmeticError
            versions.bump(f"step {number}")
            yield Progress(number + 1, total=4)

    job = add("steps")
    run(app)
    assert (state(job).done, job.total, job.finished_at) == (2, 4, None)
    assert bumped() == {"step 0": 1, "step 1": 1}
    now.moment = job.run_at
    run(app)
    assert (state(job).done, job.finished_at) == (4, now())
    assert bumped() == {f"step {number}": 1 for number in range(4)}
    assert seen == [0, 1, 2, 2, 3]


def test_who_must_stop_ends_the_step_in_hand_and_leaves_the_rest(app, session, handles):
    seen = []

    @handles("steps")
    def steps(task):
        for number in range(task.done, 3):
            seen.append(number)
            yield Progress(number + 1, total=3)

    job = add("steps")
    other = add("steps", run_at=datetime.now(UTC))
    assert run(app, must_stop=lambda: bool(seen)) == 1
    assert (state(job).done, job.tries, job.lease, job.finished_at) == (1, 0, None, None)
    assert state(other).tries == 0
    assert run(app) == 2
    assert seen == [0, 1, 2, 0, 1, 2]


# Periods


def test_a_daily_job_comes_once_a_day_at_its_time_in_the_papers_zone(app, session, now, handles):
    days = []
    handles("digest", daily=clock_time(7, 30))(lambda _task: days.append(now().isoformat()[:16]))
    now.set(2026, 10, 24, 5, 29)
    assert run(app) == 0
    assert session.scalars(select(Job.run_at)).all() == [datetime(2026, 10, 24, 5, 30, tzinfo=UTC)]
    for moment in ((24, 5, 30), (24, 12, 0), (25, 5, 30), (25, 6, 30), (25, 20, 0)):  # on the 25th summer time ends
        now.set(2026, 10, *moment)
        run(app)
        run(app)
    assert days == ["2026-10-24T05:30", "2026-10-25T06:30"]


def test_a_job_of_a_period_is_written_once_however_many_workers_there_are(app, session, now, handles):
    ran = []
    handles("hourly", every=timedelta(hours=1))(lambda _task: ran.append(now().hour))
    in_threads(app, lambda _number: work(app, once=True), many=4)
    now.moment += timedelta(minutes=54)
    run(app)
    assert ran == [13]
    now.moment += timedelta(minutes=1)
    run(app)
    assert ran == [13, 14]
    assert session.scalars(select(Job.key).order_by(Job.id)).all() == [
        "hourly 2026-11-22T13:00:00+00:00",
        "hourly 2026-11-22T14:00:00+00:00",
    ]


def test_a_period_is_no_longer_than_its_key_is_kept(handles):
    for period in (timedelta(0), timedelta(days=8)):
        with pytest.raises(ValueError, match="at most 7 days"):
            handles("rare", every=period)
    assert jobs.LONGEST_PERIOD < jobs.KEPT


def test_finished_jobs_are_forgotten_after_two_weeks_and_dead_letters_never(app, session, now):
    now.set(2026, 11, 22, 3, 10)  # ten past four
    old, fresh, dead, waiting = (add("cleaning", number, run_at=now() + timedelta(days=60)) for number in range(4))
    old.finished_at = now() - jobs.KEPT - SECOND
    fresh.finished_at = now() - jobs.KEPT + timedelta(hours=1)
    dead.failed_at = now() - timedelta(days=300)
    kept = {fresh.id, dead.id, waiting.id}
    assert run(app) == 1
    assert set(session.scalars(select(Job.id).where(Job.key.is_(None)))) == kept


# Around them


def test_who_reads_for_a_job_keeps_nobody_from_writing_and_takes_nothing_back(app, session):
    session.execute(text("SELECT 1"))
    with pytest.raises(RuntimeError, match="transaction"), jobs.reading():
        pass
    session.commit()
    with jobs.reading():
        session.execute(text("SELECT count(*) FROM job"))
        if not ON_POSTGRESQL:
            address = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
            neighbour = sqlite_module.connect(address, timeout=0, isolation_level=None)
            neighbour.execute("BEGIN IMMEDIATE")
            neighbour.close()
    assert not session().in_transaction()


def test_the_slow_ones_are_those_that_took_half_a_minute(app, session, now, handles):
    def last(task):
        now.moment += timedelta(seconds=task.payload["name"] == "job 2" and 45)

    handles("nap")(last)
    add("nap", 1), add("nap", 2)
    run(app)
    assert [job.took_ms for job in session.scalars(jobs.slow())] == [45_000]


def test_jobs_and_letters_come_and_go_with_their_tables_and_nothing_else_does(home, app):
    site = make_app(home, home.make_database())
    with site.app_context():
        migrating.upgrade()
        make_comment(make_article())
        mail.send("ann@example.org", "test", "nl")
        mail.decline("ann@example.org", "digest")
        db.session.commit()
        migrating.downgrade("0001")
        tables = set(inspect(db.engine).get_table_names())
        assert {"job", "mail_address", "declined_mailing"} & tables == set()
        assert db.session.scalar(text("SELECT count(*) FROM comment")) == 1
        db.session.commit()
        migrating.upgrade()
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0
        db.session.remove()
        db.engine.dispose()
