"""A kept thing's version grows with the transaction that changes it, and with no other; a page knows what it looked at."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from forum import versions
from forum.articles.models import Redirect
from tests.at_once import in_threads
from tests.factories import make_section


def at(hour):
    return datetime(2026, 11, 22, hour, tzinfo=UTC)


def test_what_never_changed_has_version_nought(session):
    assert versions.current(["sidebar", "article:9"]) == {"sidebar": 0, "article:9": 0}


def test_a_change_counts_once_per_transaction(session):
    versions.bump("sidebar", "articles")
    versions.bump("sidebar")
    session.commit()
    assert versions.current(["sidebar", "articles"]) == {"sidebar": 1, "articles": 1}
    versions.bump("sidebar")
    session.commit()
    assert versions.current(["sidebar", "articles"]) == {"sidebar": 2, "articles": 1}


def test_a_version_is_not_new_before_the_commit(session):
    versions.bump("sidebar")
    session.flush()
    assert versions.current(["sidebar"]) == {"sidebar": 0}
    session.commit()
    assert versions.current(["sidebar"]) == {"sidebar": 1}


def test_a_version_rolls_back_with_what_it_counts(session):
    make_section("Recht")
    versions.bump("site")
    session.rollback()
    make_section("Techniek")
    session.commit()
    assert versions.current(["site"]) == {"site": 0}


def test_a_commit_that_fails_counts_nothing(session):
    session.add(Redirect(path="/oud", target="/nieuw"))
    session.commit()
    versions.bump("site")
    session.add(Redirect(path="/oud", target="/anders"))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    session.commit()
    assert versions.current(["site"]) == {"site": 0}


def test_versions_are_written_last_in_the_transaction_and_in_one_order(session):
    written = []

    def note(_connection, _cursor, statement, parameters, _context, is_many):
        if statement.startswith("INSERT INTO"):
            rows = [row.values() if isinstance(row, dict) else row for row in parameters] if is_many else []
            written.append((statement.split()[2], [next(iter(row)) for row in rows]))

    versions.bump("site", "articles", "sidebar")
    session.add(Redirect(path="/oud", target="/nieuw"))
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        session.commit()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert written == [("redirect", []), ("version", ["articles", "sidebar", "site"])]


def test_a_savepoint_neither_writes_a_version_early_nor_forgets_it(session):
    versions.bump("sidebar")
    with session.begin_nested():
        session.add(Redirect(path="/oud", target="/nieuw"))
    assert versions.current(["sidebar"]) == {"sidebar": 0}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Redirect(path="/oud", target="/anders"))
    session.commit()
    assert versions.current(["sidebar"]) == {"sidebar": 1}


def test_eight_writers_at_once_lose_no_change(app, session):
    def write(number):
        names = ["sidebar", "articles", f"article:{number}"]
        for _ in range(5):
            versions.bump(*(names if number % 2 else reversed(names)))
            session.commit()

    assert in_threads(app, write) == [None] * 8
    assert versions.current(["sidebar", "articles", "article:3"]) == {"sidebar": 40, "articles": 40, "article:3": 5}


def test_a_page_knows_everything_it_looked_at(session):
    with versions.watching() as watch:
        versions.depends_on(versions.article(7), versions.SIDEBAR)
        versions.depends_on(versions.SIDEBAR, versions.poll(3), versions.votes(3))
    assert watch.names == {"article:7", "sidebar", "poll:3", "votes:3"}


def test_a_page_holds_until_the_earliest_moment_it_looked_at(session):
    with versions.watching() as watch:
        assert watch.valid_until is None
        versions.holds_until(at(18))
        versions.holds_until(None)
        versions.holds_until(at(15))
        versions.holds_until(at(20))
    assert watch.valid_until == at(15)


def test_a_page_inside_a_page_watches_for_itself(session):
    with versions.watching() as outer:
        versions.depends_on("articles")
        with versions.watching() as inner:
            versions.depends_on("sidebar")
            versions.holds_until(at(15))
        versions.depends_on("site")
    assert (inner.names, inner.valid_until) == ({"sidebar"}, at(15))
    assert (outer.names, outer.valid_until) == ({"articles", "site"}, None)


def test_watching_ends_with_the_page_even_when_it_fails(session):
    with pytest.raises(LookupError), versions.watching() as watch:
        raise LookupError
    versions.depends_on("articles")
    versions.holds_until(at(15))
    assert (watch.names, watch.valid_until) == (set(), None)
