"""Reading what moderators did."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from forum.accounts.models import User
from forum.comments.models import Comment
from forum.extensions import db
from forum.moderation.models import ModerationAction, Verb


def reasons(comment_ids: Iterable[int]) -> dict[int, str]:
    """Return the reason for which each of these hidden comments was hidden last."""
    wanted = list(comment_ids)
    if not wanted:
        return {}
    acts = (
        select(ModerationAction.comment_id, ModerationAction.reason)
        .where(ModerationAction.comment_id.in_(wanted), ModerationAction.verb == Verb.HIDE.value)
        .order_by(ModerationAction.id)
    )
    return {number: reason for number, reason in db.session.execute(acts) if number is not None}


def log() -> Select[*tuple[Any, ...]]:
    """Return every act, the newest first: the act, the moderator's name (None: gone), and the comment or the person."""
    target = aliased(User)
    return (
        select(ModerationAction, User.name, Comment, target)
        .outerjoin(User, User.id == ModerationAction.moderator_id)
        .outerjoin(Comment, Comment.id == ModerationAction.comment_id)
        .outerjoin(target, target.id == ModerationAction.user_id)
        .order_by(ModerationAction.id.desc())
    )


def about(user: User) -> Select[*tuple[Any, ...]]:
    """Return the acts that were aimed at somebody, the newest first: the act and the moderator's name (None: gone)."""
    return (
        select(ModerationAction, User.name)
        .outerjoin(User, User.id == ModerationAction.moderator_id)
        .where(ModerationAction.user_id == user.id)
        .order_by(ModerationAction.id.desc())
    )


def last_suspension(user: User) -> ModerationAction | None:
    """Return the act by which somebody was suspended last."""
    acts = select(ModerationAction).where(
        ModerationAction.user_id == user.id, ModerationAction.verb == Verb.SUSPEND.value
    )
    return db.session.scalar(acts.order_by(ModerationAction.id.desc()).limit(1))
