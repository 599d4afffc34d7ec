"""What may happen to a site's database: somebody holds its lock for too long, its disk is full, or it is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event

from forum.extensions import db, sqlite_module
from tests.conftest import ON_POSTGRESQL

LOCKED_FOR_WRITING = (
    "discussion, comment, poll, choice, vote, article, revision, moderation_action, version, user_role, user_session"
)


def impatient(make_site: Any, **settings: Any) -> Flask:
    """Return a site that waits a twentieth of a second for a lock, not five whole ones."""
    if ON_POSTGRESQL:
        options = {"connect_args": {"options": "-c lock_timeout=50"}}
        return make_site(SQLALCHEMY_ENGINE_OPTIONS=options, **settings)
    site = make_site(**settings)

    def hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 50")

    with site.app_context():
        db.session.commit()
        event.listen(db.engine, "connect", hurry)
    return site


@contextmanager
def locked() -> Iterator[None]:
    """Let another process write without end: everybody may read, nobody else may write."""
    db.session.commit()
    address = db.engine.url.render_as_string(hide_password=False)
    if ON_POSTGRESQL:
        with psycopg.connect(address) as other:
            other.execute(f"LOCK TABLE {LOCKED_FOR_WRITING} IN EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    other = sqlite_module.connect(address.removeprefix("sqlite:///"))
    other.isolation_level = None
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@contextmanager
def full(site: Flask) -> Iterator[None]:
    """Let there be no room for another comment on the disk of this site's database: nothing of it is kept."""
    db.session.commit()
    if ON_POSTGRESQL:
        refuse = "CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$"
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"{refuse} LANGUAGE plpgsql")
            connection.exec_driver_sql("CREATE TRIGGER no_room BEFORE INSERT ON comment EXECUTE FUNCTION no_room()")
        yield
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER no_room ON comment")
            connection.exec_driver_sql("DROP FUNCTION no_room")
        return

    def fill_up(connection: Any, *_: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with site.app_context():
        engine = db.engine
        event.listen(engine, "checkout", fill_up)
        yield
        event.remove(engine, "checkout", fill_up)
        engine.dispose()


@contextmanager
def gone(site: Flask) -> Iterator[None]:
    """Let the database of this site be gone: nothing that is asked of it is answered."""

    def refuse(*_arguments: Any) -> None:
        raise psycopg.OperationalError("gone") if ON_POSTGRESQL else sqlite_module.OperationalError("gone")

    with site.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", refuse)
    yield
    event.remove(engine, "before_cursor_execute", refuse)
