"""The stage of every benchmark: a site of its own that is gone afterwards, and how its numbers are printed."""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, make_url, text

from forum import create_app, migrating
from forum.extensions import db, may_write, sqlite_module


def parser(module_docstring: str | None) -> argparse.ArgumentParser:
    """Return a parser with the option that every benchmark has."""
    made = argparse.ArgumentParser(description=module_docstring, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--database",
        default=os.environ.get("FORUM_DATABASE_URL", ""),
        metavar="URL",
        help="a PostgreSQL server, on which a database is made and dropped again (default: FORUM_DATABASE_URL, else SQLite)",
    )
    return made


@contextmanager
def site(server: str) -> Iterator[Flask]:
    """Make a site with empty tables, on SQLite in a temporary folder or in a new database on this PostgreSQL server."""
    with tempfile.TemporaryDirectory(prefix="forum-bench-") as folder:
        address, admin, name = "", None, f"forum_bench_{secrets.token_hex(4)}"
        if server and not server.startswith("sqlite"):
            url = make_url(server.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
            admin = create_engine(url, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            address = url.set(database=name).render_as_string(hide_password=False)
        app = create_app(Path(folder), environ={}, DATABASE_URL=address, RATE_LIMITS=False)
        try:
            with app.app_context():
                may_write.set(True)
                migrating.upgrade()
                print(f"{database_version()}, {os.cpu_count()} cores")
                db.session.remove()
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            if admin is not None:
                with admin.connect() as connection:
                    connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
                admin.dispose()


@contextmanager
def filling(app: Flask) -> Iterator[None]:
    """Write into the site's database; committed at the end."""
    with app.app_context():
        may_write.set(True)
        yield
        db.session.commit()
        db.session.remove()


def database_version() -> str:
    """Return name and version of the database that is measured."""
    if db.engine.dialect.name == "sqlite":
        return f"SQLite {sqlite_module.sqlite_version}"
    return f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}"


def visitor(app: Flask) -> FlaskClient:
    """Return a browser that keeps no cookies: each request is a stranger's."""
    return app.test_client(use_cookies=False)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Gather every statement that is sent to a database inside the block, but for the begin of a transaction."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


class Stopwatch:
    """Milliseconds by the clock and of this process's CPU: `with Stopwatch() as watch: ...; watch.ms, watch.cpu`.

    On a machine with other work the second is what the code costs.
    """

    ms = cpu = 0.0

    def __enter__(self) -> "Stopwatch":
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.ms = (time.perf_counter() - self._began[0]) * 1000
        self.cpu = (time.process_time() - self._began[1]) * 1000
