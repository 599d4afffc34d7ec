"""Reading who follows what, and what they are to be told of at this moment."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, String, and_, func, literal, or_, select
from sqlalchemy.orm import joinedload

from forum import mail
from forum.accounts import mutes
from forum.accounts.models import User
from forum.comments.models import Comment
from forum.comments.queries import visible
from forum.extensions import db
from forum.following.models import Follow, Follower, Notice, Pace, Reason

MAILING = "comments"  # the name of the list in letters


def of_user(user: User) -> Follower | None:
    """Return the follower that this member is, once they were told of something or asked for it."""
    return db.session.scalar(select(Follower).where(Follower.user_id == user.id))


def of_token(token: str) -> Follower | None:
    """Return the guest whose letters carry this token."""
    return db.session.scalar(select(Follower).where(Follower.token == token, Follower.user_id.is_(None)))


def of_guest(address: str, guest_key: str) -> Follower | None:
    """Return the guest with this confirmed address, where it was confirmed for this cookie."""
    return db.session.scalar(select(Follower).where(Follower.address == address, Follower.guest_key == guest_key))


def address_of(follower: Follower) -> str:
    """Return where letters to this follower go."""
    return follower.user.email if follower.user is not None else follower.address or ""


def pace_of(follower: Follower) -> Pace:
    """Return how often letters come: never, too, to who pressed the button in one."""
    return Pace.NEVER if mail.has_declined(address_of(follower), MAILING) else Pace(follower.pace)


def follows(follower: Follower) -> Sequence[Follow]:
    """Return what somebody follows, the last one first."""
    rows = select(Follow).options(joinedload(Follow.discussion), joinedload(Follow.top))
    return db.session.scalars(rows.where(Follow.follower_id == follower.id).order_by(Follow.id.desc())).all()


def follow_of(follower: Follower, discussion_id: int, top_id: int | None) -> Follow | None:
    """Return how somebody follows this discussion, or this branch of it."""
    return db.session.scalar(
        select(Follow).where(
            Follow.follower_id == follower.id,
            Follow.discussion_id == discussion_id,
            Follow.top_id.is_not_distinct_from(top_id),
        )
    )


def notices(follower: Follower) -> Select[Notice]:
    """Return what somebody is told of and may read at this moment, the newest first.

    Left out is what was hidden, removed or let through since, and what is between two of whom one mutes the other.
    """
    return (
        select(Notice)
        .join(Comment, Comment.id == Notice.comment_id)
        .options(joinedload(Notice.comment).joinedload(Comment.discussion))
        .where(Notice.follower_id == follower.id, _holds(follower))
        .order_by(Notice.id.desc())
    )


def unmailed(follower: Follower) -> Sequence[Notice]:
    """Return what a letter to this follower would tell now, the oldest first."""
    rows = notices(follower).where(Notice.mailed_at.is_(None), Notice.seen_at.is_(None))
    return db.session.scalars(rows.order_by(None).order_by(Notice.id)).all()


def unseen_count(user: User) -> int:
    """Return how many notices this member has not read."""
    follower = of_user(user)
    if follower is None:
        return 0
    counted = select(func.count()).select_from(Notice).join(Comment, Comment.id == Notice.comment_id)
    return (
        db.session.scalar(counted.where(Notice.follower_id == follower.id, Notice.seen_at.is_(None), _holds(follower)))
        or 0
    )


def _holds(follower: Follower) -> ColumnElement[bool]:
    waits = and_(Comment.held_at.is_not(None), Comment.hidden_at.is_(None), Comment.removed_at.is_(None))
    # Bound values, for of a plain None SQLAlchemy makes IS NULL, which is true of somebody else's.
    me = literal(follower.user_id, Integer()), literal(follower.guest_key, String(64))
    muted = mutes.either_way(*me, Comment.user_id, Comment.guest_key)
    return or_(
        and_(Notice.reason == Reason.HELD.value, waits), and_(Notice.reason != Reason.HELD.value, visible(), ~muted)
    )
