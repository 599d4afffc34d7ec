"""The version of each kept thing, and what the page that is being made depends on.

A page that may be kept shows things (an article, the sidebar); each has a number here that grows in the same transaction as
the thing changes. While a page is made, queries say what they looked at (`depends_on`) and until when their answer holds
(`holds_until`): a scheduled article, midnight's poll, a discussion that will close. Who keeps the page compares the numbers.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BigInteger, String, event, select, text
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from forum.extensions import Model, db

ARTICLES = "articles"  # which articles there are, and what lists show of them
SIDEBAR = "sidebar"  # today's poll and the latest comments; also every count of comments
SITE = "site"  # name, navigation, sections, authors, standing pages


class Version(Model):
    """How often a kept thing changed."""

    __tablename__ = "version"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


@dataclass
class Watch:
    """What a page depends on: names of versions, and the earliest future moment that a query looked at."""

    names: set[str] = field(default_factory=set)
    valid_until: datetime | None = None


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Gather in the yielded Watch what is looked at inside the block."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def depends_on(*names: str) -> None:
    """Say that what is being made shows these things."""
    watch = _watch.get()
    if watch is not None:
        watch.names.update(names)


def holds_until(moment: datetime | None) -> None:
    """Say that what is being made may read differently from this moment on (None: nothing is known to come)."""
    watch = _watch.get()
    if watch is not None and moment is not None and (watch.valid_until is None or moment < watch.valid_until):
        watch.valid_until = moment


def article(article_id: int) -> str:
    """Return the name of an article with everything on its page, its discussion too."""
    return f"article:{article_id}"


def poll(poll_id: int) -> str:
    """Return the name of a poll's words and its discussion."""
    return f"poll:{poll_id}"


def reader(user_id: int) -> str:
    """Return the name of what a member tells of themselves."""
    return f"reader:{user_id}"


def votes(poll_id: int) -> str:
    """Return the name of a poll's numbers: a vote empties no page that does not show them."""
    return f"votes:{poll_id}"


def bump(*names: str) -> None:
    """Let these things have changed when the running transaction commits."""
    db.session().info.setdefault("bumped", set()).update(names)


def current(names: Iterable[str]) -> dict[str, int]:
    """Return the number of each name; one that never changed is 0."""
    wanted = sorted(set(names))
    found = dict(db.session.execute(select(Version.name, Version.number).where(Version.name.in_(wanted))).all())
    return {name: found.get(name, 0) for name in wanted}


@event.listens_for(Session, "before_commit")
def _write_bumped(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint's end is not the transaction's
        return
    names = session.info.pop("bumped", None)
    if not names:
        return
    session.flush()
    # Last in the transaction and in one order, so that writers meet on these rows briefly and never in a circle.
    statement = text(
        "INSERT INTO version (name, number) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET number = version.number + 1"
    )
    session.execute(statement, [{"name": name} for name in sorted(names)])


@event.listens_for(Session, "after_soft_rollback")
def _forget_bumped(session: Session, previous: SessionTransaction) -> None:
    if previous.parent is None:
        session.info.pop("bumped", None)
