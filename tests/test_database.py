"""The database keeps its word: nothing acknowledged is lost, nobody is turned away by a neighbour, every moment has its zone."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import StatementError

from forum import extensions
from forum.articles.models import Redirect
from forum.errors import DatabaseBusy, as_refusal
from forum.extensions import may_write, sqlite_journal, sqlite_module
from forum.media.models import Media
from forum.polls.models import Poll
from tests.at_once import in_programs, in_threads
from tests.conftest import ON_POSTGRESQL
from tests.factories import make_poll

on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="SQLite's own affair")
on_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="PostgreSQL's own affair")


def said(answer):
    return answer.scalar_one()


@on_sqlite
def test_every_connection_begins_with_its_pragmas_in_this_order(tmp_path):
    heard = []

    class Listening(sqlite_module.Connection):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.set_trace_callback(heard.append)

    engine = create_engine(
        f"sqlite:///{tmp_path / 'new.sqlite'}", module=sqlite_module, connect_args={"factory": Listening}
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    engine.dispose()
    assert heard[:4] == [
        "PRAGMA busy_timeout = 5000",
        f"PRAGMA journal_mode = {sqlite_journal()}",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ]
    assert heard.index("BEGIN IMMEDIATE") > heard.index("PRAGMA foreign_keys = ON")


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("busy_timeout", 5000), ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0)],
)
def test_the_site_runs_with_its_pragmas(session, pragma, value):
    if pragma == "journal_mode" and sqlite_journal() != "WAL":
        value = "truncate"
    assert said(session.execute(text(f"PRAGMA {pragma}"))) == value


@pytest.mark.parametrize(
    ("version", "journal"),
    [("3.53.4", "WAL"), ("3.51.3", "WAL"), ("3.51.2", "TRUNCATE"), ("3.45.1", "TRUNCATE"), ("3.9.0", "TRUNCATE")],
)
def test_only_a_sqlite_without_the_wal_reset_fault_writes_ahead(monkeypatch, version, journal):
    monkeypatch.setattr(extensions, "sqlite_module", SimpleNamespace(sqlite_version=version))
    assert sqlite_journal() == journal


@on_sqlite
@pytest.mark.parametrize(("may", "taken"), [(True, True), (False, False)])
def test_who_may_write_has_the_lock_from_the_beginning_and_who_reads_has_none(app, session, may, taken):
    session.commit()
    token = may_write.set(may)
    session.execute(text("SELECT count(*) FROM article"))
    may_write.reset(token)
    neighbour = sqlite_module.connect(
        app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"), timeout=0, isolation_level=None
    )
    try:
        if taken:
            with pytest.raises(sqlite_module.OperationalError, match="locked"):
                neighbour.execute("BEGIN IMMEDIATE")
        else:
            neighbour.execute("BEGIN IMMEDIATE")
            assert neighbour.in_transaction
    finally:
        neighbour.close()


@on_postgresql
@pytest.mark.parametrize(
    ("name", "value"),
    [("statement_timeout", "5s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")],
)
def test_nobody_waits_for_ever(session, name, value):
    assert said(session.execute(text(f"SHOW {name}"))) == value


def test_a_foreign_key_is_kept(session):
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        session.execute(text("INSERT INTO author_alias (slug, name, author_id) VALUES ('jan', 'Jan', 77)"))


@pytest.mark.parametrize(("at_once", "many"), [(in_threads, 8), (in_programs, 2)])
def test_who_reads_and_then_writes_gets_their_turn_and_overwrites_nobody(app, session, at_once, many):
    poll_id = make_poll().id

    def add(_number):
        for _ in range(10):
            poll = session.get(Poll, poll_id, with_for_update=True)
            poll.carried_count = poll.carried_count + 1
            session.commit()
        return "done"

    assert at_once(app, add, many) == ["done"] * many
    assert session.scalar(select(Poll.carried_count)) == 10 * many


def test_a_database_without_answer_is_a_refusal_that_says_when_to_come_back(app, session):
    session.add(Redirect(path="/oud", target="/nieuw"))
    session.commit()
    session.execute(text("UPDATE redirect SET target = '/hier'"))
    with app.app_context():
        patience = "SET lock_timeout = '20ms'" if ON_POSTGRESQL else "PRAGMA busy_timeout = 20"
        token = may_write.set(False)  # else SQLite waits at the transaction's beginning already
        session.execute(text(patience))
        may_write.reset(token)
        with pytest.raises(Exception, match=r"(?i)lock") as failure:
            session.execute(text("UPDATE redirect SET target = '/daar'"))
        refusal = as_refusal(failure.value)
        session.rollback()
    assert isinstance(refusal, DatabaseBusy)
    assert (refusal.status, refusal.retry_after) == (503, 5)


def test_a_fault_of_ours_is_no_refusal(app):
    with pytest.raises(ZeroDivisionError):
        as_refusal(ZeroDivisionError())


def picture(moment):
    return Media(name="a.webp", width=1, height=1, created_at=moment)


def test_a_moment_without_its_zone_is_refused(session):
    session.add(picture(datetime(2026, 3, 29, 2, 30)))  # noqa: DTZ001  exactly this is refused
    with pytest.raises(StatementError, match="a moment needs its zone"):
        session.flush()


def test_a_moment_comes_back_in_utc_to_the_microsecond(session):
    moment = datetime(2026, 3, 29, 3, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    session.add(picture(moment))
    session.commit()
    kept = session.scalar(select(Media.created_at))
    assert kept == moment
    assert (kept.tzinfo, kept.hour) == (UTC, 1)


def test_moments_of_different_zones_compare_as_moments(session):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    for hours in (-5, 0, 2):
        session.add(picture(noon.astimezone(timezone(timedelta(hours=hours)))))
    session.flush()
    later = timezone(timedelta(hours=9))
    found = select(Media).where(Media.created_at == noon.astimezone(later))
    assert len(session.scalars(found).all()) == 3
    assert session.scalar(select(Media.id).where(Media.created_at < noon)) is None


def test_no_moment_is_no_moment(session):
    poll = make_poll(closes_at=None)
    session.commit()
    assert poll.closes_at is None
