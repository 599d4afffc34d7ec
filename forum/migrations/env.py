"""How Alembic reaches our database: the program's own engine, one transaction, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from forum.extensions import UTCDateTime, db

# One number for "the schema of Forum is being changed"; two programs that start at once wait for each other.
ADVISORY_LOCK = 7_405_260_123


def _plain_moment(kind: str, column_type: object, _context: object) -> str | Literal[False]:
    """Write our type of a moment as the plain one that it is in the database, which needs none of our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(column_type, UTCDateTime) else False


def run() -> None:
    """Run what Alembic was asked to, in one transaction that takes the database's lock first."""
    with db.engine.connect() as connection, _free_to_remake_tables(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=_plain_moment,
            transactional_ddl=False,  # the transaction around all of it is ours
            **current_app.extensions["migrate"].configure_args,
        )
        with _counting_on(connection):
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"after this migration {len(broken)} rows would refer to nothing")


@contextmanager
def _free_to_remake_tables(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table that others refer to, as it must to change one (sqlite.org/lang_altertable.html, 7).

    With foreign keys on, dropping a table deletes its rows first, and what hangs from them goes too: the comments with their
    articles. The switch works outside a transaction only.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _counting_on(connection: Connection) -> Iterator[None]:
    """Let SQLite go on counting where it was in a table that is made anew: no row gets the number of one that is gone."""
    if connection.dialect.name != "sqlite" or "sqlite_sequence" not in _tables(connection):
        yield
        return
    given = connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all()
    yield
    for name, last in given:
        if name in _tables(connection):
            values = {"name": name, "last": last}
            known = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), values).scalar()
            if known is None:
                connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)
            elif known < last:
                connection.execute(text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name"), values)


def _tables(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())


run()
