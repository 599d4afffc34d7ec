"""Reading discussions: a page of one in tree order, where a comment stands in it, the latest comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from forum import clock, versions
from forum.accounts.models import User
from forum.articles.models import Article
from forum.articles.queries import public
from forum.comments.models import Comment, Discussion
from forum.extensions import db
from forum.polls.models import Poll

CONTEXT_BEFORE = 20  # comments above one that is looked up, when its branch's root is too far away


@dataclass(frozen=True)
class Page:
    """Some comments of a discussion in tree order, and the ids at which the pages beside it begin."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    has_previous: bool
    previous_from: int | None  # None with has_previous: the first page
    next_from: int | None


@dataclass(frozen=True)
class Reader:
    """Who reads: one's own held comments are shown to oneself."""

    user_id: int | None = None
    guest_key: str | None = None


def of_article(article_id: int) -> Discussion | None:
    """Return the discussion under an article or page."""
    return _watched(db.session.scalar(select(Discussion).where(Discussion.article_id == article_id)))


def of_poll(poll_id: int) -> Discussion | None:
    """Return the discussion under a poll."""
    return _watched(db.session.scalar(select(Discussion).where(Discussion.poll_id == poll_id)))


def subject(discussion: Discussion) -> Article | Poll:
    """Return what the discussion is about."""
    found = (
        db.session.get(Article, discussion.article_id)
        if discussion.article_id
        else db.session.get(Poll, discussion.poll_id)
    )
    assert found is not None  # noqa: S101  the foreign keys see to it
    return found


def subject_is_public(discussion: Discussion) -> bool:
    """Tell whether readers see what the discussion is about at this moment."""
    about = subject(discussion)
    if isinstance(about, Article):
        return about.is_published(clock.now())
    return about.day is None or about.day <= clock.today()


def page(discussion: Discussion, size: int, start: Comment | None = None, reader: Reader | None = None) -> Page:
    """Return `size` comments in tree order from `start` on (None: from the first).

    One keyset query on (discussion, path) for the page, one more for what stands before it. Held comments are left out, but
    for the reader's own and those that were answered while they could be seen.
    """
    shown = and_(Comment.discussion_id == discussion.id, _shown_to(reader))
    wanted = (
        select(
            Comment.id,
            Comment.parent_id,
            Comment.path,
            Comment.depth,
            Comment.user_id,
            Comment.guest_key,
            func.coalesce(User.name, Comment.author_name).label("author_name"),
            Comment.body_html,
            Comment.created_at,
            Comment.held_at,
            Comment.hidden_at,
            Comment.removed_at,
        )
        .outerjoin(User, User.id == Comment.user_id)
        .where(shown)
        .order_by(Comment.path)
        .limit(size + 1)
    )
    if start is not None:
        wanted = wanted.where(Comment.path >= start.path)
    rows = db.session.execute(wanted).all()
    previous: Sequence[int] = []
    if start is not None:
        before = select(Comment.id).where(shown, Comment.path < start.path).order_by(Comment.path.desc())
        previous = db.session.scalars(before.limit(size + 1)).all()
    return Page(
        rows=rows[:size],
        has_previous=bool(previous),
        previous_from=previous[size - 1] if len(previous) > size else None,
        next_from=rows[size].id if len(rows) > size else None,
    )


def names_of(comment_ids: set[int]) -> dict[int, str]:
    """Return the author's name of each of these comments, for "in reply to" where the comment is not on the page."""
    if not comment_ids:
        return {}
    found = select(Comment.id, func.coalesce(User.name, Comment.author_name)).outerjoin(
        User, User.id == Comment.user_id
    )
    seen = Comment.hidden_at.is_(None) & Comment.removed_at.is_(None) & Comment.held_at.is_(None)
    return dict(db.session.execute(found.where(Comment.id.in_(comment_ids), seen)).all())


def page_start(comment: Comment, size: int, reader: Reader | None = None) -> Comment | None:
    """Return the comment at which the page begins that shows this one to its reader; None: the discussion's first page does.

    The branch's root where it stands on the same page, else the twenty before it.
    """
    before = select(Comment.id, Comment.path).where(
        Comment.discussion_id == comment.discussion_id, Comment.path < comment.path, _shown_to(reader)
    )
    nearest = db.session.execute(before.order_by(Comment.path.desc()).limit(size)).all()
    if len(nearest) < size:
        return None
    reach = [row.id for row in nearest[: size - 1]]  # from where a page still holds the comment itself
    if comment.root_id is None or not reach:
        return comment
    start = comment.root_id if comment.root_id in reach else reach[min(CONTEXT_BEFORE, len(reach)) - 1]
    return db.session.get(Comment, start)


def by_source_id(discussion: Discussion, source_id: str) -> Comment | None:
    """Return the comment of this discussion that had this id in the old system."""
    found = select(Comment).where(Comment.discussion_id == discussion.id, Comment.source_id == source_id).limit(1)
    return db.session.scalar(found)


def counts(article_ids: Sequence[int]) -> dict[int, int]:
    """Return the number of visible comments of each of these articles."""
    versions.depends_on(versions.SIDEBAR)
    found = select(Discussion.article_id, Discussion.comment_count).where(Discussion.article_id.in_(article_ids))
    return {article_id: count for article_id, count in db.session.execute(found) if article_id is not None}


def latest(limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest visible comments on published articles, newest first: id, name, HTML, and the article's headline."""
    versions.depends_on(versions.SIDEBAR)
    wanted = (
        select(
            Comment.id,
            func.coalesce(User.name, Comment.author_name).label("author_name"),
            Comment.body_html,
            Article.headline,
        )
        .join(Discussion, Discussion.id == Comment.discussion_id)
        .join(Article, Article.id == Discussion.article_id)
        .outerjoin(User, User.id == Comment.user_id)
        .where(visible(), public())
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return db.session.execute(wanted).all()


def held() -> Select[Comment]:
    """Return the comments that wait for a moderator, the longest waiting first."""
    waiting = Comment.held_at.is_not(None) & Comment.hidden_at.is_(None) & Comment.removed_at.is_(None)
    return select(Comment).options(joinedload(Comment.discussion)).where(waiting).order_by(Comment.held_at, Comment.id)


def last_of_guest(guest_key: str) -> Comment | None:
    """Return what this guest wrote last, for the name that their form begins with."""
    return db.session.scalar(select(Comment).where(Comment.guest_key == guest_key).order_by(Comment.id.desc()).limit(1))


def visible(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Return the condition under which everybody may read a comment."""
    return and_(comment.held_at.is_(None), comment.hidden_at.is_(None), comment.removed_at.is_(None))


def _shown_to(reader: Reader | None) -> ColumnElement[bool]:
    shown = [Comment.held_at.is_(None), Comment.reply_count > 0]
    if reader is not None and reader.user_id is not None:
        shown.append(Comment.user_id == reader.user_id)
    if reader is not None and reader.guest_key is not None:
        shown.append(Comment.guest_key == reader.guest_key)
    return or_(*shown)


def _watched(discussion: Discussion | None) -> Discussion | None:
    if discussion is not None and discussion.closes_at is not None and discussion.closes_at > clock.now():
        versions.holds_until(discussion.closes_at)
    return discussion
