"""One row per act of power."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.extensions import Model


class Verb(enum.StrEnum):
    """What was done."""

    APPROVE = "approve"
    HIDE = "hide"
    RESTORE = "restore"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


class ModerationAction(Model):
    """Who did what to which comment, or to whom, why and when."""

    __tablename__ = "moderation_action"
    __table_args__ = (
        CheckConstraint("(comment_id IS NULL) <> (user_id IS NULL)", name="one_target"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(String(20))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime | None]  # of a suspension
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    acted_at: Mapped[datetime]
