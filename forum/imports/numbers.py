"""Which number a row gets: the one that it had, where that is free, else one above every number that the file asks for."""

from collections.abc import Iterable

from sqlalchemy import func, select, text

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.extensions import db
from forum.imports.records import LARGEST_NUMBER

AT_ONCE = 500  # numbers in one question


class Numbers:
    """The numbers of one table, while an import asks for some of them."""

    def __init__(self, model: type[Article | Comment], highest: int, is_trial: bool) -> None:
        self.model = model
        self.is_trial = is_trial
        self._last = max(highest, db.session.scalar(select(func.max(model.id))) or 0, self._given_out())
        self.reserve()

    def taken(self, wanted: Iterable[int]) -> set[int]:
        """Return which of these numbers cannot be had: another row has them, or there is no room for them."""
        numbers = list(wanted)
        found = {number for number in numbers if number > LARGEST_NUMBER}
        asked = [number for number in numbers if number <= LARGEST_NUMBER]
        for start in range(0, len(asked), AT_ONCE):
            some = self.model.id.in_(asked[start : start + AT_ONCE])
            found.update(db.session.scalars(select(self.model.id).where(some)))
        return found

    def new(self) -> int:
        """Return a number that neither a row nor the file has."""
        self._last += 1
        return self._last

    def reserve(self) -> None:
        """Let what readers and editors write get numbers above these (with SQLite's AUTOINCREMENT it does by itself).

        Done before the first row too, for they go on writing meanwhile. A sequence is not set back with a transaction, so a
        trial leaves it alone.
        """
        if not self.is_trial and _is_postgresql():
            statement = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
            last = max(self._last, self._given_out())
            db.session.execute(statement, {"name": self.model.__tablename__, "last": max(last, 1)})

    def _given_out(self) -> int:
        """Return the last number that the database gave out by itself, to a row that may be gone."""
        name = self.model.__tablename__
        if _is_postgresql():
            statement = text(f"SELECT last_value FROM {name}_id_seq")  # noqa: S608  a name of ours
            return db.session.scalar(statement) or 0
        return db.session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name}) or 0


def _is_postgresql() -> bool:
    return db.session.connection().dialect.name == "postgresql"
