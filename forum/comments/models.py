"""Discussions and comments.

A discussion is a list in tree order. Each comment has a `path`: its parent's path and a piece of its own, four digits in base
36 of the discussion's own count, so that sorting by path walks the tree, oldest first, in one index. The true parent is always
kept; below depth 250 a reply's path hangs beside its parent instead of below it.
"""

import enum
import hashlib
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.accounts.models import Actor, User
from forum.extensions import ByteString, Model

PIECE = 4  # digits
DEEPEST = 250  # pieces in a path; an index entry of 1,000 bytes is well below PostgreSQL's 2,704
MOST_COMMENTS = 36**PIECE - 1


class Mode(enum.StrEnum):
    """Who may add to a discussion."""

    OPEN = "open"
    MEMBERS = "members"
    CLOSED = "closed"


class State(enum.StrEnum):
    """How a comment stands; told by its moments."""

    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
    REMOVED = "removed"


def guest_key(token: str) -> str:
    """Return what is kept of a guest's cookie: its hash, so that the database cannot be used to pass for the guest."""
    return hashlib.sha256(token.encode()).hexdigest()


class Discussion(Model):
    """All comments under one article, page or poll."""

    __tablename__ = "discussion"
    __table_args__ = (
        CheckConstraint("(article_id IS NULL) <> (poll_id IS NULL)", name="one_subject"),
        CheckConstraint("mode IN ('open', 'members', 'closed')", name="mode"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), unique=True)
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), unique=True)
    mode: Mapped[str] = mapped_column(String(10), default=Mode.OPEN.value)
    closes_at: Mapped[datetime | None]
    close_after_days: Mapped[int | None]  # after the article appears; None: as the site says, 0: never
    closed_at: Mapped[datetime | None]  # when an editor closed it, and why
    closed_reason: Mapped[str | None] = mapped_column(String(200))
    slow_seconds: Mapped[int] = mapped_column(default=0)  # between two comments of one person; 0: no slow mode
    comment_count: Mapped[int] = mapped_column(default=0)  # the visible ones
    reader_count: Mapped[int] = mapped_column(default=0)  # who wrote those
    last_comment_at: Mapped[datetime | None]  # of those
    last_piece: Mapped[int] = mapped_column(default=0)  # how many pieces of paths were handed out

    def is_open(self, now: datetime) -> bool:
        """Tell whether the discussion takes comments (from members at least) at this moment."""
        return self.mode != Mode.CLOSED and (self.closes_at is None or now < self.closes_at)


class Comment(Model):
    """One contribution. What its author typed is in `body`; `body_html` is a rendering, made once."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        UniqueConstraint("discussion_id", "path"),
        CheckConstraint("depth >= 0 AND depth < 250", name="depth"),
        Index("ix_comment_latest", "created_at", "id"),
        Index("ix_comment_newest", "discussion_id", "created_at", "id"),
        Index("ix_comment_valued", "discussion_id", "valued_count", "created_at", "id"),
        Index(
            "ix_comment_branches",
            "discussion_id",
            "branch_count",
            "id",
            sqlite_where=text("root_id IS NULL"),
            postgresql_where=text("root_id IS NULL"),
        ),
        Index(
            "ix_comment_held",
            "held_at",
            sqlite_where=text("held_at IS NOT NULL"),
            postgresql_where=text("held_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussion.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    root_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="SET NULL"), index=True
    )  # None: a root
    path: Mapped[str] = mapped_column(ByteString)
    depth: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    author_name: Mapped[str] = mapped_column(String(200))
    author_email: Mapped[str | None] = mapped_column(String(254))  # never shown
    claim_key: Mapped[str | None] = mapped_column(String(64), index=True)  # of an imported one: claims.claim_key
    guest_key: Mapped[str | None] = mapped_column(String(64), index=True)  # hash of the guest's cookie
    interest: Mapped[str | None] = mapped_column(String(80))  # what binds the author to the subject, in their own words
    body: Mapped[str] = mapped_column(Text)
    body_format: Mapped[str] = mapped_column(String(10), default="markdown")
    body_html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    hold_reasons: Mapped[str | None] = mapped_column(Text)  # codes of screening, separated by spaces
    hidden_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    reply_count: Mapped[int] = mapped_column(default=0)  # direct replies that are not held
    branch_count: Mapped[int] = mapped_column(
        default=0
    )  # of a root: the visible comments of its branch, itself among them
    valued_count: Mapped[int] = mapped_column(default=0)
    double_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # see operations.double_key
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(120))
    source_digest: Mapped[str | None] = mapped_column(String(64))

    discussion: Mapped[Discussion] = relationship()

    @property
    def state(self) -> State:
        """Return how the comment stands: what its author or a moderator took away comes before what waits."""
        if self.removed_at is not None:
            return State.REMOVED
        if self.hidden_at is not None:
            return State.HIDDEN
        return State.HELD if self.held_at is not None else State.VISIBLE

    def is_by(self, author: Actor) -> bool:
        """Tell whether this is who wrote it: the account, or the guest with the cookie of that time."""
        if isinstance(author, User):
            return self.user_id is not None and self.user_id == author.id
        return self.user_id is None and self.guest_key is not None and self.guest_key == guest_key(author.token)

    def is_editable(self, now: datetime, minutes: int) -> bool:
        """Tell whether its author may still change it: so many minutes long, and not what was taken out of sight."""
        in_time = now < self.created_at + timedelta(minutes=minutes)
        return in_time and self.state in {State.VISIBLE, State.HELD} and self.body_format == "markdown"

    @property
    def is_visible(self) -> bool:
        """Tell whether everybody may read it."""
        return self.state == State.VISIBLE


class CommentRevision(Model):
    """What a comment said before its author changed it. For moderators only."""

    __tablename__ = "comment_revision"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class CommentDraft(Model):
    """What a member is writing, so that the phone goes on with what the desk began."""

    __tablename__ = "comment_draft"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussion.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    parent_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: a comment of its own
    body: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64))  # of the form, by which a second send of it is known
    saved_at: Mapped[datetime]


class DiscussionVisit(Model):
    """Until which moment a member has seen a discussion."""

    __tablename__ = "discussion_visit"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    discussion_id: Mapped[int] = mapped_column(
        ForeignKey("discussion.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_at: Mapped[datetime]


class Valued(Model):
    """That a reader found a comment worthwhile: once, never the other way round."""

    __tablename__ = "valued"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    valued_at: Mapped[datetime]


class Highlight(Model):
    """That an editor puts a comment above its discussion, and why."""

    __tablename__ = "highlight"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    highlighted_at: Mapped[datetime]


class Summary(Model):
    """Where a discussion stands, in an editor's words; pinned above it."""

    __tablename__ = "summary"

    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussion.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    written_at: Mapped[datetime]
