"""The libraries that the whole program shares, and how it speaks with its database."""

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, SessionTransaction, registry

try:
    from pysqlite3 import dbapi2
except ImportError:  # no wheel for this machine: Python's own, with the journal that its age allows
    import sqlite3 as dbapi2

sqlite_module: Any = dbapi2

# From this version on, WAL is free of the "WAL-reset" fault that can lose committed writes (sqlite.org/wal.html#walresetbug).
WAL_IS_SAFE_FROM = (3, 51, 3)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, kept and given back in UTC. SQLite returns naive datetimes; naive input is refused (ValueError)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, without its zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with UTC as its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Compared byte by byte on both databases, so that a path sorts alike (PostgreSQL would else use the locale's order).
ByteString = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The base of every table."""

    registry = registry(metadata=metadata, type_annotation_map={datetime: UTCDateTime()})


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()

# Whether what runs now may write. The web says no for safe methods (RFC 9110 9.2.1); commands may. A transaction that will
# write takes SQLite's lock at its beginning: one that reads first and writes later fails at once when another wrote between.
may_write: ContextVar[bool] = ContextVar("may_write", default=True)


def let_go() -> None:
    """End a transaction in which nothing was written yet, so that nobody waits for it while something slow is done.

    What was read is read anew when it is next asked for. Where something was written already nothing ends.
    """
    session = db.session()
    has_begun = session.info.get("has_written") or session.new or session.dirty or session.deleted
    if not has_begun and not session.in_nested_transaction():
        session.rollback()


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    session.info["has_written"] = True


@event.listens_for(Session, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info["has_written"] = True


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("has_written", None)


def sqlite_journal() -> str:
    """Return the journal that this SQLite may be trusted with: WAL, or TRUNCATE below 3.51.3."""
    version = tuple(int(part) for part in sqlite_module.sqlite_version.split("."))
    return "WAL" if version >= WAL_IS_SAFE_FROM else "TRUNCATE"


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite_module.Connection):
        return
    connection.isolation_level = None  # else the driver sends a BEGIN of its own
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 5000",  # first: two processes on a fresh file else meet "database is locked"
        f"journal_mode = {sqlite_journal()}",
        "synchronous = FULL",  # an acknowledged comment survives a power cut
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cache_size = -16000",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write.get() else "BEGIN")
