"""What every test may ask for: a site of its own on the database under test, somebody to visit it, and a clock that stands still.

Which database: FORUM_TEST_DATABASE (sqlite, the default, or postgresql at FORUM_TEST_POSTGRES). Each test begins with empty
tables, made once per process by the migrations themselves.
"""

import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import scoped_session

from forum import clock, create_app, migrating
from forum.extensions import db as database
from forum.extensions import may_write

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
ON_POSTGRESQL = os.environ.get("FORUM_TEST_DATABASE") == "postgresql"
# Argon2 at its cheapest: tests sign in hundreds of times.
CHEAP_PASSWORDS = {"argon2__memory_cost": 8, "argon2__time_cost": 1, "argon2__parallelism": 1}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="also what takes longer than a run before each commit may take"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if "long" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="takes long: give --long"))
            elif ON_POSTGRESQL and "look" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="how a page looks was seen on SQLite: give --long"))


def left_out(reason: str) -> NoReturn:
    """End a test that this machine cannot run: skipped, but with CI=true that is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True, scope="session")
def no_way_out() -> Iterator[None]:
    """No test reaches another machine: a connection beyond the loopback fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            ("127.", "::1", "localhost")
        ):
            raise AssertionError(f"a test wanted to reach {address[0]}")
        return connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


class Home:
    """Where a test process keeps its instance folder and its database."""

    def __init__(self, folder: Path) -> None:
        self.instance = folder / "instance"
        self.instance.mkdir()
        self.template = folder / "template.sqlite"
        self.templates = FileSystemBytecodeCache(str(self.instance))
        self.server = os.environ.get("FORUM_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/postgres")
        self.name = f"forum_test_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}_{secrets.token_hex(4)}"
        self.counter = 0

    def make_database(self) -> str:
        """Make an empty database without tables and return its address."""
        if not ON_POSTGRESQL:
            self.counter += 1
            return f"sqlite:///{self.instance.parent / f'{self.counter}.sqlite'}"
        self.counter += 1
        name = f"{self.name}_{self.counter}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return _with_name(self.server, name)

    def drop_databases(self) -> None:
        """Leave nothing on the server."""
        if ON_POSTGRESQL:
            with psycopg.connect(self.server, autocommit=True) as connection:
                for number in range(1, self.counter + 1):
                    connection.execute(f'DROP DATABASE IF EXISTS "{self.name}_{number}" WITH (FORCE)')


def _with_name(address: str, name: str) -> str:
    """Return a libpq URL with another database in it."""
    base, _, query = address.partition("?")
    head = base.rsplit("/", 1)[0] if base.count("/") > 2 else base
    return f"{head}/{name}{'?' + query if query else ''}"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("home"))
    yield home
    home.drop_databases()


@pytest.fixture(scope="session")
def _made(home: Home) -> str:
    """The database with its tables, made once by the migrations."""
    address = home.make_database()
    app = make_app(home, address)
    with app.app_context():
        migrating.upgrade()
        database.engine.dispose()
    if not ON_POSTGRESQL:
        shutil.copy(address.removeprefix("sqlite:///"), home.template)
    return address


def make_app(home: Home, address: str, **overrides: Any) -> Flask:
    settings: dict[str, Any] = {
        "DATABASE_URL": address,
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": True,
        "RATE_LIMITS": False,
        "PASSWORD_COST": CHEAP_PASSWORDS,
        "MEDIA_FOLDER": str(home.instance / "media"),
        "MAIL_BACKEND": "memory",
        "LIMITS_ADDRESS": f"sqlite:///{home.instance / secrets.token_hex(4)}.limits",  # every site counts from nothing
        **overrides,
    }
    app = create_app(home.instance, environ={}, **settings)
    app.jinja_env.bytecode_cache = home.templates  # a hundred sites are made; their templates are compiled once
    return app


@pytest.fixture
def make_site(home: Home, _made: str) -> Iterator[Any]:
    """Make a site with settings of its own, on the test's database: `make_site(TRUSTED_PROXIES=1)`."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        app = make_app(home, _made, **overrides)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            database.session.remove()
            database.engine.dispose()


@pytest.fixture(scope="session")
def _site(home: Home, _made: str) -> Flask:
    """The site that all tests visit who want no other settings: made once, so that its queries and templates are compiled once."""
    return make_app(home, _made)


@pytest.fixture
def app(home: Home, _made: str, _site: Flask) -> Iterator[Flask]:
    """The site, its tables empty, inside its context."""
    with _site.app_context():
        database.engine.dispose()
        _empty(home, _made)
        may_write.set(True)
        yield _site
        database.session.remove()
        database.engine.dispose()


def _empty(home: Home, address: str) -> None:
    if not ON_POSTGRESQL:
        path = address.removeprefix("sqlite:///")
        for ending in ("-wal", "-shm"):
            Path(path + ending).unlink(missing_ok=True)
        shutil.copy(home.template, path)
        return
    # Not TRUNCATE: it makes every file anew, which takes longer than most tests.
    with database.engine.begin() as connection:
        for table in reversed(database.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.exec_driver_sql("SELECT setval(format('%%I', sequencename)::regclass, 1, false) FROM pg_sequences")


@pytest.fixture
def session(app: Flask) -> scoped_session[Any]:
    """The session of the site's database."""
    return database.session


class Visitor(FlaskClient):
    """A browser: what the test has written is committed before it asks, and each request has a context of its own."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        database.session.commit()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        may_write.set(True)
        return answer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    app.test_client_class = Visitor
    return app.test_client()


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)

    def set(self, *parts: int) -> None:
        """Let it be this moment, in UTC."""
        self.moment = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A standing clock, at 22 November 2026 14:05 in Amsterdam."""
    standing = Clock()
    monkeypatch.setattr(clock, "now", standing)
    return standing


@pytest.fixture
def shared() -> Path:
    """The folder of real input, which lies beside the checkout."""
    if not SHARED.exists():
        left_out(f"there is no real input at {SHARED.parent.name}/{SHARED.name} beside this checkout")
    return SHARED
