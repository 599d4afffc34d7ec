"""Who wants to be told, what they follow, and what they were told of."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import User
from forum.comments.models import Comment, Discussion
from forum.extensions import Model

_WHOLE, _BRANCH = text("top_id IS NULL"), text("top_id IS NOT NULL")
_UNMAILED = text("mailed_at IS NULL")


class Pace(enum.StrEnum):
    """How often letters come."""

    DIRECT = "direct"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Reason(enum.StrEnum):
    """Why somebody is told of a comment; of several the first counts."""

    REPLY = "reply"
    BRANCH = "branch"
    DISCUSSION = "discussion"
    ARTICLE = "article"  # one's own
    HELD = "held"  # it waits for a moderator


class Follower(Model):
    """Somebody who is told: a member, or a guest by the address that they confirmed."""

    __tablename__ = "follower"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (address IS NULL)", name="one_person"),
        CheckConstraint("pace IN ('direct', 'hourly', 'daily', 'weekly', 'never')", name="pace"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    address: Mapped[str | None] = mapped_column(String(254), unique=True)
    guest_key: Mapped[str | None] = mapped_column(String(64), index=True)  # of the guest's comments
    token: Mapped[str] = mapped_column(String(43), unique=True)  # in a guest's letters: the way to what they follow
    language: Mapped[str] = mapped_column(String(5))
    pace: Mapped[str] = mapped_column(String(10))
    wants_replies: Mapped[bool] = mapped_column(default=True)  # replies to one's own comments
    due_at: Mapped[datetime | None]  # of the next letter; None: nothing waits
    created_at: Mapped[datetime]

    user: Mapped[User | None] = relationship()


class Follow(Model):
    """One discussion that somebody follows, or the branch below one of its comments."""

    __tablename__ = "follow"
    __table_args__ = (
        Index(
            "uq_follow_whole", "follower_id", "discussion_id", unique=True, sqlite_where=_WHOLE, postgresql_where=_WHOLE
        ),
        Index("uq_follow_branch", "follower_id", "top_id", unique=True, sqlite_where=_BRANCH, postgresql_where=_BRANCH),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("follower.id", ondelete="CASCADE"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussion.id", ondelete="CASCADE"), index=True)
    top_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

    discussion: Mapped[Discussion] = relationship()
    top: Mapped[Comment | None] = relationship()


class Notice(Model):
    """That somebody is told of a comment: in the site until it is read, by mail once."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("follower_id", "comment_id"),
        CheckConstraint("reason IN ('reply', 'branch', 'discussion', 'article', 'held')", name="reason"),
        Index("ix_notice_unmailed", "follower_id", sqlite_where=_UNMAILED, postgresql_where=_UNMAILED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(ForeignKey("follower.id", ondelete="CASCADE"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(10))
    told_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship()
