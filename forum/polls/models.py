"""Polls, choices and votes."""

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.extensions import Model


class Poll(Model):
    """A question with answers on offer. `day` makes it that day's question; it stays so until the next one's day."""

    __tablename__ = "poll"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("max_choices >= 1", name="max_choices"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[dt.date | None] = mapped_column(unique=True)
    closes_at: Mapped[datetime | None]
    max_choices: Mapped[int] = mapped_column(default=1)
    vote_count: Mapped[int] = mapped_column(default=0)  # voters, not answers; kept in the vote's transaction
    carried_count: Mapped[int] = mapped_column(default=0)  # of them: voters that came with an import, without ballots
    created_at: Mapped[datetime]
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(120))

    choices: Mapped[list["Choice"]] = relationship(order_by="Choice.position", lazy="selectin", back_populates="poll")

    def is_open(self, now: datetime) -> bool:
        """Tell whether the poll takes votes at this moment."""
        return self.closes_at is None or now < self.closes_at


class Choice(Model):
    """An answer on offer, in its place."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("poll_id", "position"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    vote_count: Mapped[int] = mapped_column(default=0)
    carried_count: Mapped[int] = mapped_column(default=0)  # of them: those that came with an import, without ballots

    poll: Mapped[Poll] = relationship(back_populates="choices")


class Vote(Model):
    """One voter's recorded answer. The key says that it is the same voter, not who (see operations.voter_key)."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("poll_id", "voter_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    voter_key: Mapped[str] = mapped_column(String(64))
    voted_at: Mapped[datetime]

    answers: Mapped[list["VoteAnswer"]] = relationship(cascade="all, delete-orphan")


class VoteAnswer(Model):
    """A choice that a vote names."""

    __tablename__ = "vote_answer"

    vote_id: Mapped[int] = mapped_column(ForeignKey("vote.id", ondelete="CASCADE"), primary_key=True)
    choice_id: Mapped[int] = mapped_column(ForeignKey("choice.id", ondelete="CASCADE"), primary_key=True, index=True)
