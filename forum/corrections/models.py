"""What a reader says is wrong in an article, and what became of it."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import User
from forum.articles.models import Article
from forum.extensions import Model

_OPEN = text("settled_at IS NULL")


class Outcome(enum.StrEnum):
    """What became of it."""

    CORRECTED = "corrected"
    DECLINED = "declined"


class Correction(Model):
    """A fault that a reader saw: the desk's to settle, never public as it was sent. `note` is what the article then says."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("outcome IS NULL OR outcome IN ('corrected', 'declined')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
        Index("ix_correction_open", "sent_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(80), default="")  # a guest's, where they gave one
    address: Mapped[str | None] = mapped_column(String(254))  # a guest's; forgotten when it has served
    confirmed_at: Mapped[datetime | None]  # the guest showed that the address is theirs
    body: Mapped[str] = mapped_column(Text)
    wants_thanks: Mapped[bool] = mapped_column(default=False)  # by name, at the article
    is_doubtful: Mapped[bool] = mapped_column(default=False)  # as screening sees it: no letter goes out for it
    double_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(Text, default="")  # to who sent it
    note: Mapped[str] = mapped_column(Text, default="")  # at the article
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    settled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # the member who sent it read what became of it

    article: Mapped[Article] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])

    @property
    def sender_name(self) -> str:
        """Return the name of who sent it, or ""."""
        return self.user.name if self.user is not None else self.name
