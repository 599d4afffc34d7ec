"""Reading what readers sent in, for the desk, for its sender and for the article."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import User
from forum.corrections.models import Correction, Outcome
from forum.extensions import db


def waiting() -> Select[Correction]:
    """Return what nobody settled yet, the oldest first, what screening doubts after all else."""
    return (
        _loaded()
        .where(Correction.settled_at.is_(None))
        .order_by(Correction.is_doubtful, Correction.sent_at, Correction.id)
    )


def waiting_count() -> int:
    """Return how much waits for the desk, without what screening doubts."""
    counted = select(func.count()).where(Correction.settled_at.is_(None), Correction.is_doubtful.is_(False))
    return db.session.scalar(counted) or 0


def settled() -> Select[Correction]:
    """Return what was settled, the last one first."""
    return (
        _loaded().where(Correction.settled_at.is_not(None)).order_by(Correction.settled_at.desc(), Correction.id.desc())
    )


def at_article(article_id: int) -> Sequence[Correction]:
    """Return what was put right in an article and is marked there, the oldest first."""
    marked = _loaded().where(
        Correction.article_id == article_id, Correction.outcome == Outcome.CORRECTED.value, Correction.note != ""
    )
    return db.session.scalars(marked.order_by(Correction.settled_at, Correction.id)).all()


def of_user(user: User) -> Select[Correction]:
    """Return what this member sent in, the last one first."""
    return _loaded().where(Correction.user_id == user.id).order_by(Correction.id.desc())


def unseen(user: User) -> Select[Correction]:
    """Return what became of what this member sent in, where they have not read it, the last one first."""
    return of_user(user).where(Correction.settled_at.is_not(None), Correction.seen_at.is_(None))


def unseen_count(user: User) -> int:
    """Return of how much this member has not read what became of it."""
    counted = select(func.count()).select_from(Correction).where(Correction.user_id == user.id)
    return db.session.scalar(counted.where(Correction.settled_at.is_not(None), Correction.seen_at.is_(None))) or 0


def _loaded() -> Select[Correction]:
    return select(Correction).options(joinedload(Correction.article), joinedload(Correction.user))
