"""What may happen to a site's database: somebody holds its lock for too long, or it is not there."""

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
