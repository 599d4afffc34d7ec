"""Reading what moderators did."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

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
    return dict(db.session.execute(acts).all())


def log() -> Select[*tuple[Any, ...]]:
    """Return every act, the newest first: the act, the moderator's name (None: gone), the comment."""
    return (
        select(ModerationAction, User.name, Comment)
        .outerjoin(User, User.id == ModerationAction.moderator_id)
        .join(Comment, Comment.id == ModerationAction.comment_id)
        .order_by(ModerationAction.id.desc())
    )
