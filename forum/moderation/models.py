"""One row per act of power."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.extensions import Model


class Verb(enum.StrEnum):
    """What was done."""

    APPROVE = "approve"
    HIDE = "hide"
    RESTORE = "restore"


class ModerationAction(Model):
    """Who did what to which comment, why and when."""

    __tablename__ = "moderation_action"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(String(20))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    moderator_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    acted_at: Mapped[datetime]
