"""Counting tries in a database, so that all serving processes count together: the moving window of the `limits` library.

Beside SQLite the counts lie in a file of their own: the request that is counted may hold the main file's lock already, and what
it then takes back must stay counted. In PostgreSQL they lie in a table, on a connection of their own.
"""

import time
from contextlib import suppress
from functools import cached_property

from limits.storage import MovingWindowSupport, Storage
from sqlalchemy import (
    Column,
    Engine,
    Float,
    Index,
    Integer,
    String,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from forum.extensions import db, sqlite_module

hits = Table(
    "rate_hit",
    db.metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False),
    Column("at", Float, nullable=False),  # seconds since 1970
    Index("ix_rate_hit_key_at", "key", "at"),
)


class DatabaseStorage(Storage, MovingWindowSupport):
    """Hits as rows; each try deletes those of its key that are too old."""

    def __init__(self, address: str) -> None:
        super().__init__(address, wrap_exceptions=True)
        self.address = address

    @cached_property
    def engine(self) -> Engine:
        """Return the way to the database; made when the first try is counted."""
        if not self.address.startswith("sqlite"):
            options = {"options": "-c statement_timeout=2000"}
            return create_engine(self.address, pool_size=2, pool_pre_ping=True, connect_args=options)
        engine = create_engine(self.address, module=sqlite_module)
        with suppress(OperationalError):  # another process makes it this very moment
            hits.create(engine, checkfirst=True)
        return engine

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what is wrapped in the library's StorageError."""
        return SQLAlchemyError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a try unless there were so many in the last `expiry` seconds; tell whether it was counted."""
        now = time.time()
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # SQLite's transaction has the file's lock
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
            connection.execute(delete(hits).where(hits.c.key == key, hits.c.at <= now - expiry))
            found = connection.scalar(select(func.count()).select_from(hits).where(hits.c.key == key)) or 0
            if found + amount > limit:
                return False
            connection.execute(insert(hits), [{"key": key, "at": now}] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest counted try in the last `expiry` seconds was, and how many there are."""
        now = time.time()
        recent = select(func.min(hits.c.at), func.count()).where(hits.c.key == key, hits.c.at > now - expiry)
        with self.engine.connect() as connection:
            oldest, count = connection.execute(recent).one()
        return (oldest or now, count)

    def check(self) -> bool:
        """Tell whether the database answers."""
        with self.engine.connect() as connection:
            return connection.scalar(select(1)) == 1

    def clear(self, key: str) -> None:
        """Forget the tries of this key."""
        with self.engine.begin() as connection:
            connection.execute(delete(hits).where(hits.c.key == key))

    def reset(self) -> int | None:
        """Forget every try; return how many there were."""
        with self.engine.begin() as connection:
            return connection.execute(delete(hits)).rowcount

    def forget_before(self, moment: float) -> int:
        """Forget every try before this moment (seconds since 1970); return how many there were."""
        with self.engine.begin() as connection:
            return connection.execute(delete(hits).where(hits.c.at < moment)).rowcount

    # What the library's other strategies would ask for; the house uses the moving window alone.

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Not counted that way here. Raises NotImplementedError."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Not counted that way here. Raises NotImplementedError."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Not counted that way here. Raises NotImplementedError."""
        raise NotImplementedError
