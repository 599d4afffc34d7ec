"""What a discussion is worth to others: what readers value, what editors put above it, and where it stands in their words."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from forum import clock, signals, versions
from forum.accounts import policy
from forum.accounts.models import Mute, User
from forum.comments import queries
from forum.comments.models import Comment, Discussion, Highlight, Summary, Valued
from forum.errors import InvalidComment, NotAllowed, ParentGone, ReasonNeeded
from forum.extensions import db

LONGEST_REASON = 300  # characters
LONGEST_SUMMARY = 4000


# What readers value


def value(comment: Comment, user: User) -> None:
    """Count that this reader finds the comment worthwhile; twice is once, and the database decides that.

    Raises ParentGone for what cannot be read, NotAllowed for one's own.
    """
    _readable(comment)
    if comment.user_id == user.id:
        raise NotAllowed(_l("That is your own comment."))
    try:
        with db.session.begin_nested():
            db.session.add(Valued(comment_id=comment.id, user_id=user.id, valued_at=clock.now()))
    except IntegrityError:
        return
    _count(comment, +1)


def take_back(comment: Comment, user: User) -> None:
    """Count it no more; twice is once."""
    gone = db.session.execute(delete(Valued).where(Valued.comment_id == comment.id, Valued.user_id == user.id))
    if gone.rowcount:  # type: ignore[attr-defined]
        _count(comment, -1)


def valued_by(user_id: int, comment_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these comments this reader valued."""
    wanted = list(comment_ids)
    found = select(Valued.comment_id).where(Valued.user_id == user_id, Valued.comment_id.in_(wanted))
    return frozenset(db.session.scalars(found)) if wanted else frozenset()


@signals.user_leaving.connect
def _let_go(user: User, blank_comments: bool) -> None:
    """Take what somebody valued out of the counts before they go."""
    theirs = select(Valued.comment_id).where(Valued.user_id == user.id)
    for comment in db.session.scalars(select(Comment).where(Comment.id.in_(theirs))).all():
        take_back(comment, user)


def _count(comment: Comment, change: int) -> None:
    own = update(Comment).where(Comment.id == comment.id)
    db.session.execute(own.values(valued_count=Comment.valued_count + change))
    _changed(comment.discussion)


# What editors put above it


def highlight(comment: Comment, editor: User, reason: str) -> None:
    """Put a comment above its discussion, with why; a second time changes the reason.

    Raises NotAllowed (no editor, or one's own comment), ParentGone for what cannot be read, ReasonNeeded.
    """
    policy.require(policy.may_publish(editor) and comment.user_id != editor.id)
    _readable(comment)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonNeeded()
    row = db.session.get(Highlight, comment.id) or Highlight(comment_id=comment.id)
    row.reason, row.editor_id, row.highlighted_at = reason, editor.id, clock.now()
    db.session.add(row)
    db.session.flush()
    _changed(comment.discussion)


def end_highlight(comment: Comment, editor: User) -> None:
    """Put it there no more. Raises NotAllowed."""
    policy.require(policy.may_publish(editor))
    db.session.execute(delete(Highlight).where(Highlight.comment_id == comment.id))
    _changed(comment.discussion)


def highlights(discussion: Discussion) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the comments that stand above a discussion, the oldest first: id, author's name, HTML, reason."""
    found = (
        select(
            Comment.id,
            func.coalesce(User.name, Comment.author_name).label("author_name"),
            Comment.body_html,
            Highlight.reason,
        )
        .join(Highlight, Highlight.comment_id == Comment.id)
        .outerjoin(User, User.id == Comment.user_id)
        .where(Comment.discussion_id == discussion.id, queries.visible())
    )
    return db.session.execute(found.order_by(Highlight.highlighted_at, Comment.id)).all()


def summarise(discussion: Discussion, editor: User, body: str) -> None:
    """Pin where the discussion stands; nothing typed takes it away. Raises NotAllowed, InvalidComment (too long)."""
    policy.require(policy.may_publish(editor))
    if len(body) > LONGEST_SUMMARY:
        raise InvalidComment(_l("At most %(most)s characters fit here.", most=LONGEST_SUMMARY))
    row = db.session.get(Summary, discussion.id)
    if not body.strip():
        if row is not None:
            db.session.delete(row)
    else:
        row = row or Summary(discussion_id=discussion.id)
        row.body, row.editor_id, row.written_at = body, editor.id, clock.now()
        db.session.add(row)
    db.session.flush()
    _changed(discussion)


# Whose comments are folded


def muted_by(user_id: int) -> tuple[frozenset[int], frozenset[str]]:
    """Return whom this reader muted: the ids of members, and the keys of guests."""
    rows = db.session.execute(select(Mute.muted_id, Mute.guest_key).where(Mute.user_id == user_id)).all()
    return frozenset(row[0] for row in rows if row[0]), frozenset(row[1] for row in rows if row[1])


def _readable(comment: Comment) -> None:
    if not comment.is_visible or not queries.subject_is_public(comment.discussion):
        raise ParentGone(_l("This comment is no longer there."))


def _changed(discussion: Discussion) -> None:
    """Say that the pages of this discussion read differently; no other page shows what is worth what."""
    own = versions.article(discussion.article_id) if discussion.article_id else versions.poll(discussion.poll_id or 0)
    versions.bump(own)
