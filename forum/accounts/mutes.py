"""Muting: whose comments are folded for whom. It says nothing to who is muted."""

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError

from forum import clock
from forum.accounts.models import Mute, User
from forum.errors import NotAllowed
from forum.extensions import db


def mute(user: User, name: str, muted_id: int | None = None, guest_key: str | None = None) -> None:
    """Fold somebody's comments for this user from now on; twice is once. Raises NotAllowed for oneself, or for nobody known."""
    if muted_id == user.id or (muted_id is None) == (guest_key is None):
        raise NotAllowed()
    row = Mute(user_id=user.id, muted_id=muted_id, guest_key=guest_key, name=name[:200], muted_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return


def unmute(user: User, mute_id: int) -> bool:
    """Fold them no more; tell whether there was such a mute of this user's."""
    gone = db.session.execute(delete(Mute).where(Mute.id == mute_id, Mute.user_id == user.id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def found(user: User, muted_id: int | None, guest_key: str | None) -> Mute | None:
    """Return the mute by which this user folds what this member, or else this guest, writes."""
    whom = Mute.muted_id == muted_id if muted_id is not None else Mute.guest_key == (guest_key or "")
    return db.session.scalar(select(Mute).where(Mute.user_id == user.id, whom))


def of(user: User) -> list[Mute]:
    """Return whom this user muted, the last one first."""
    return list(db.session.scalars(select(Mute).where(Mute.user_id == user.id).order_by(Mute.id.desc())))


def either_way(
    user_id: SQLColumnExpression[int | None],
    guest_key: SQLColumnExpression[str | None],
    other_id: SQLColumnExpression[int | None],
    other_key: SQLColumnExpression[str | None],
) -> ColumnElement[bool]:
    """Return the condition under which one of two people (each a member's id and a guest's key) muted the other."""
    return exists().where(
        or_(
            (Mute.user_id == user_id) & or_(Mute.muted_id == other_id, Mute.guest_key == other_key),
            (Mute.user_id == other_id) & or_(Mute.muted_id == user_id, Mute.guest_key == guest_key),
        )
    )
